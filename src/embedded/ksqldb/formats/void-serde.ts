import type { Serde } from './format.js';

/** For a side without columns: nothing is written, and whatever is there is not read. */
export const voidSerde: Serde = {
  deserialize: () => null,
  serialize: () => null,
};
