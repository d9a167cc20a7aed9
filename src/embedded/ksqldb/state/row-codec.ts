import { structType } from '../../../sql/sql-type.js';
import type { Column } from '../schema/schema.js';
import type { Value } from '../types/value.js';
import { type StateCodec, stateCodec } from './codec.js';
import type { RowCodec } from './store-base.js';

/** Creates a codec for rows with these columns on first use, because stores in memory never need it. */
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
