/** A case's records: from JSON to the bytes of the owning source's formats, and back for the comparison. */
import { LosslessNumber } from 'lossless-json';
import type { DataSource, SideFormat } from '../../src/embedded/ksqldb/catalog/data-source.js';
import {
  formatNamed,
  splitSession,
  splitTimeWindow,
  wrapSession,
  wrapTimeWindow,
} from '../../src/embedded/ksqldb/formats/index.js';
import type { Column } from '../../src/embedded/ksqldb/schema/schema.js';
import { Decimal } from '../../src/embedded/ksqldb/types/decimal.js';
import { formatJavaDouble } from '../../src/embedded/ksqldb/types/java-double.js';
import type { SchemaRegistry } from '../../src/embedded/schema-registry/registry.js';
import { type ExactJson, parseExact, stringifyExact } from '../../src/ksqldb/exact-json.js';
import type { CaseRecord } from './case-file.js';
import { type ActualValue, actualOfJson, Double } from './match.js';
import { decodeRegistryRecord, encodeRegistryRecord, type RecordSide } from './registry-records.js';
import type { TopicRecord } from './simulated-engine.js';

export interface ActualRecord {
  readonly key: ActualValue;
  readonly window: { readonly start: number; readonly end: number; readonly type: 'time' | 'session' } | null;
  readonly value: ActualValue;
  readonly timestamp: number;
  readonly headers: TopicRecord['headers'];
}

export interface CodecOptions {
  readonly registry: SchemaRegistry;
  /** False: JSON's decimals are read as doubles. */
  readonly exactDecimals: boolean;
}

/** Reads and writes the records of one topic, as the source that owns it has them. */
export class RecordCodec {
  readonly #source: DataSource;
  readonly #options: CodecOptions;

  constructor(source: DataSource, options: CodecOptions) {
    this.#source = source;
    this.#options = options;
  }

  encode(record: CaseRecord): TopicRecord {
    let key = this.#encode(record.key, true);
    if (record.window !== undefined) {
      const { start, end, type } = record.window;
      key = type === 'session' ? wrapSession(key, start, end) : wrapTimeWindow(key, start);
    }
    return {
      key,
      value: this.#encode(record.value, false),
      timestamp: record.timestamp ?? 0,
      headers: (record.headers ?? []).map(({ KEY, VALUE }) => ({
        key: KEY,
        value: VALUE === null ? null : Buffer.from(VALUE, 'base64'),
      })),
    };
  }

  decode(record: TopicRecord): ActualRecord {
    const { window, key } = this.#splitKey(record.key);
    return {
      key: this.#decode(key, true),
      window,
      value: this.#decode(record.value, false),
      timestamp: record.timestamp,
      headers: record.headers,
    };
  }

  #splitKey(key: Buffer | null): { readonly key: Buffer | null; readonly window: ActualRecord['window'] } {
    const { window } = this.#source;
    if (window === undefined || key === null) return { key, window: null };
    if (window.type === 'SESSION') {
      const split = splitSession(key)!;
      return {
        key: nullIfEmpty(split.key),
        window: { start: split.start, end: split.end!, type: 'session' },
      };
    }
    const { key: inner, start } = splitTimeWindow(key)!;
    return { key: nullIfEmpty(inner), window: { start, end: start + (window.sizeMs ?? 0), type: 'time' } };
  }

  #side(isKey: boolean): { readonly format: SideFormat; readonly columns: readonly Column[] } {
    const { keyFormat, valueFormat, schema } = this.#source;
    return isKey
      ? { format: keyFormat, columns: schema.key }
      : { format: valueFormat, columns: schema.value };
  }

  #registrySide(isKey: boolean): RecordSide {
    const { format, columns } = this.#side(isKey);
    const { byDefault } = formatNamed(format.format).wrapping;
    return {
      registry: this.#options.registry,
      topic: this.#source.topic,
      isKey,
      format: format.format,
      properties: format.properties,
      columns,
      wrapSingle: columns.length === 1 && (format.wrapSingle ?? byDefault),
    };
  }

  #encode(node: ExactJson | undefined, isKey: boolean): Buffer | null {
    if (node === null || node === undefined) return null;
    const { format, columns } = this.#side(isKey);
    switch (format.format) {
      case 'NONE':
        return null;
      case 'JSON':
        return Buffer.from(stringifyExact(node), 'utf8');
      case 'DELIMITED':
        return Buffer.from(plainText(node), 'utf8');
      case 'KAFKA':
        return encodeKafka(columns[0]?.type.base ?? 'STRING', plainText(node));
      default:
        return encodeRegistryRecord(this.#registrySide(isKey), node);
    }
  }

  #decode(bytes: Buffer | null, isKey: boolean): ActualValue {
    if (bytes === null) return null;
    const { format, columns } = this.#side(isKey);
    switch (format.format) {
      case 'NONE':
        return null;
      case 'JSON': {
        const value = actualOfJson(parseExact(bytes.toString('utf8')));
        return this.#options.exactDecimals ? value : inexact(value);
      }
      case 'DELIMITED':
        return bytes.toString('utf8');
      case 'KAFKA':
        return decodeKafka(columns[0]?.type.base ?? 'STRING', bytes);
      default:
        return decodeRegistryRecord(this.#registrySide(isKey), bytes);
    }
  }
}

const nullIfEmpty = (bytes: Buffer): Buffer | null => (bytes.length === 0 ? null : bytes);

function plainText(node: ExactJson): string {
  if (typeof node === 'string') return node;
  return node instanceof LosslessNumber ? node.value : stringifyExact(node);
}

function encodeKafka(base: string, text: string): Buffer {
  switch (base) {
    case 'INTEGER': {
      const bytes = Buffer.alloc(4);
      bytes.writeInt32BE(Number(text));
      return bytes;
    }
    case 'BIGINT': {
      const bytes = Buffer.alloc(8);
      bytes.writeBigInt64BE(BigInt(text));
      return bytes;
    }
    case 'DOUBLE': {
      const bytes = Buffer.alloc(8);
      bytes.writeDoubleBE(Number(text));
      return bytes;
    }
    default:
      return Buffer.from(text, 'utf8');
  }
}

function decodeKafka(base: string, bytes: Buffer): ActualValue {
  switch (base) {
    case 'INTEGER':
      return BigInt(bytes.readInt32BE(0));
    case 'BIGINT':
      return bytes.readBigInt64BE(0);
    case 'DOUBLE':
      return Decimal.parse(formatJavaDouble(bytes.readDoubleBE(0)));
    default:
      return bytes.toString('utf8');
  }
}

function inexact(value: ActualValue): ActualValue {
  if (value instanceof Decimal) return new Double(Number(value.toString()));
  if (Array.isArray(value)) return value.map((each: ActualValue) => inexact(each));
  if (value instanceof Map)
    return new Map([...value].map(([name, each]) => [name, inexact(each as ActualValue)]));
  return value;
}
