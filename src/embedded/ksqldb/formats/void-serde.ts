import type { Serde } from './format.js';

/** The serde for a side without columns: writes nothing and ignores what it reads. */
export const voidSerde: Serde = {
  deserialize: () => null,
  serialize: () => null,
};
