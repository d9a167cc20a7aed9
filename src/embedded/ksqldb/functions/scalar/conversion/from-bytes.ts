/** Functions that convert bytes to numbers. */

import { P_BIGINT, P_BYTES, P_DOUBLE, P_INT, P_STRING, param, scalar, signature } from '../../define.js';
import type { ParamType, ScalarFunction } from '../../function.js';
import { KsqlFunctionException } from '../../function-error.js';

type Read<T> = (bytes: Buffer, bigEndian: boolean) => T;

function isBigEndian(order: string | null): boolean {
  const name = order?.toUpperCase();
  if (name === 'BIG_ENDIAN') return true;
  if (name === 'LITTLE_ENDIAN') return false;
  throw new KsqlFunctionException(
    `Byte order must be BIG_ENDIAN or LITTLE_ENDIAN. Unknown byte order '${order}'.`,
  );
}

function fromBytes<T extends number | bigint>(
  name: string,
  what: string,
  type: ParamType,
  size: number,
  read: Read<T>,
): ScalarFunction {
  const convert = (value: Buffer | null, order: string | null): T | null => {
    const bigEndian = isBigEndian(order);
    if (value === null) return null;
    if (value.length !== size) {
      throw new KsqlFunctionException(`Number of bytes must be equal to ${size}, but found ${value.length}`);
    }
    return read(value, bigEndian);
  };
  const value = param('value', P_BYTES, `The ${size} bytes`);
  const order = param('byteOrder', P_STRING, "The order of the bytes: 'BIG_ENDIAN' or 'LITTLE_ENDIAN'");
  return scalar(
    name,
    {
      category: 'CONVERSIONS',
      description: `The ${what} that ${size} bytes stand for; NULL if there are more or fewer bytes.`,
    },
    signature([value], type, (bytes: Buffer | null) => convert(bytes, 'BIG_ENDIAN'), 'Big-endian'),
    signature([value, order], type, convert, 'In the given order of bytes'),
  );
}

export const INT_FROM_BYTES: ScalarFunction = fromBytes('INT_FROM_BYTES', 'INT', P_INT, 4, (bytes, big) =>
  big ? bytes.readInt32BE() : bytes.readInt32LE(),
);

export const BIGINT_FROM_BYTES: ScalarFunction = fromBytes(
  'BIGINT_FROM_BYTES',
  'BIGINT',
  P_BIGINT,
  8,
  (bytes, big) => (big ? bytes.readBigInt64BE() : bytes.readBigInt64LE()),
);

export const DOUBLE_FROM_BYTES: ScalarFunction = fromBytes(
  'DOUBLE_FROM_BYTES',
  'DOUBLE',
  P_DOUBLE,
  8,
  (bytes, big) => (big ? bytes.readDoubleBE() : bytes.readDoubleLE()),
);
