/**
 * Converts a JSON text directly to values of a type, without building an object tree.
 *
 * A struct is read in two steps. First, its text is scanned once to locate the members and check the syntax. Then the
 * members that are fields are converted, in field order. So the last duplicate member wins, a syntax error takes
 * precedence over a value that does not fit, and unknown members only cost their scan.
 *
 * Source of the rules: ksqlDB's docs/reference/serialization.md (JSON) and its KsqlJsonDeserializer.
 */
import { BIGINT, DOUBLE, INTEGER, type SqlType, type StructType } from '../../../../sql/sql-type.js';
import { Decimal } from '../../types/decimal.js';
import { parseJavaDouble } from '../../types/java-double.js';
import { parseBase64 } from '../../types/text.js';
import type { Value } from '../../types/value.js';
import { redactDigits } from '../redact.js';
import { ConversionError } from './conversion-error.js';
import {
  fitDecimalText,
  parseInt32,
  parseLong,
  shortDecimal,
  wrappedLong,
  wrappedLongOfText,
} from './numbers.js';
import {
  ARRAY,
  CODED_STRING,
  DECIMAL_NUMBER,
  FALSE,
  INTEGER_NUMBER,
  type JsonScanner,
  MISSING,
  NULL,
  OBJECT,
  PLAIN_STRING,
  TRUE,
  type ValueKind,
} from './scanner.js';
import { quoteJson } from './writer.js';

/** Converts the scanned value between two offsets. Never called for null. */
export type JsonReader = (json: JsonScanner, start: number, end: number, kind: ValueKind) => Value;

/** Returns a reader for already scanned values of the type. It is not reentrant. */
export function jsonReader(type: SqlType): JsonReader {
  switch (type.base) {
    case 'BOOLEAN':
      return readBoolean;
    case 'INTEGER':
      return readInteger;
    case 'BIGINT':
      return readBigint;
    case 'DOUBLE':
      return readDouble;
    case 'STRING':
      return readString;
    case 'BYTES':
      return readBytes;
    case 'DATE':
      return (json, start, end, kind) => Number(longOrText(json, start, end, kind, 'DATE'));
    case 'TIMESTAMP':
      return (json, start, end, kind) => Number(longOrText(json, start, end, kind, 'TIMESTAMP'));
    case 'TIME':
      return (json, start, end, kind) => checkedTime(longOrText(json, start, end, kind, 'TIME'));
    case 'DECIMAL':
      return decimalReader(type.precision, type.scale);
    case 'ARRAY':
      return arrayReader(type, jsonReader(type.element));
    case 'MAP':
      return mapReader(type, jsonReader(type.value));
    case 'STRUCT': {
      const reader = new StructReader(type);
      return (json, start, end, kind) => {
        if (kind !== OBJECT) throw cannotConvert(json, start, end, kind, jsonTypeText(type));
        return reader.read(json, start, 1);
      };
    }
  }
}

/** Reads objects as the field values of a struct. */
export class StructReader {
  readonly #type: StructType;
  readonly #readers: readonly JsonReader[];
  readonly #slots = new Map<string, number>();
  /** For each field: the start of its value in this text (-1 if missing), its end, and its kind. */
  readonly #starts: Int32Array;
  readonly #ends: Int32Array;
  readonly #kinds: Uint8Array;
  /** Whether the field was found by its exact name or an upper-cased one. */
  readonly #names: string[];
  /** The names in the order of the previous text, since the next text most likely has the same. */
  readonly #expected: ExpectedName[] = [];
  readonly #known = new Map<string, ExpectedName>();

  constructor(type: StructType) {
    this.#type = type;
    this.#readers = type.fields.map((field) => jsonReader(field.type));
    const count = type.fields.length;
    for (let i = 0; i < count; i++) this.#slots.set(type.fields[i]!.name, i);
    this.#starts = new Int32Array(count);
    this.#ends = new Int32Array(count);
    this.#kinds = new Uint8Array(count);
    this.#names = new Array<string>(count).fill('');
  }

  /** Reads the value of the whole text, not scanned yet. `at` is where it begins, or -1 if there is none. */
  readText(json: JsonScanner, at: number): Value[] | null {
    let kind: ValueKind = MISSING;
    let end = at;
    if (at >= 0) {
      if (json.bytes[at] === 0x7b) return this.read(json, at, 1);
      end = json.scanValue(at, 0);
      kind = json.kind;
      if (kind === NULL) return null;
    }
    throw cannotConvert(json, at, end, kind, jsonTypeText(this.#type));
  }

  /** Scans the object at `at`, which is included in `depth`. */
  read(json: JsonScanner, at: number, depth: number): Value[] {
    this.#locate(json, at, depth);
    const readers = this.#readers;
    const values = new Array<Value>(readers.length);
    let i = 0;
    try {
      for (; i < readers.length; i++) {
        const start = this.#starts[i]!;
        const kind = this.#kinds[i] as ValueKind;
        values[i] = start < 0 || kind === NULL ? null : readers[i]!(json, start, this.#ends[i]!, kind);
      }
    } catch (error) {
      throw error instanceof ConversionError ? error.inside(`.${this.#type.fields[i]!.name}`) : error;
    }
    return values;
  }

  #locate(json: JsonScanner, at: number, depth: number): void {
    const starts = this.#starts;
    starts.fill(-1);
    let others: Set<string> | undefined;
    let i = json.firstMember(at);
    for (let k = 0; i >= 0; k++) {
      let expected = this.#expected[k];
      const nameEnd = i + (expected === undefined ? 0 : expected.quoted.length);
      let valueStart: number;
      if (expected !== undefined && isAt(json.bytes, expected.quoted, i)) {
        valueStart = json.scanColon(nameEnd);
      } else {
        const end = json.scanString(i);
        expected = this.#find(json.stringAt(i, end, json.kind), json.kind === PLAIN_STRING);
        if (k < mostExpected && json.kind === PLAIN_STRING) this.#expected[k] = expected;
        valueStart = json.scanColon(end);
      }
      const valueEnd = json.scanValue(valueStart, depth);
      const { slot } = expected;
      if (slot >= 0) {
        const { name } = expected;
        const field = this.#type.fields[slot]!.name;
        let takes = true;
        if (starts[slot]! >= 0 && this.#names[slot] !== name) {
          // An exact name wins over one that matches when upper-cased; among the latter, the last one wins.
          if (this.#names[slot] === field) takes = false;
          else if (name !== field) {
            others ??= new Set();
            takes = !others.has(name);
            others.add(this.#names[slot]!).add(name);
          }
        }
        if (takes) {
          starts[slot] = valueStart;
          this.#ends[slot] = valueEnd;
          this.#kinds[slot] = json.kind;
          this.#names[slot] = name;
        }
      }
      i = json.nextMember(valueEnd);
    }
  }

  #find(name: string, plain: boolean): ExpectedName {
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    let slot = this.#slots.get(name);
    if (slot === undefined) slot = this.#slots.get(name.toUpperCase()) ?? -1;
    const quoted = plain ? Uint8Array.from(Buffer.from(`"${name}"`, 'latin1')) : noBytes;
    const found = { name, quoted, slot };
    // Bounded, because member names may be data.
    if (plain && this.#known.size < mostKnown) this.#known.set(name, found);
    return found;
  }
}

interface ExpectedName {
  readonly name: string;
  readonly quoted: Uint8Array;
  /** Returns the index of the field for a name, or -1. */
  readonly slot: number;
}

const mostExpected = 64;
const mostKnown = 256;
const noBytes = new Uint8Array(0);

function isAt(bytes: Uint8Array, part: Uint8Array, at: number): boolean {
  const length = part.length;
  for (let i = 0; i < length; i++) if (bytes[at + i] !== part[i]) return false;
  return true;
}

function readBoolean(json: JsonScanner, start: number, end: number, kind: ValueKind): Value {
  if (kind === TRUE) return true;
  if (kind === FALSE) return false;
  throw cannotConvert(json, start, end, kind, 'BOOLEAN');
}

function readInteger(json: JsonScanner, start: number, end: number, kind: ValueKind): Value {
  if (kind === INTEGER_NUMBER && end - start <= 9) return Number(json.text.slice(start, end)) | 0;
  if (kind === INTEGER_NUMBER || kind === DECIMAL_NUMBER) {
    return Number(BigInt.asIntN(32, readLongNumber(json, start, end, kind)));
  }
  if (isString(kind)) return parseInt32(json.stringAt(start, end, kind)) ?? failCoercion('INTEGER');
  throw cannotConvert(json, start, end, kind, INTEGER.base);
}

function readBigint(json: JsonScanner, start: number, end: number, kind: ValueKind): Value {
  if (kind === INTEGER_NUMBER) return wrappedLong(json.bytes, json.text, start, end);
  return longOrText(json, start, end, kind, BIGINT.base);
}

function longOrText(json: JsonScanner, start: number, end: number, kind: ValueKind, target: string): bigint {
  if (kind === INTEGER_NUMBER || kind === DECIMAL_NUMBER) return readLongNumber(json, start, end, kind);
  if (isString(kind)) return parseLong(json.stringAt(start, end, kind)) ?? failCoercion(target);
  throw cannotConvert(json, start, end, kind, target);
}

function readLongNumber(json: JsonScanner, start: number, end: number, kind: ValueKind): bigint {
  return kind === INTEGER_NUMBER
    ? wrappedLong(json.bytes, json.text, start, end)
    : wrappedLongOfText(json.text.slice(start, end));
}

function readDouble(json: JsonScanner, start: number, end: number, kind: ValueKind): Value {
  // Adding 0 turns -0 into 0, since integers and decimals have no signed zero.
  if (kind === INTEGER_NUMBER || kind === DECIMAL_NUMBER) return Number(json.text.slice(start, end)) + 0;
  if (isString(kind)) return parseJavaDouble(json.stringAt(start, end, kind)) ?? failCoercion('DOUBLE');
  throw cannotConvert(json, start, end, kind, DOUBLE.base);
}

function decimalReader(precision: number, scale: number): JsonReader {
  return (json, start, end, kind) => {
    if (kind === INTEGER_NUMBER || kind === DECIMAL_NUMBER) {
      return (
        shortDecimal(json.bytes, start, end, precision, scale) ??
        fitDecimalText(json.text.slice(start, end), precision, scale)
      );
    }
    if (isString(kind)) return fitDecimalText(json.stringAt(start, end, kind), precision, scale);
    throw cannotConvert(json, start, end, kind, `DECIMAL(${precision}, ${scale})`);
  };
}

function readBytes(json: JsonScanner, start: number, end: number, kind: ValueKind): Value {
  if (!isString(kind)) throw cannotConvert(json, start, end, kind, 'BYTES');
  const bytes = parseBase64(json.stringAt(start, end, kind));
  // ksqlDB's message quotes the text here, which may be sensitive.
  if (bytes === null) throw new ConversionError('Value is not a valid Base64 encoded string');
  return bytes;
}

/** @throws ConversionError unless the value is a time of day in milliseconds */
export function checkedTime(millis: bigint): number {
  if (millis >= 0n && millis <= 86_400_000n) return Number(millis);
  throw new ConversionError(
    'Time values must use number of milliseconds greater than 0 and less than 86400000.',
  );
}

/** Copies a part of a longer text, because a slice that is kept in state would keep the whole text in memory. */
const longestKeptText = 1024;

function readString(json: JsonScanner, start: number, end: number, kind: ValueKind): Value {
  if (kind !== PLAIN_STRING) return anyAsString(json, start, end, kind);
  return json.text.length > longestKeptText
    ? json.bytes.toString('latin1', start + 1, end - 1)
    : json.text.slice(start + 1, end - 1);
}

/** Converts a value of any kind for a STRING column: objects become JSON, arrays are formatted like Java lists. */
function anyAsString(json: JsonScanner, start: number, end: number, kind: ValueKind): string {
  switch (kind) {
    case OBJECT:
      return rewriteJson(json, start);
    case ARRAY:
      return listText(json, start);
    case TRUE:
      return 'true';
    case FALSE:
      return 'false';
    case INTEGER_NUMBER:
    case DECIMAL_NUMBER:
      return numberText(json.text.slice(start, end), kind);
    case NULL:
      return 'null';
    case MISSING:
      return '';
    default:
      return json.stringAt(start, end, kind);
  }
}

/** Formats an array in one pass, at any depth. `rewrittenTo` gives the end of each value. */
function listText(json: JsonScanner, at: number): string {
  const parts: string[] = [];
  let i = json.firstElement(at);
  while (i >= 0) {
    const first = json.bytes[i];
    if (first === 0x5b) parts.push(listText(json, i));
    else if (first === 0x7b) parts.push(rewriteJson(json, i));
    else {
      const end = json.scanValue(i, 1);
      parts.push(anyAsString(json, i, end, json.kind));
      rewrittenTo = end;
    }
    i = json.nextElement(rewrittenTo);
  }
  rewrittenTo = -1 - i;
  return `[${parts.join(', ')}]`;
}

/** Formats a number like Java's Integer, Long, BigInteger or BigDecimal. */
function numberText(lexeme: string, kind: ValueKind): string {
  if (kind === INTEGER_NUMBER) return lexeme === '-0' ? '0' : lexeme;
  const parsed = Decimal.tryParse(lexeme);
  return parsed === null ? lexeme : parsed.toScientificString();
}

/** The end of the value that was rewritten last. */
let rewrittenTo = 0;

/** Formats a value as JSON without blanks. The last duplicate member replaces the first, in its position. */
function rewriteJson(json: JsonScanner, at: number): string {
  const first = json.bytes[at];
  if (first === 0x7b) {
    const members = new Map<string, string>();
    let i = json.firstMember(at);
    while (i >= 0) {
      const nameEnd = json.scanString(i);
      const name = json.stringAt(i, nameEnd, json.kind);
      members.set(name, rewriteJson(json, json.scanColon(nameEnd)));
      i = json.nextMember(rewrittenTo);
    }
    rewrittenTo = -1 - i;
    return `{${[...members].map(([name, text]) => `${quoteJson(name)}:${text}`).join(',')}}`;
  }
  if (first === 0x5b) {
    const parts: string[] = [];
    let i = json.firstElement(at);
    while (i >= 0) {
      parts.push(rewriteJson(json, i));
      i = json.nextElement(rewrittenTo);
    }
    rewrittenTo = -1 - i;
    return `[${parts.join(',')}]`;
  }
  rewrittenTo = json.scanValue(at, 1);
  const { kind } = json;
  if (isString(kind)) return quoteJson(json.stringAt(at, rewrittenTo, kind));
  const lexeme = json.text.slice(at, rewrittenTo);
  return kind === INTEGER_NUMBER || kind === DECIMAL_NUMBER ? numberText(lexeme, kind) : lexeme;
}

function arrayReader(type: SqlType, readElement: JsonReader): JsonReader {
  return (json, start, end, kind) => {
    if (kind !== ARRAY) throw cannotConvert(json, start, end, kind, jsonTypeText(type));
    const values: Value[] = [];
    try {
      forEachElement(json, start, (from, to, elementKind) => {
        values.push(elementKind === NULL ? null : readElement(json, from, to, elementKind));
      });
    } catch (error) {
      throw error instanceof ConversionError ? error.inside(`[${values.length}]`) : error;
    }
    return values;
  };
}

function mapReader(type: SqlType, readValue: JsonReader): JsonReader {
  return (json, start, end, kind) => {
    if (kind !== OBJECT) throw cannotConvert(json, start, end, kind, jsonTypeText(type));
    // Only the last of several duplicate members is converted.
    const found = new Map<string, { from: number; to: number; kind: ValueKind }>();
    forEachMember(json, start, (name, from, to, memberKind) => {
      found.set(name, { from, to, kind: memberKind });
    });
    const values = new Map<Value, Value>();
    for (const [name, at] of found) {
      try {
        values.set(name, at.kind === NULL ? null : readValue(json, at.from, at.to, at.kind));
      } catch (error) {
        throw error instanceof ConversionError ? error.inside(`.${redactDigits(name)}.value`) : error;
      }
    }
    return values;
  };
}

function forEachElement(
  json: JsonScanner,
  at: number,
  visit: (start: number, end: number, kind: ValueKind) => void,
): void {
  let i = json.firstElement(at);
  while (i >= 0) {
    const end = json.scanValue(i, 1);
    visit(i, end, json.kind);
    i = json.nextElement(end);
  }
}

function forEachMember(
  json: JsonScanner,
  at: number,
  visit: (name: string, start: number, end: number, kind: ValueKind) => void,
): void {
  let i = json.firstMember(at);
  while (i >= 0) {
    const nameEnd = json.scanString(i);
    const name = json.stringAt(i, nameEnd, json.kind);
    const start = json.scanColon(nameEnd);
    const end = json.scanValue(start, 1);
    visit(name, start, end, json.kind);
    i = json.nextMember(end);
  }
}

function isString(kind: ValueKind): boolean {
  return kind === PLAIN_STRING || kind === CODED_STRING;
}

function failCoercion(target: string): never {
  throw new ConversionError(`Can't coerce string to type. targetType: ${target}`);
}

export function cannotConvert(
  json: JsonScanner,
  start: number,
  end: number,
  kind: ValueKind,
  required: string,
): ConversionError {
  return new ConversionError(
    `Can't convert type. sourceType: ${nodeName(json, start, end, kind)}, requiredType: ${required}`,
  );
}

/** The names of the kinds of values in ksqlDB's messages. */
function nodeName(json: JsonScanner, start: number, end: number, kind: ValueKind): string {
  switch (kind) {
    case INTEGER_NUMBER: {
      const value = end - start > 25 ? 1n << 70n : BigInt(json.text.slice(start, end));
      if (BigInt.asIntN(32, value) === value) return 'IntNode';
      return BigInt.asIntN(64, value) === value ? 'LongNode' : 'BigIntegerNode';
    }
    case DECIMAL_NUMBER:
      return 'DecimalNode';
    case TRUE:
    case FALSE:
      return 'BooleanNode';
    case OBJECT:
      return 'ObjectNode';
    case ARRAY:
      return 'ArrayNode';
    case MISSING:
      return 'MissingNode';
    case NULL:
      return 'NullNode';
    default:
      return 'TextNode';
  }
}

/** Formats a type as the messages of the JSON format do: by its JSON representation, without quotes. */
export function jsonTypeText(type: SqlType): string {
  switch (type.base) {
    case 'INTEGER':
    case 'DATE':
    case 'TIME':
      return 'INT';
    case 'TIMESTAMP':
      return 'BIGINT';
    case 'STRING':
      return 'VARCHAR';
    case 'DECIMAL':
      return `DECIMAL(${type.precision}, ${type.scale})`;
    case 'ARRAY':
      return `ARRAY<${jsonTypeText(type.element)}>`;
    case 'MAP':
      return `MAP<${jsonTypeText(type.key)}, ${jsonTypeText(type.value)}>`;
    case 'STRUCT':
      return type.fields.length === 0
        ? 'STRUCT< >'
        : `STRUCT<${type.fields.map((f) => `${f.name} ${jsonTypeText(f.type)}`).join(', ')}>`;
    default:
      return type.base;
  }
}
