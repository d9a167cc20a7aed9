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
} from '../../../../sql/sql-type.js';
import { SchemaRegistry } from '../../../schema-registry/registry.js';
import type { SchemaText } from '../../../schema-registry/schema-text.js';
import type { Column } from '../../schema/schema.js';
import { Decimal } from '../../types/decimal.js';
import type { Value } from '../../types/value.js';
import type { FormatProperties } from '../format.js';
import { formatProperties } from '../format-properties.js';
import { formatNamed } from '../formats.js';
import {
  checkInferredColumns,
  checkOneDefinition,
  inferColumns,
  registerById,
  registerColumns,
} from './schema-inference.js';

const seed = Number(process.env.PAYSTREAM_TEST_SEED ?? Date.now() % 1_000_000);
console.info(`registry-formats.test.ts: seed ${seed}`);

function serdeOf(
  format: string,
  columns: readonly Column[],
  registry: SchemaRegistry = new SchemaRegistry(),
  properties: FormatProperties = formatProperties(format, false, 'S', {}),
  wrapSingle = true,
) {
  return formatNamed(format).createSerde({
    columns,
    properties,
    wrapSingle,
    topic: 'T',
    isKey: false,
    registry,
  });
}

function columnsOf(types: Readonly<Record<string, SqlType>>): Column[] {
  return Object.entries(types).map(([name, type]) => ({ name, type }));
}

function infer(
  registry: SchemaRegistry,
  format: string,
  options: { schemaId?: number; fullName?: string; isKey?: boolean; unwrap?: boolean } = {},
) {
  const { schemaId, fullName, isKey = false, unwrap = false } = options;
  const clause = {
    ...(schemaId === undefined ? {} : { schemaId }),
    ...(fullName === undefined ? {} : { schemaFullName: fullName }),
  };
  return inferColumns({
    registry,
    format: formatNamed(format),
    properties: formatProperties(format, isKey, 'S', clause),
    topic: 'T',
    ...(schemaId === undefined ? {} : { schemaId }),
    feature: unwrap ? 'UNWRAP_SINGLES' : null,
    isKey,
  });
}

const avro = (schema: unknown): SchemaText => ({ schemaType: 'AVRO', schema: JSON.stringify(schema) });
const proto = (body: string): SchemaText => ({
  schemaType: 'PROTOBUF',
  schema: `syntax = "proto3"; ${body}`,
});
const json = (schema: unknown): SchemaText => ({ schemaType: 'JSON', schema: JSON.stringify(schema) });

describe('schemas that are registered for columns', () => {
  const all = columnsOf({
    I: INTEGER,
    L: BIGINT,
    D: DOUBLE,
    B: BOOLEAN,
    S: STRING,
    X: BYTES,
    N: decimalType(4, 2),
    T: TIMESTAMP,
    A: arrayType(STRING),
    M: mapType(STRING, BIGINT),
    R: structType([{ name: 'F', type: DATE }]),
  });
  const register = (format: string, columns: readonly Column[], clause = {}) => {
    const registry = new SchemaRegistry();
    registerColumns({
      registry,
      format: formatNamed(format),
      properties: formatProperties(format, false, 'S', clause),
      topic: 'T',
      columns,
      feature: null,
      isKey: false,
      evenIfKnown: true,
    });
    return registry.version('T-value', 1).schema;
  };

  it('AVRO: optional fields, records named after their path, maps as lists of entries', () => {
    const namespace = 'io.confluent.ksql.avro_schemas';
    const name = `${namespace}.KsqlDataSourceSchema`;
    const field = (fieldName: string, type: unknown) => ({
      name: fieldName,
      type: ['null', type],
      default: null,
    });
    expect(JSON.parse(register('AVRO', all))).toEqual({
      type: 'record',
      name: 'KsqlDataSourceSchema',
      namespace,
      'connect.name': name,
      fields: [
        field('I', 'int'),
        field('L', 'long'),
        field('D', 'double'),
        field('B', 'boolean'),
        field('S', 'string'),
        field('X', 'bytes'),
        field('N', {
          type: 'bytes',
          scale: 2,
          precision: 4,
          'connect.version': 1,
          'connect.parameters': { scale: '2', 'connect.decimal.precision': '4' },
          'connect.name': 'org.apache.kafka.connect.data.Decimal',
          logicalType: 'decimal',
        }),
        field('T', {
          type: 'long',
          'connect.version': 1,
          'connect.name': 'org.apache.kafka.connect.data.Timestamp',
          logicalType: 'timestamp-millis',
        }),
        field('A', { type: 'array', items: ['null', 'string'] }),
        field('M', {
          type: 'array',
          items: {
            type: 'record',
            name: 'KsqlDataSourceSchema_M',
            fields: [field('key', 'string'), field('value', 'long')],
            'connect.internal.type': 'MapEntry',
          },
          'connect.name': `${name}_M`,
        }),
        field('R', {
          type: 'record',
          name: 'KsqlDataSourceSchema_R',
          fields: [
            field('F', {
              type: 'int',
              'connect.version': 1,
              'connect.name': 'org.apache.kafka.connect.data.Date',
              logicalType: 'date',
            }),
          ],
          'connect.name': `${name}_R`,
        }),
      ],
    });
  });

  it('PROTOBUF: plain, optional and wrapped scalars, nested messages, imports', () => {
    expect(register('PROTOBUF', all)).toBe(`syntax = "proto3";

import "confluent/meta.proto";
import "confluent/type/decimal.proto";
import "google/protobuf/timestamp.proto";
import "google/type/date.proto";

message ConnectDefault1 {
  int32 I = 1;
  int64 L = 2;
  double D = 3;
  bool B = 4;
  string S = 5;
  bytes X = 6;
  confluent.type.Decimal N = 7 [(confluent.field_meta) = {
    params: [
      {
        key: "precision",
        value: "4"
      },
      {
        key: "scale",
        value: "2"
      }
    ]
  }];
  google.protobuf.Timestamp T = 8;
  repeated string A = 9;
  repeated ConnectDefault2Entry M = 10;
  ConnectDefault3 R = 11;

  message ConnectDefault2Entry {
    string key = 1;
    int64 value = 2;
  }
  message ConnectDefault3 {
    google.type.Date F = 1;
  }
}
`);
    const two = columnsOf({ I: INTEGER, S: STRING });
    expect(register('PROTOBUF', two, { nullableRepresentation: 'OPTIONAL' })).toContain(
      'optional int32 I = 1;',
    );
    expect(register('PROTOBUF', two, { nullableRepresentation: 'WRAPPER' })).toContain(
      'import "google/protobuf/wrappers.proto";\n\nmessage ConnectDefault1 {\n  google.protobuf.Int32Value I = 1;',
    );
    expect(register('PROTOBUF', two, { schemaFullName: 'com.acme.Row' })).toContain(
      'package com.acme;\n\nmessage Row {',
    );
  });

  it('JSON_SR: null or the type, in the order of the columns', () => {
    expect(JSON.parse(register('JSON_SR', all.slice(0, 2)))).toEqual({
      type: 'object',
      properties: {
        I: { 'connect.index': 0, oneOf: [{ type: 'null' }, { type: 'integer', 'connect.type': 'int32' }] },
        L: { 'connect.index': 1, oneOf: [{ type: 'null' }, { type: 'integer', 'connect.type': 'int64' }] },
      },
    });
  });

  it('can be read again as the same columns', () => {
    for (const format of ['AVRO', 'PROTOBUF', 'JSON_SR']) {
      const registry = new SchemaRegistry();
      const request = { registry, format: formatNamed(format), topic: 'T', isKey: false, feature: null };
      const properties = formatProperties(format, false, 'S', {});
      registerColumns({ ...request, properties, columns: all, evenIfKnown: false });
      expect(inferColumns({ ...request, properties }).columns).toEqual(all);
    }
  });

  it('names an AVRO key after its stream', () => {
    expect(formatProperties('avro', true, 'MY_TABLE', {})).toEqual({
      fullSchemaName: 'io.confluent.ksql.avro_schemas.MyTableKey',
    });
  });

  it('refuses types that the format does not support', () => {
    const check = (format: string, type: SqlType, name = 'C') =>
      formatNamed(format).validate([{ name, type }], formatProperties(format, false, 'S', {}), false);
    expect(() => check('AVRO', mapType(INTEGER, DOUBLE))).toThrow('Avro only supports MAPs with STRING keys');
    expect(() => check('PROTOBUF', mapType(INTEGER, DOUBLE))).toThrow(
      'PROTOBUF format only supports MAP types with STRING keys',
    );
    expect(() => check('PROTOBUF', arrayType(arrayType(INTEGER)))).toThrow('Array cannot be nested');
    expect(() => check('JSON_SR', mapType(INTEGER, DOUBLE))).toThrow(
      'JSON only supports MAP types with STRING keys',
    );
    expect(() => check('AVRO', STRING, '1x')).toThrow(
      'Schema is not compatible with Avro: Illegal initial character: 1x',
    );
    expect(() => formatNamed('AVRO').validate([], { fullSchemaName: '' }, false)).toThrow(
      'fullSchemaName cannot be empty. Format configuration: {fullSchemaName=}',
    );
    expect(() => serdeOf('AVRO', []).serialize([])).not.toThrow();
    expect(() =>
      formatNamed('AVRO').createSerde({
        columns: [],
        properties: {},
        wrapSingle: true,
        topic: 'T',
        isKey: false,
      }),
    ).toThrow("Cannot create topic 'T' with format AVRO without configuring 'ksql.schema.registry.url'");
  });
});

interface Sample {
  readonly type: SqlType;
  readonly values: fc.Arbitrary<Value>;
}

const scalars: readonly Sample[] = [
  { type: BOOLEAN, values: fc.boolean() },
  { type: INTEGER, values: fc.integer() },
  { type: BIGINT, values: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }) },
  { type: DOUBLE, values: fc.double({ noNaN: true, noDefaultInfinity: true }) },
  { type: STRING, values: fc.string({ unit: 'grapheme' }) },
  { type: BYTES, values: fc.uint8Array().map((bytes) => Buffer.from(bytes)) },
  { type: DATE, values: fc.integer({ min: -700_000, max: 2_900_000 }) },
  { type: TIME, values: fc.integer({ min: 0, max: 86_399_999 }) },
  { type: TIMESTAMP, values: fc.integer({ min: -62_000_000_000_000, max: 250_000_000_000_000 }) },
  {
    type: decimalType(30, 4),
    values: fc.bigInt({ min: -(10n ** 30n) + 1n, max: 10n ** 30n - 1n }).map((n) => new Decimal(n, 4)),
  },
];

/** @param nulls true if scalars, lists and maps may be null, and lists may be nested */
function samples(nulls: boolean): fc.Arbitrary<Sample> {
  const maybe = (values: fc.Arbitrary<Value>) => (nulls ? fc.option(values) : values);
  return fc.letrec<{ sample: Sample }>((tie) => {
    const inner = tie('sample').filter(({ type }) => nulls || (type.base !== 'ARRAY' && type.base !== 'MAP'));
    return {
      sample: fc.oneof(
        { maxDepth: 3 },
        fc.constantFrom(...scalars),
        inner.map(({ type, values }) => ({
          type: arrayType(type),
          values: fc.array(maybe(values), { maxLength: 4 }),
        })),
        inner.map(({ type, values }) => ({
          type: mapType(STRING, type),
          values: fc
            .array(fc.tuple(fc.string({ unit: 'grapheme' }), maybe(values)), { maxLength: 4 })
            .map((entries) => new Map<Value, Value>(entries)),
        })),
        fc.array(tie('sample'), { minLength: 1, maxLength: 4 }).map((fields) => ({
          type: structType(fields.map(({ type }, i) => ({ name: `f${i}`, type }))),
          values: fc.tuple(...fields.map(({ values }) => maybe(values))),
        })),
      ),
    };
  }).sample;
}

describe('round trips', () => {
  it.each([
    ['AVRO', true, {}],
    ['JSON_SR', true, {}],
    ['PROTOBUF', false, {}],
    ['PROTOBUF_NOSR', false, {}],
    ['PROTOBUF', false, { nullableRepresentation: 'WRAPPER' }],
    ['PROTOBUF', false, { nullableRepresentation: 'OPTIONAL' }],
  ])('%s, nulls %s, %o', (format, nulls, clause) => {
    const rows = fc.array(samples(nulls), { minLength: 1, maxLength: 4 }).chain((columns) =>
      fc.tuple(...columns.map(({ values }) => (nulls ? fc.option(values) : values))).map((row) => ({
        row,
        columns: columns.map(({ type }, i) => ({ name: `C${i}`, type })),
      })),
    );
    const properties = formatProperties(format, false, 'S', clause);
    fc.assert(
      fc.property(rows, ({ row, columns }) => {
        const serde = serdeOf(format, columns, new SchemaRegistry(), properties);
        expect(serde.deserialize(serde.serialize(row))).toEqual(row);
      }),
      { seed, numRuns: 150 },
    );
  });

  it('single unwrapped columns', () => {
    for (const format of ['AVRO', 'JSON_SR']) {
      for (const { type, value } of [
        { type: BIGINT, value: 2n ** 62n },
        { type: STRING, value: 'é' },
        { type: arrayType(INTEGER), value: [1, null] },
        { type: structType([{ name: 'a', type: INTEGER }]), value: [1] },
      ]) {
        const serde = serdeOf(format, [{ name: 'C', type }], new SchemaRegistry(), {}, false);
        expect(serde.deserialize(serde.serialize([value]))).toEqual([value]);
        expect(serde.serialize([null])).toBeNull();
      }
    }
  });

  it('nulls in PROTOBUF become the default, unless configured otherwise', () => {
    const columns = columnsOf({
      I: INTEGER,
      S: STRING,
      B: BOOLEAN,
      X: BYTES,
      T: TIMESTAMP,
      A: arrayType(INTEGER),
    });
    const nulls = columns.map(() => null);
    const back = (clause: object) => {
      const serde = serdeOf(
        'PROTOBUF',
        columns,
        new SchemaRegistry(),
        formatProperties('PROTOBUF', false, 'S', clause),
      );
      return serde.deserialize(serde.serialize(nulls));
    };
    expect(back({})).toEqual([0, '', false, Buffer.alloc(0), null, []]);
    expect(back({ nullableRepresentation: 'OPTIONAL' })).toEqual([null, null, null, null, null, []]);
    expect(back({ nullableRepresentation: 'WRAPPER' })).toEqual([null, null, null, null, null, []]);
  });

  it('any bytes give a row or a DeserializeError', () => {
    for (const format of ['AVRO', 'PROTOBUF', 'JSON_SR', 'PROTOBUF_NOSR']) {
      const columns = columnsOf({ I: INTEGER, S: STRING, A: arrayType(STRING), M: mapType(STRING, BIGINT) });
      const serde = serdeOf(format, columns);
      const start = serde.serialize([1, 'x', ['a'], new Map([['k', 2n]])])!;
      const prefix = format === 'PROTOBUF_NOSR' ? 0 : 5;
      fc.assert(
        fc.property(fc.uint8Array({ maxLength: 40 }), fc.nat(), fc.boolean(), (bytes, at, whole) => {
          const damaged = whole ? Buffer.concat([start.subarray(0, prefix), bytes]) : Buffer.from(start);
          if (!whole) damaged.set(bytes.subarray(0, 4), Math.min(at % start.length, start.length - 4));
          try {
            serde.deserialize(damaged);
          } catch (error) {
            expect((error as Error).name).toBe('DeserializeError');
          }
        }),
        { seed, numRuns: 300 },
      );
    }
  });
});

describe('foreign schemas', () => {
  it('are read by case-insensitive names, with the schema that the record was written with', () => {
    const registry = new SchemaRegistry({ compatibility: 'NONE' });
    const old = serdeOf('AVRO', columnsOf({ c1: INTEGER }), registry).serialize([7])!;
    const wide = serdeOf('AVRO', columnsOf({ C2: STRING, C1: BIGINT }), registry).serialize(['x', 8n])!;
    const serde = serdeOf('AVRO', columnsOf({ C1: BIGINT, UNKNOWN: STRING }), registry);
    expect(serde.deserialize(old)).toEqual([7n, null]);
    expect(serde.deserialize(wide)).toEqual([8n, null]);
    expect(() => serdeOf('AVRO', columnsOf({ C1: INTEGER }), registry).deserialize(wide)).toThrow(
      'Error deserializing message from topic: T',
    );
    expect(serdeOf('AVRO', columnsOf({ C1: STRING }), registry).deserialize(wide)).toEqual(['8']);
    expect(() => serde.deserialize(Buffer.from('plain text'))).toThrow('Error deserializing');
  });

  it('provide the columns of a statement that lists none', () => {
    const registry = new SchemaRegistry({ compatibility: 'NONE' });
    registry.register(
      'T-value',
      avro({
        type: 'record',
        name: 'com.acme.R',
        fields: [
          { name: 'b', type: 'boolean' },
          { name: 'f', type: 'float' },
          { name: 'e', type: { type: 'enum', name: 'Suit', symbols: ['A'] } },
          { name: 'x', type: ['null', { type: 'fixed', size: 4, name: 'md5' }] },
          { name: 'd', type: { type: 'int', logicalType: 'date' } },
          { name: 'm', type: { type: 'map', values: 'long' } },
          { name: 'n', type: { type: 'bytes', logicalType: 'decimal', precision: 9, scale: 2 } },
        ],
      }),
    );
    const types = {
      b: BOOLEAN,
      f: DOUBLE,
      e: STRING,
      x: BYTES,
      d: DATE,
      m: mapType(STRING, BIGINT),
      n: decimalType(9, 2),
    };
    const upper = Object.fromEntries(Object.entries(types).map(([name, type]) => [name.toUpperCase(), type]));
    expect(infer(registry, 'AVRO').columns).toEqual(columnsOf(upper));
    expect(infer(registry, 'AVRO', { schemaId: 1 })).toMatchObject({
      columns: columnsOf(types),
      fullName: 'com.acme.R',
      id: 1,
    });
    registry.register('T-key', avro('int'));
    expect(infer(registry, 'AVRO', { isKey: true, unwrap: true }).columns).toEqual(
      columnsOf({ ROWKEY: INTEGER }),
    );
    expect(() => infer(registry, 'JSON_SR')).toThrow("You may want to set VALUE_FORMAT to 'AVRO'.");
    registry.register('T-value', avro('int'));
    expect(() => infer(registry, 'AVRO')).toThrow("set 'WRAP_SINGLE_VALUE=false' in the WITH clause");
    expect(infer(registry, 'AVRO', { unwrap: true }).columns).toEqual(columnsOf({ ROWVAL: INTEGER }));
    expect(() => infer(new SchemaRegistry(), 'AVRO')).toThrow(
      "Schema for message values on topic 'T' does not exist in the Schema Registry.\nSubject: T-value\nPossible causes include:",
    );
    expect(() => infer(registry, 'AVRO', { schemaId: 99 })).toThrow('does not exist in the Schema Registry.');
    registry.register(
      'T-value',
      json({ type: 'object', properties: { a: { type: 'integer' }, b: { type: ['null', 'number'] } } }),
    );
    expect(infer(registry, 'JSON_SR').columns).toEqual(columnsOf({ A: BIGINT, B: DOUBLE }));
  });

  it('accept rows by name, with defaults for missing fields', () => {
    const registry = new SchemaRegistry();
    const id = registry.register(
      'elsewhere',
      avro({
        type: 'record',
        name: 'R',
        fields: [
          { name: 'extra', type: 'string', default: 'foo' },
          { name: 'b', type: ['null', 'int'] },
          { name: 'a', type: 'long' },
          {
            name: 's',
            type: {
              type: 'record',
              name: 'S',
              fields: [
                { name: 'y', type: 'int' },
                { name: 'x', type: 'int' },
              ],
            },
          },
        ],
      }),
    );
    const inner = structType([
      { name: 'x', type: INTEGER },
      { name: 'y', type: INTEGER },
    ]);
    const properties = formatProperties('AVRO', false, 'S', { schemaId: id });
    const columns = columnsOf({ a: BIGINT, s: inner });
    const serde = serdeOf('AVRO', columns, registry, properties);
    const bytes = serde.serialize([5n, [1, 2]])!;
    expect(serde.deserialize(bytes)).toEqual([5n, [1, 2]]);
    const all = columnsOf({ extra: STRING, b: INTEGER, a: BIGINT });
    expect(serdeOf('AVRO', all, registry).deserialize(bytes)).toEqual(['foo', null, 5n]);
    expect(() => serde.serialize([null, [1, 2]])).toThrow(
      'Error serializing message to topic: T. Invalid value: null used for required field: "a", schema type: INT64\nHint: You probably forgot to add VALUE_SCHEMA_ID',
    );
    const other = serdeOf('AVRO', columnsOf({ z: BIGINT }), registry, properties);
    expect(() => other.serialize([1n])).toThrow('Schema from Schema Registry misses field with name: z');
    expect(() =>
      checkInferredColumns(columnsOf({ c1: INTEGER }), columnsOf({ c1: STRING, c2: DOUBLE }), false),
    ).toThrow(
      'The following value columns are changed, missing or reordered: [`c1` INTEGER]. Schema from schema registry is [`c1` STRING, `c2` DOUBLE]',
    );
    registerById(registry, formatNamed('AVRO'), 'OUT', { id, schema: registry.byId(id) }, false);
    expect(registry.version('OUT-value', 1).id).toBe(id);
  });

  it('PROTOBUF with several messages, references, enums, oneofs, all scalars', () => {
    const registry = new SchemaRegistry({ compatibility: 'NONE' });
    registry.register('T-value', proto('message A {int32 K0 = 1;} message B {uint32 k1 = 1; string n = 2;}'));
    const found = infer(registry, 'PROTOBUF');
    expect(() => checkOneDefinition(found, false, false)).toThrow(
      'Value schema has multiple schema definitions. \n\n- A\n- B\n\nPlease specify a schema full name in the WITH clause using VALUE_SCHEMA_FULL_NAME',
    );
    const columns = columnsOf({ K1: BIGINT, N: STRING });
    expect(infer(registry, 'PROTOBUF', { fullName: 'B' }).columns).toEqual(columns);
    expect(() => infer(registry, 'PROTOBUF', { fullName: 'C' })).toThrow(
      'Unable to verify if the value schema for topic: T',
    );
    const properties = formatProperties('PROTOBUF', false, 'S', { schemaFullName: 'B', schemaId: 1 });
    const names = columnsOf({ k1: BIGINT, n: STRING });
    const bytes = serdeOf('PROTOBUF', names, registry, properties).serialize([4_000_000_000n, 'x'])!;
    // Magic byte, id, message indexes [1], message.
    expect(bytes.toString('hex')).toBe('00000000010202' + '0880d0acf30e120178');
    expect(serdeOf('PROTOBUF', columns, registry).deserialize(bytes)).toEqual([4_000_000_000n, 'x']);

    registry.register('event.proto', proto('message Event { int64 at = 1; }'));
    registry.register('T-value', {
      ...proto(
        'import "event.proto"; message L { Event e = 1; enum Suit { A = 0; B = 4; } Suit s = 2; oneof u { sint32 i = 3; string t = 4; } map<string, fixed64> m = 5; repeated sint64 r = 6; }',
      ),
      references: [{ name: 'event.proto', subject: 'event.proto', version: 1 }],
    });
    const complex = infer(registry, 'PROTOBUF').columns;
    expect(complex).toEqual(
      columnsOf({
        U_0: structType([
          { name: 'I', type: INTEGER },
          { name: 'T', type: STRING },
        ]),
        E: structType([{ name: 'AT', type: BIGINT }]),
        S: STRING,
        M: mapType(STRING, BIGINT),
        R: arrayType(BIGINT),
      }),
    );
    const own = formatProperties('PROTOBUF', false, 'S', {
      schemaId: registry.version('T-value', 'latest').id,
    });
    const lower = infer(registry, 'PROTOBUF', { schemaId: Number(own.schemaId) }).columns;
    const row = [[-3, null], [9n], 'B', new Map([['k', 7n]]), [-1n, 2n]];
    const written = serdeOf('PROTOBUF', lower, registry, own).serialize(row);
    expect(serdeOf('PROTOBUF', complex, registry).deserialize(written)).toEqual(row);
  });
});

describe('hostile schemas', () => {
  it('are refused if they are recursive or grow exponentially', () => {
    const registry = new SchemaRegistry({ compatibility: 'NONE' });
    const list = { type: 'record', name: 'L', fields: [{ name: 'next', type: ['null', 'L'] }] };
    registry.register('T-value', avro(list));
    expect(() => infer(registry, 'AVRO')).toThrow('Recursive schemas are not supported: L');
    registry.register('T-value', proto('message L { L next = 1; }'));
    expect(() => infer(registry, 'PROTOBUF')).toThrow('Recursive schemas are not supported: L');
    const levels = Array.from(
      { length: 40 },
      (_, i) => `message M${i} { M${i + 1} a = 1; M${i + 1} b = 2; }`,
    );
    registry.register('T-value', proto(`${levels.join(' ')} message M40 { int32 x = 1; }`));
    expect(() => infer(registry, 'PROTOBUF')).toThrow('The schema has more than');
  });
});
