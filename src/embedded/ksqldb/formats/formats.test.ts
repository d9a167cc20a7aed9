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
import type { FormatProperties } from './format.js';
import { formatNamed } from './formats.js';
import { splitSession, splitTimeWindow, wrapSession, wrapTimeWindow } from './windowed-key.js';
import { keyWrapping, valueWrapping } from './wrapping.js';

const seed = Number(process.env.PAYSTREAM_TEST_SEED ?? Date.now() % 1_000_000);
console.info(`formats.test.ts: seed ${seed}`);

function serdeOf(format: string, columns: readonly Column[], properties: FormatProperties = {}) {
  return formatNamed(format).createSerde({ columns, properties, wrapSingle: false, topic: 'T', isKey: true });
}

function columnsOf(...types: SqlType[]): Column[] {
  return types.map((type, i) => ({ name: `C${i}`, type }));
}

describe('DELIMITED', () => {
  const line = (values: readonly Value[], ...types: SqlType[]) =>
    serdeOf('DELIMITED', columnsOf(...types))
      .serialize(values)
      ?.toString();

  it('quotes as little as Commons CSV', () => {
    expect(line([-10, 'b'], INTEGER, STRING)).toBe('"-10",b');
    expect(line([10, 'b c'], INTEGER, STRING)).toBe('10,b c');
    expect(line([1, 'a,b'], INTEGER, STRING)).toBe('1,"a,b"');
    expect(line([1, 'a"b'], INTEGER, STRING)).toBe('1,"a""b"');
    expect(line([1, '#a', ' b', 'c ', 'd\n'], INTEGER, STRING, STRING, STRING, STRING)).toBe(
      '1,"#a"," b","c ","d\n"',
    );
    expect(line(['', '', null], STRING, STRING, STRING)).toBe('"",,');
    expect(line([null, 1], STRING, INTEGER)).toBe(',1');
    expect(line(['é', 'é'], STRING, STRING)).toBe('"é",é');
  });

  it('writes every type as text', () => {
    const types = [BOOLEAN, BIGINT, DOUBLE, decimalType(9, 8), BYTES, DATE, TIME, TIMESTAMP];
    const values = [true, 2n ** 63n - 1n, 1e7, new Decimal(1n, 8), Buffer.from([1]), 3, 4, 5];
    expect(line(values, ...types)).toBe('true,9223372036854775807,1.0E7,0.00000001,AQ==,3,4,5');
    const serde = serdeOf('DELIMITED', columnsOf(...types));
    expect(serde.deserialize(serde.serialize(values))).toEqual(values);
  });

  it('reads tabs, blanks and other delimiters', () => {
    for (const [name, char] of [
      ['TAB', '\t'],
      ['SPACE', ' '],
      [';', ';'],
    ] as const) {
      const serde = serdeOf('DELIMITED', columnsOf(INTEGER, STRING), { delimiter: name });
      expect(serde.deserialize(Buffer.from(`1${char}"x${char}y"`))).toEqual([1, `x${char}y`]);
    }
  });

  it.each([
    ['', 'No fields in record'],
    ['1', 'Column count mismatch on deserialization. topic: T, expected: 2, got: 1'],
    ['1,a,b', 'Column count mismatch on deserialization. topic: T, expected: 2, got: 3'],
    ['1,"a', '(startline 1) EOF reached before encapsulated token finished'],
    ['1,"a"b', '(line 1) invalid char between encapsulated token and delimiter'],
    ['x4111111111111111,a', "The text is not a number of the column's type"],
  ])('refuses %j', (text, reason) => {
    const serde = serdeOf('DELIMITED', columnsOf(INTEGER, STRING));
    try {
      serde.deserialize(Buffer.from(text));
      expect.unreachable();
    } catch (error) {
      expect((error as Error).message).toBe('Error deserializing delimited');
      expect(((error as Error).cause as Error).message).toBe(reason);
    }
  });

  it('reads back any text that is not empty', () => {
    const serde = serdeOf('DELIMITED', columnsOf(STRING, STRING));
    const text = fc.oneof(fc.string({ minLength: 1 }), fc.string({ unit: 'grapheme', minLength: 1 }));
    fc.assert(
      fc.property(text, fc.option(text), (a, b) => {
        expect(serde.deserialize(serde.serialize([a, b]))).toEqual([a, b]);
      }),
      { seed, numRuns: 500 },
    );
  });
});

describe('KAFKA', () => {
  it.each<[SqlType, Value, string]>([
    [INTEGER, -2, 'fffffffe'],
    [BIGINT, 2n ** 62n, '4000000000000000'],
    [DOUBLE, 1.5, '3ff8000000000000'],
    [STRING, 'é', 'c3a9'],
    [BYTES, Buffer.from('é'), 'c3a9'],
  ])('%o %s', (type, value, hex) => {
    const serde = serdeOf('KAFKA', columnsOf(type));
    expect(serde.serialize([value])?.toString('hex')).toBe(hex);
    expect(serde.deserialize(Buffer.from(hex, 'hex'))).toEqual([value]);
    expect(serde.serialize([null])).toBeNull();
    expect(serde.deserialize(null)).toBeNull();
  });

  it('refuses bytes of the wrong length', () => {
    expect(() => serdeOf('KAFKA', columnsOf(BIGINT)).deserialize(Buffer.from('1000'))).toThrow(
      'Error deserializing KAFKA message from topic: T',
    );
  });

  it('reads and writes nothing without columns', () => {
    for (const format of ['KAFKA', 'NONE']) {
      expect(serdeOf(format, []).serialize([])).toBeNull();
      expect(serdeOf(format, []).deserialize(Buffer.from('x'))).toBeNull();
    }
  });
});

describe('refusals of formats', () => {
  const map = mapType(STRING, INTEGER);
  it.each<[string, Column[], boolean, string]>([
    [
      'KAFKA',
      columnsOf(BOOLEAN),
      true,
      "Key format does not support schema.\nformat: KAFKA\nschema: Persistence{columns=[`C0` BOOLEAN KEY], features=[]}\nreason: The 'KAFKA' format does not support type 'BOOLEAN'",
    ],
    [
      'KAFKA',
      columnsOf(INTEGER, STRING),
      false,
      "reason: The 'KAFKA' format only supports a single field. Got: [`C0` INTEGER, `C1` STRING]",
    ],
    [
      'NONE',
      columnsOf(INTEGER),
      true,
      "The 'NONE' format can only be used when no columns are defined. Got: [`C0` INTEGER KEY]",
    ],
    [
      'DELIMITED',
      columnsOf(structType([{ name: 'F', type: DOUBLE }])),
      true,
      "Key format does not support schema.\nformat: DELIMITED\nschema: Persistence{columns=[`C0` STRUCT<`F` DOUBLE> KEY], features=[]}\nreason: The 'DELIMITED' format does not support type 'STRUCT', column: `C0`",
    ],
    [
      'JSON',
      columnsOf(arrayType(mapType(INTEGER, STRING))),
      false,
      'reason: JSON only supports MAP types with STRING keys',
    ],
    [
      'JSON',
      columnsOf(map),
      true,
      'Key column name: `C0`. Column type: MAP<STRING, INTEGER>. See https://github.com',
    ],
  ])('%s %o', (format, columns, isKey, message) => {
    expect(() => formatNamed(format).validate(columns, {}, isKey)).toThrow(message);
  });

  it('unknown formats and properties', () => {
    expect(() => formatNamed('xml')).toThrow('Unknown format: XML');
    expect(formatNamed('json').name).toBe('JSON');
    expect(() => formatNamed('JSON').validate([], { delimiter: ',' }, false)).toThrow(
      'JSON does not support the following configs: [delimiter]',
    );
  });

  it('unsupported wrapping', () => {
    const json = formatNamed('JSON');
    const delimited = formatNamed('DELIMITED');
    expect(keyWrapping(json, 1)).toBe('UNWRAP_SINGLES');
    expect(keyWrapping(json, 2)).toBeNull();
    expect(valueWrapping(json, 1, null, null)).toBeNull();
    expect(valueWrapping(json, 1, null, false)).toBe('UNWRAP_SINGLES');
    expect(valueWrapping(delimited, 1, null, true)).toBeNull();
    expect(() => valueWrapping(delimited, 1, true, null)).toThrow(
      "Format 'DELIMITED' does not support 'WRAP_SINGLE_VALUE' set to 'true'.",
    );
    expect(() => valueWrapping(json, 2, false, null)).toThrow(
      "'WRAP_SINGLE_VALUE' is only valid for single-field value schemas",
    );
  });
});

describe('windowed keys', () => {
  it('have the bounds after the key', () => {
    const key = Buffer.from('ab');
    expect(wrapTimeWindow(key, 1).toString('hex')).toBe('61620000000000000001');
    expect(wrapSession(key, 1, 2).toString('hex')).toBe('616200000000000000020000000000000001');
    expect(splitTimeWindow(Buffer.alloc(7))).toBeNull();
    expect(splitSession(Buffer.alloc(15))).toBeNull();
    fc.assert(
      fc.property(fc.maxSafeInteger(), fc.maxSafeInteger(), (start, end) => {
        expect(splitTimeWindow(wrapTimeWindow(key, start))).toEqual({ key, start });
        expect(splitSession(wrapSession(key, start, end))).toEqual({ key, start, end });
      }),
      { seed },
    );
  });
});
