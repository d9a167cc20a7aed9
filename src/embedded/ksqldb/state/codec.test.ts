import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  arrayType,
  BIGINT,
  BOOLEAN,
  BYTES,
  DATE,
  DOUBLE,
  decimalType,
  INTEGER,
  mapType,
  type SqlType,
  STRING,
  structType,
  TIME,
  TIMESTAMP,
} from '../../../sql/sql-type.js';
import { Decimal } from '../types/decimal.js';
import type { Value } from '../types/value.js';
import { decodeValue, encodeValue } from './codec.js';

const seed = Number(process.env.PAYSTREAM_TEST_SEED ?? Date.now() % 1_000_000);
console.info(`codec.test.ts: seed ${seed}`);

interface Sample {
  readonly type: SqlType;
  readonly values: fc.Arbitrary<Value>;
}

const decimals = fc
  .tuple(fc.bigInt({ min: -(10n ** 60n), max: 10n ** 60n }), fc.integer({ min: -40, max: 40 }))
  .map(([unscaled, scale]) => new Decimal(unscaled, scale));

const scalars: readonly Sample[] = [
  { type: BOOLEAN, values: fc.boolean() },
  { type: INTEGER, values: fc.integer() },
  { type: BIGINT, values: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }) },
  { type: DOUBLE, values: fc.double() },
  { type: STRING, values: fc.string({ unit: 'binary' }) },
  {
    type: STRING,
    values: fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((c) => String.fromCharCode(c)) }),
  },
  { type: BYTES, values: fc.uint8Array().map((bytes) => Buffer.from(bytes)) },
  { type: DATE, values: fc.maxSafeInteger() },
  { type: TIME, values: fc.nat() },
  { type: TIMESTAMP, values: fc.maxSafeInteger() },
  { type: decimalType(38, 4), values: decimals },
];

const samples: fc.Arbitrary<Sample> = fc.letrec<{ sample: Sample }>((tie) => ({
  sample: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom(...scalars),
    tie('sample').map(({ type, values }) => ({
      type: arrayType(type),
      values: fc.array(fc.option(values), { maxLength: 4 }),
    })),
    tie('sample').map(({ type, values }) => ({
      type: mapType(BIGINT, type),
      values: fc
        .array(fc.tuple(fc.bigInt({ min: 0n, max: 9n }), fc.option(values)), { maxLength: 4 })
        .map((entries) => new Map<Value, Value>(entries)),
    })),
    fc.array(tie('sample'), { maxLength: 4 }).map((fields) => ({
      type: structType(fields.map(({ type }, i) => ({ name: `F${i}`, type }))),
      values: fc.tuple(...fields.map(({ values }) => fc.option(values))),
    })),
  ),
})).sample;

const cases = samples.chain(({ type, values }) => fc.option(values).map((value) => ({ type, value })));

describe('state codec', () => {
  it('reads back exactly what it wrote', () => {
    fc.assert(
      fc.property(cases, ({ type, value }) => {
        expect(decodeValue(type, encodeValue(type, value))).toEqual(value);
      }),
      { seed, numRuns: 1000 },
    );
  });

  it('answers damaged bytes with STATE_CORRUPT or a value, and never hangs', () => {
    fc.assert(
      fc.property(cases, fc.nat(), fc.nat(255), fc.boolean(), ({ type, value }, at, byte, cut) => {
        const bytes = encodeValue(type, value);
        const damaged = cut ? bytes.subarray(0, at % bytes.length) : Buffer.from(bytes);
        if (!cut) damaged[at % bytes.length] = byte;
        try {
          decodeValue(type, damaged);
        } catch (error) {
          expect(error).toMatchObject({ code: 'STATE_CORRUPT' });
        }
      }),
      { seed, numRuns: 1000 },
    );
  });

  it('refuses another version', () => {
    expect(() => decodeValue(INTEGER, Buffer.from([2, 0]))).toThrow('version 2');
  });
});
