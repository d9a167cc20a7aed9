import { DeserializeError } from '../errors.js';
import { splitSession, splitTimeWindow } from '../formats/index.js';
import type { SourceStep } from '../plan/step.js';
import type { WindowInfo } from '../schema/schema.js';
import { ROWOFFSET, ROWTIME } from '../schema/system-columns.js';
import { keyIdOf } from '../state/key-id.js';
import { KeyValueStore } from '../state/key-value-store.js';
import type { WindowBounds } from '../state/materialized-table.js';
import { rowCodec } from '../state/row-codec.js';
import { valuesKey } from '../types/compare.js';
import type { Value } from '../types/value.js';
import type { Demand } from './demand.js';
import { headerReader } from './headers.js';
import type { RawRecord, TopologyBuilder } from './operator-env.js';
import type { Next, Row, TableRow, TableView } from './record.js';
import { timeExtractor } from './timestamp.js';

/** Compiles a source: decodes records to rows with pseudo and key columns, and stores the rows of a table. */
export function compileSource(
  step: SourceStep,
  next: Next,
  demand: Demand,
  builder: TopologyBuilder,
): TableView | undefined {
  if (step.output === 'STREAM') {
    const read = rowReader(step, builder, demand.columns);
    builder.sources.push({
      step,
      process: (raw) => {
        const found = read(raw);
        if (found === undefined) return;
        const { key, window, row, time } = found;
        // Spelled out here and in other operators, because a spread costs microseconds per record.
        next({ key, window, row, old: null, time, partition: raw.partition, headers: raw.headers });
      },
    });
    return undefined;
  }
  // All columns of a table are stored, because a query that replaces this one may read other columns.
  const read = rowReader(step, builder, undefined);
  const table = new SourceTable(step);
  builder.stores.push(table.store);
  builder.sources.push({
    step,
    process: (raw) => {
      const found = read(raw);
      if (found === undefined) return;
      const { key, window, row, time } = found;
      // Kafka Streams skips table records without a key.
      if (key === null) return;
      const old = table.put(raw.partition, key, window, row, time);
      next({
        key,
        window,
        row,
        old: demand.old ? old : null,
        time,
        partition: raw.partition,
        headers: raw.headers,
      });
    },
  });
  return table;
}

interface ReadRecord {
  readonly key: readonly Value[] | null;
  readonly window: WindowBounds | null;
  readonly row: Row | null;
  readonly time: number;
}

function rowReader(
  step: SourceStep,
  builder: TopologyBuilder,
  read: ReadonlySet<string> | undefined,
): (raw: RawRecord) => ReadRecord | undefined {
  // Computing pseudo columns costs time for each record, so unused ones are left NULL.
  const isRead = (name: string): boolean => read === undefined || read.has(name);
  const readsTime = isRead(ROWTIME);
  const readsOffset = isRead(ROWOFFSET);
  const { source } = step;
  const { schema, topic } = source;
  const { env } = builder;
  const keySerde = env.keySerde(source.keyFormat, schema.key, topic);
  const valueSerde = env.valueSerde(source.valueFormat, schema.value, topic);
  const deserializer = [...step.context, 'deserializer'];
  const nullKey: readonly Value[] = schema.key.map(() => null);
  const readWindow = source.window === undefined ? undefined : windowReader(source.window);
  const readHeaders = schema.headers.map(headerReader);
  const extract = source.timestamp === undefined ? undefined : timeExtractor(source.timestamp, schema);
  const throwsOnInvalidTime = env.config.get('ksql.timestamp.throw.on.invalid') === 'true';
  const valueCount = schema.value.length;
  const keyCount = schema.key.length;
  const width = valueCount + readHeaders.length + 3 + keyCount + (readWindow === undefined ? 0 : 2);

  return (raw) => {
    let key: readonly Value[] | null;
    let window: WindowBounds | null = null;
    let values: readonly Value[] | null;

    try {
      let keyBytes = raw.key;
      if (readWindow !== undefined && keyBytes !== null) {
        const split = readWindow(keyBytes);
        keyBytes = split.key;
        window = split.window;
      }
      key = keySerde.deserialize(keyBytes);

      values = valueSerde.deserialize(raw.value);
    } catch (error) {
      if (!(error instanceof DeserializeError)) throw error;
      env.log(deserializer, 0, error.message, error, topic);
      return undefined;
    }
    let { time } = raw;
    if (extract !== undefined && values !== null) {
      try {
        time = extract(key, values);
      } catch (error) {
        env.log(step.context, 1, 'Failed to extract timestamp from row', error);
        if (throwsOnInvalidTime) {
          throw new StreamsException(
            'Fatal user code error in TimestampExtractor callback for record',
            error,
          );
        }
        return undefined;
      }
    }
    // Kafka Streams drops records without a valid time.
    if (time < 0) return undefined;
    // Later times (in 285,000 years) are not exact as numbers, so a window's end could equal its start.
    if (time > Number.MAX_SAFE_INTEGER) time = Number.MAX_SAFE_INTEGER;
    if (values === null) return { key, window, row: null, time };
    const row = new Array<Value>(width);
    let at = 0;
    for (; at < valueCount; at++) row[at] = values[at]!;
    for (const readHeader of readHeaders) row[at++] = readHeader(raw.headers);
    row[at++] = readsTime ? BigInt(time) : null;
    row[at++] = raw.partition;
    row[at++] = readsOffset ? BigInt(raw.offset) : null;
    const keyValues = key ?? nullKey;
    for (let i = 0; i < keyCount; i++) row[at++] = keyValues[i]!;
    if (readWindow !== undefined) {
      row[at++] = window === null ? null : BigInt(window.start);
      row[at++] = window === null ? null : BigInt(window.end);
    }
    return { key, window, row, time };
  };
}

/** An error that stops the query. */
export class StreamsException extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, cause === undefined ? {} : { cause });
    this.name = 'StreamsException';
  }
}

type WindowReader = (bytes: Buffer) => { readonly key: Buffer; readonly window: WindowBounds };

function windowReader(info: WindowInfo): WindowReader {
  const tooShort = (): never => {
    throw new DeserializeError('The key is too short to hold a window');
  };
  if (info.type === 'SESSION') {
    return (bytes) => {
      const split = splitSession(bytes) ?? tooShort();
      return { key: split.key, window: { start: split.start, end: split.end! } };
    };
  }
  const size = info.sizeMs ?? 0;
  return (bytes) => {
    const { key, start } = splitTimeWindow(bytes) ?? tooShort();
    return { key, window: { start, end: start + size } };
  };
}

/** The rows of a source table, stored as read, for joins and old values. */
class SourceTable implements TableView {
  readonly store: KeyValueStore;
  readonly #isWindowed: boolean;

  constructor(step: SourceStep) {
    const { schema } = step;
    this.#isWindowed = step.window !== undefined;
    const bounds = this.#isWindowed ? schema.value.slice(-2) : [];
    const keyColumns = [...schema.key, ...bounds];
    this.store = new KeyValueStore(
      `${step.context[0]}-Reduce`,
      rowCodec(keyColumns),
      rowCodec(schema.value),
      this.#isWindowed ? valuesKey : keyIdOf(schema.key),
    );
  }

  put(
    partition: number,
    key: readonly Value[],
    window: WindowBounds | null,
    row: Row | null,
    time: number,
  ): Row | null {
    const stored = this.#stored(key, window);
    const old = this.store.get(partition, stored)?.row ?? null;
    this.store.put(partition, stored, row, time);
    return old;
  }

  get(partition: number, key: readonly Value[], window: WindowBounds | null): TableRow | undefined {
    const entry = this.store.get(partition, this.#stored(key, window));
    return entry?.row === undefined ? undefined : { key, window, row: entry.row, time: entry.time };
  }

  *rows(partition: number): Iterable<TableRow> {
    for (const entry of this.store.entries(partition)) {
      if (entry.row === undefined) continue;
      yield { ...this.#split(entry.key), row: entry.row, time: entry.time };
    }
  }

  *rowsOf(partition: number, key: readonly Value[]): Iterable<TableRow> {
    if (!this.#isWindowed) {
      const found = this.get(partition, key, null);
      if (found !== undefined) yield found;
      return;
    }
    const id = valuesKey(key);
    for (const found of this.rows(partition)) if (valuesKey(found.key) === id) yield found;
  }

  #stored(key: readonly Value[], window: WindowBounds | null): readonly Value[] {
    if (!this.#isWindowed || window === null) return key;
    return [...key, BigInt(window.start), BigInt(window.end)];
  }

  #split(stored: readonly Value[]): { readonly key: readonly Value[]; readonly window: WindowBounds | null } {
    if (!this.#isWindowed) return { key: stored, window: null };
    const [start, end] = stored.slice(-2);
    return { key: stored.slice(0, -2), window: { start: Number(start), end: Number(end) } };
  }
}
