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
import type { Column } from '../schema/schema.js';
import { Decimal } from '../types/decimal.js';
import type { Value } from '../types/value.js';
import { jsonFormat } from './json-format.js';

const seed = Number(process.env.PAYSTREAM_TEST_SEED ?? Date.now() % 1_000_000);
const property = { seed, numRuns: 300 };
console.info(`json-format.test.ts: seed ${seed}`);

function serdeOf(columns: readonly Column[], wrapSingle = true) {
  return jsonFormat.createSerde({ columns, properties: {}, wrapSingle, topic: 'T', isKey: false });
}

function read(type: SqlType, text: string): Value {
  return serdeOf([{ name: 'V', type }]).deserialize(Buffer.from(`{"V":${text}}`))![0]!;
}

function write(type: SqlType, value: Value): string {
  return serdeOf([{ name: 'V', type }])
    .serialize([value])!
    .toString()
    .slice(5, -1);
}

function problem(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    return (error as Error).message.replace('Failed to deserialize value from topic: T. ', '');
  }
  throw new Error('no error');
}

const money = decimalType(19, 4);

describe('reading JSON', () => {
  it.each<[SqlType, string, Value]>([
    [BIGINT, '9223372036854775807', 9223372036854775807n],
    [BIGINT, '-9223372036854775808', -9223372036854775808n],
    [BIGINT, '12345678901234567890', -6101065172474983726n],
    [BIGINT, '"42"', 42n],
    [BIGINT, '1.9', 1n],
    [BIGINT, '-1.9e1', -19n],
    [BIGINT, '1e999999999', 0n],
    [BIGINT, '1e-999999999', 0n],
    [INTEGER, '2147483648', -2147483648],
    [INTEGER, '"-7"', -7],
    [INTEGER, '7.5', 7],
    [DOUBLE, '1e3', 1000],
    [DOUBLE, '"1.5"', 1.5],
    [DOUBLE, '-0', 0],
    [money, '1', new Decimal(10000n, 4)],
    [money, '0.0100', new Decimal(100n, 4)],
    [money, '"12.34"', new Decimal(123400n, 4)],
    [money, '1e2', new Decimal(1000000n, 4)],
    [money, '1.50000000', new Decimal(15000n, 4)],
    [money, '-999999999999999.9999', new Decimal(-9999999999999999999n, 4)],
    [money, '0e-99999999', new Decimal(0n, 4)],
    [STRING, '"a\\u00e9\\n\\"\\\\\\/"', 'aé\n"\\/'],
    [STRING, '"Nguyễn 😀"', 'Nguyễn 😀'],
    [STRING, '1.0E7', '1.0E+7'],
    [STRING, '10', '10'],
    [STRING, 'true', 'true'],
    [STRING, '{ "b" : 1.50, "a":[1, null], "b":"x" }', '{"b":"x","a":[1,null]}'],
    [STRING, '[1, "x", null, {"a": 1}]', '[1, x, null, {"a":1}]'],
    [BOOLEAN, 'false', false],
    [BYTES, '"AQI="', Buffer.from([1, 2])],
    [DATE, '1', 1],
    [TIME, '"86400000"', 86400000],
    [TIMESTAMP, '-1', -1],
    [arrayType(INTEGER), '[1,null,"3"]', [1, null, 3]],
    [
      mapType(STRING, BIGINT),
      '{"a":1,"b":null,"a":2}',
      new Map<Value, Value>([
        ['a', 2n],
        ['b', null],
      ]),
    ],
    [structType([{ name: 'A', type: BIGINT }]), '{"a":"1"}', [1n]],
    [BIGINT, 'null', null],
  ])('%o from %s', (type, text, expected) => {
    expect(read(type, text)).toEqual(expected);
  });

  it.each<[SqlType, string, string]>([
    [BIGINT, '"x"', "Can't coerce string to type. targetType: BIGINT, path: $.V"],
    [BIGINT, '"9223372036854775808"', "Can't coerce string to type. targetType: BIGINT, path: $.V"],
    [BIGINT, 'true', "Can't convert type. sourceType: BooleanNode, requiredType: BIGINT, path: $.V"],
    [BOOLEAN, '1', "Can't convert type. sourceType: IntNode, requiredType: BOOLEAN, path: $.V"],
    [BOOLEAN, '3000000000', "Can't convert type. sourceType: LongNode, requiredType: BOOLEAN, path: $.V"],
    [
      money,
      '1.23456',
      "Cannot fit decimal '1.23456' into DECIMAL(19, 4) without rounding. (Requires 6,5), path: $.V",
    ],
    [
      decimalType(4, 2),
      '100',
      'Numeric field overflow: A field with precision 4 and scale 2 must round to an absolute value less than 10^2. Got 100, path: $.V',
    ],
    [
      arrayType(BIGINT),
      '[1,[]]',
      "Can't convert type. sourceType: ArrayNode, requiredType: BIGINT, path: $.V[1]",
    ],
    [
      mapType(STRING, structType([{ name: 'A', type: INTEGER }])),
      '{"k":{"A":{}}}',
      "Can't convert type. sourceType: ObjectNode, requiredType: INTEGER, path: $.V.k.value.A",
    ],
    [
      TIME,
      '-1',
      'Time values must use number of milliseconds greater than 0 and less than 86400000., path: $.V',
    ],
    [
      arrayType(structType([{ name: 'a', type: INTEGER }])),
      '1',
      "Can't convert type. sourceType: IntNode, requiredType: ARRAY<STRUCT<a INT>>, path: $.V",
    ],
  ])('%o refuses %s', (type, text, expected) => {
    expect(problem(() => read(type, text))).toBe(expected);
  });

  const list = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')";
  it.each([
    ['this is not', `Unrecognized token 'this': was expecting ${list}`],
    ['{"V":tru}', `Unrecognized token 'tru': was expecting ${list}`],
    [
      '{"V" 1}',
      "Unexpected character ('1' (code 49)): was expecting a colon to separate field name and value",
    ],
    ['{V:1}', "Unexpected character ('V' (code 86)): was expecting double-quote to start field name"],
    ['{"V":1 2}', "Unexpected character ('2' (code 50)): was expecting comma to separate Object entries"],
    ['{"V":01}', 'Invalid numeric value: Leading zeroes not allowed'],
    ['{"V":1', 'Unexpected end-of-input: expected close marker for Object'],
    ['[1,2', 'Unexpected end-of-input: expected close marker for Array'],
    ['{"V":"abc', 'Unexpected end-of-input: was expecting closing quote for a string value'],
    ['', "Can't convert type. sourceType: MissingNode, requiredType: STRUCT<V VARCHAR>, path: $"],
    ['"x"', "Can't convert type. sourceType: TextNode, requiredType: STRUCT<V VARCHAR>, path: $"],
    ['[{"V":1}]', "Can't convert type. sourceType: ArrayNode, requiredType: STRUCT<V VARCHAR>, path: $"],
    [
      '\u0000{}',
      'Illegal character ((CTRL-CHAR, code 0)): only regular white space (\\r, \\n, \\t) is allowed between tokens',
    ],
  ])('%j is refused in the words that ksqlDB uses', (text, expected) => {
    const serde = serdeOf([{ name: 'V', type: STRING }]);
    expect(problem(() => serde.deserialize(Buffer.from(text)))).toBe(expected);
  });

  it('finds a column by its exact name, or by the upper-cased name of the member', () => {
    const serde = serdeOf([
      { name: 'ID', type: BIGINT },
      { name: 'trxId', type: BIGINT },
    ]);
    const row = (text: string) => serde.deserialize(Buffer.from(text));
    expect(row('{"id":1,"trxId":2}')).toEqual([1n, 2n]);
    expect(row('{"Id":1,"TRXID":2,"trxid":3}')).toEqual([1n, null]);
    expect(row('{"ID":1,"id":"no number"}')).toEqual([1n, null]);
    expect(row('{"id":"no number","ID":1}')).toEqual([1n, null]);
    expect(row('{"id":1,"Id":2,"id":3}')).toEqual([2n, null]);
    expect(row('{"id":1,"id":2}')).toEqual([2n, null]);
    expect(row('{"ID":null,"id":2}')).toEqual([null, null]);
    expect(row('{}')).toEqual([null, null]);
    expect(row(' \n{ "x" : [ { } , [ ] ] , "id" : 5 } trailing')).toEqual([5n, null]);
  });

  it('distinguishes null bytes, a JSON null, and a single unwrapped column', () => {
    const wrapped = serdeOf([{ name: 'V', type: BIGINT }]);
    const alone = serdeOf([{ name: 'V', type: BIGINT }], false);
    expect(wrapped.deserialize(null)).toBeNull();
    expect(wrapped.deserialize(Buffer.from('null'))).toBeNull();
    expect(alone.deserialize(null)).toBeNull();
    expect(alone.deserialize(Buffer.from('null'))).toEqual([null]);
    expect(alone.deserialize(Buffer.from(' 7 '))).toEqual([7n]);
    expect(alone.serialize([7n])?.toString()).toBe('7');
    expect(alone.serialize([null])).toBeNull();
    expect(wrapped.serialize(null)).toBeNull();
  });

  it('never shows a possible card number', () => {
    const card = '4111111111111111';
    const serde = serdeOf([
      { name: 'N', type: money },
      { name: 'B', type: BYTES },
      { name: 'M', type: mapType(STRING, BIGINT) },
      { name: 'I', type: BIGINT },
    ]);
    const texts = [
      `{"N":${card}.12345}`,
      `{"N":"${card}${card}"}`,
      `{"N":"${card} "}`,
      `{"B":"${card}!"}`,
      `{"M":{"${card}":"x"}}`,
      `{"I":"${card}x"}`,
      `A${card}`,
      `{"N":${card}`,
      `"${card}"`,
      `{"I":nul${card}}`,
      `{"${card}" 1}`,
    ];
    for (const text of texts) {
      expect(problem(() => serde.deserialize(Buffer.from(text)))).not.toMatch(/\d{9}/);
    }
  });

  it('bounds the depth and the length of numbers', () => {
    const serde = serdeOf([{ name: 'V', type: STRING }]);
    const nested = (depth: number) => Buffer.from(`{"V":${'['.repeat(depth)}${']'.repeat(depth)}}`);
    expect(serde.deserialize(nested(999))).toEqual([`${'['.repeat(999)}${']'.repeat(999)}`]);
    const wide = `${'['.repeat(990)}${'1,'.repeat(400_000)}1${']'.repeat(990)}`;
    expect((serde.deserialize(Buffer.from(`{"V":${wide}}`))![0] as string).length).toBe(1_201_981);
    expect(problem(() => serde.deserialize(nested(1000)))).toContain('nesting depth (1001)');
    expect(problem(() => serde.deserialize(Buffer.from(`{"V":${'['.repeat(5_000_000)}`)))).toContain('depth');
    expect(problem(() => serde.deserialize(Buffer.from(`{"V":${'9'.repeat(1001)}}`)))).toContain('length');
  });
});

describe('writing JSON', () => {
  it.each<[SqlType, Value, string]>([
    [money, new Decimal(10000n, 4), '1.0000'],
    [money, new Decimal(-1n, 4), '-0.0001'],
    [money, new Decimal(12345678901234567890n, 4), '1234567890123456.7890'],
    [decimalType(10, 8), new Decimal(1n, 8), '1E-8'],
    [decimalType(10, 8), new Decimal(100n, 8), '0.00000100'],
    [DOUBLE, 10, '10.0'],
    [DOUBLE, 1e7, '1.0E7'],
    [DOUBLE, Number.NaN, '"NaN"'],
    [BIGINT, -9223372036854775808n, '-9223372036854775808'],
    [BIGINT, 9007199254740991n, '9007199254740991'],
    [BIGINT, 10000000n, '10000000'],
    [STRING, 'a"\\\u001f\n/é', '"a\\"\\\\\\u001F\\n/é"'],
    [STRING, '\\u00ab', '"\\\\u00ab"'],
    [BYTES, Buffer.from([1, 2]), '"AQI="'],
    [structType([{ name: 'a', type: INTEGER }]), [null], '{"a":null}'],
    [structType([]), [], '{}'],
    [arrayType(BOOLEAN), [true, null], '[true,null]'],
    [mapType(STRING, INTEGER), new Map<Value, Value>([['k', 1]]), '{"k":1}'],
  ])('%o: %s', (type, value, expected) => {
    expect(write(type, value)).toBe(expected);
  });
});

/** A type and a generator of its values. */
interface Sample {
  readonly type: SqlType;
  readonly values: fc.Arbitrary<Value>;
}

const scalars: readonly Sample[] = [
  { type: BOOLEAN, values: fc.boolean() },
  { type: INTEGER, values: fc.integer() },
  { type: BIGINT, values: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }) },
  { type: DOUBLE, values: fc.double({ noNaN: true, noDefaultInfinity: true }).map((n) => n + 0) },
  { type: STRING, values: fc.string({ unit: 'grapheme' }) },
  { type: STRING, values: fc.string({ unit: 'binary-ascii' }) },
  { type: BYTES, values: fc.uint8Array().map((bytes) => Buffer.from(bytes)) },
  { type: DATE, values: fc.integer() },
  { type: TIME, values: fc.integer({ min: 0, max: 86_400_000 }) },
  { type: TIMESTAMP, values: fc.maxSafeInteger() },
  {
    type: money,
    values: fc.bigInt({ min: -(10n ** 19n) + 1n, max: 10n ** 19n - 1n }).map((n) => new Decimal(n, 4)),
  },
  {
    type: decimalType(38, 20),
    values: fc.bigInt({ min: -(10n ** 38n) + 1n, max: 10n ** 38n - 1n }).map((n) => new Decimal(n, 20)),
  },
];

const samples: fc.Arbitrary<Sample> = fc.letrec<{ sample: Sample }>((tie) => ({
  sample: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.constantFrom(...scalars),
    tie('sample').map(({ type, values }) => ({
      type: arrayType(type),
      values: fc.array(fc.option(values), { maxLength: 4 }),
    })),
    tie('sample').map(({ type, values }) => ({
      type: mapType(STRING, type),
      values: fc
        .array(fc.tuple(fc.string({ unit: 'grapheme' }), fc.option(values)), { maxLength: 4 })
        .map((entries) => new Map<Value, Value>(entries)),
    })),
    fc.array(tie('sample'), { minLength: 1, maxLength: 4 }).map((fields) => ({
      type: structType(fields.map(({ type }, i) => ({ name: `f${i}`, type }))),
      values: fc.tuple(...fields.map(({ values }) => fc.option(values))),
    })),
  ),
})).sample;

describe('JSON properties', () => {
  it('reads back what it wrote, for every type', () => {
    const cases = samples.chain(({ type, values }) => values.map((value) => ({ type, value })));
    fc.assert(
      fc.property(cases, fc.boolean(), ({ type, value }, wrapSingle) => {
        const serde = serdeOf([{ name: 'v', type }], wrapSingle);
        expect(serde.deserialize(serde.serialize([value]))).toEqual([value]);
      }),
      property,
    );
  });

  it('reads any document like JSON.parse', () => {
    const serde = serdeOf([{ name: 'V', type: STRING }]);
    const integersOnly = fc
      .jsonValue({ noUnicodeString: false })
      .map((value) =>
        JSON.parse(JSON.stringify(value, (_, v) => (typeof v === 'number' ? Math.trunc(v % 1e9) + 0 : v))),
      );
    fc.assert(
      fc.property(integersOnly, fc.constantFrom(0, 2), (value, indent) => {
        const text = JSON.stringify({ V: { deep: value } }, null, indent);
        const [read] = serde.deserialize(Buffer.from(text))!;
        expect(JSON.parse(read as string)).toEqual({ deep: value });
      }),
      property,
    );
  });

  it('turns any bytes into a row, null or a DeserializeError', () => {
    const serde = serdeOf(scalars.map(({ type }, i) => ({ name: `F${i}`, type })));
    const broken = fc.tuple(fc.json(), fc.nat(), fc.nat(255)).map(([text, at, byte]) => {
      const bytes = Buffer.from(`{"f0":true,"f1":${text}}`);
      bytes[at % bytes.length] = byte;
      return bytes;
    });
    const bytes = fc.oneof(
      fc.uint8Array().map((raw) => Buffer.from(raw)),
      broken,
    );
    fc.assert(
      fc.property(bytes, (input) => {
        try {
          serde.deserialize(input);
        } catch (error) {
          expect((error as Error).name).toBe('DeserializeError');
        }
      }),
      { ...property, numRuns: 2000 },
    );
  });

  it('refuses what JSON.parse refuses', () => {
    const serde = serdeOf([{ name: 'V', type: STRING }]);
    const mutated = fc
      .tuple(fc.jsonValue(), fc.nat(), fc.constantFrom(...'{}[],:"\\0e-.tfnu '))
      .map(([value, at, char]) => {
        const text = JSON.stringify({ V: value });
        const cut = 1 + (at % (text.length - 1));
        return text.slice(0, cut) + char + text.slice(cut);
      });
    fc.assert(
      fc.property(mutated, (text) => {
        let valid = true;
        try {
          JSON.parse(text);
        } catch {
          valid = false;
        }
        let read = true;
        try {
          serde.deserialize(Buffer.from(text));
        } catch {
          read = false;
        }
        // Anything after the first value is ignored.
        if (valid || !text.trimEnd().endsWith('}')) expect(read || !valid).toBe(true);
        else if (read) expect(() => JSON.parse(text)).toThrow(/after JSON/);
      }),
      { ...property, numRuns: 2000 },
    );
  });
});
