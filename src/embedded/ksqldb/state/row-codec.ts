import { structType } from '../../../sql/sql-type.js';
import type { Column } from '../schema/schema.js';
import type { Value } from '../types/value.js';
import { type StateCodec, stateCodec } from './codec.js';
import type { RowCodec } from './store-base.js';

/** The codec of rows with these columns. It is made at its first use: most stores of tests never write. */
export function rowCodec(columns: readonly Column[]): RowCodec {
  let codec: StateCodec | undefined;
  const made = (): StateCodec => {
    codec ??= stateCodec(structType(columns));
    return codec;
  };
  return {
    encode: (values) => made().encode(values),
    decode: (bytes) => {
      const values = made().decode(bytes) as Value[];
      return values;
    },
  };
}
