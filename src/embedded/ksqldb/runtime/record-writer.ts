import type { LogStore } from '../../kafka/log/log-store.js';
import { encodeBatch } from '../../kafka/records/encode-batch.js';
import { partitionFor } from '../../kafka/records/murmur2.js';
import type { DataSource, SideFormat } from '../catalog/data-source.js';
import { KsqlException } from '../errors.js';
import { formatNamed, keyWrapping, type Serde, wrapsSingle } from '../formats/index.js';
import type { RegistryClient } from '../formats/registry/registry-client.js';
import type { Column } from '../schema/schema.js';
import type { Value } from '../types/value.js';

/** A row to write to the topic of a source. */
export interface SourceRow {
  readonly key: readonly Value[];
  readonly value: readonly Value[];
  /** Milliseconds since 1970. */
  readonly time: number;
}

export interface EncodedRow {
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly time: number;
}

interface SourceSerdes {
  readonly key: Serde;
  readonly value: Serde;
}

const serdes = new WeakMap<DataSource, SourceSerdes>();

/** Returns the serdes of a source, which are created once and cached. */
export function serdesOf(source: DataSource, registry: RegistryClient | undefined): SourceSerdes {
  let found = serdes.get(source);
  if (found === undefined) {
    found = {
      key: serdeOf(source, source.keyFormat, source.schema.key, true, registry),
      value: serdeOf(source, source.valueFormat, source.schema.value, false, registry),
    };
    serdes.set(source, found);
  }
  return found;
}

function serdeOf(
  source: DataSource,
  side: SideFormat,
  columns: readonly Column[],
  isKey: boolean,
  registry: RegistryClient | undefined,
): Serde {
  const format = formatNamed(side.format);
  const feature = isKey ? keyWrapping(format, columns.length) : null;
  return format.createSerde({
    columns,
    properties: side.properties,
    wrapSingle: columns.length === 1 && (side.wrapSingle ?? wrapsSingle(format, feature)),
    topic: source.topic,
    isKey,
    ...(registry === undefined ? {} : { registry }),
  });
}

/** @throws KsqlException if a value does not fit its format */
export function encodeRow(source: DataSource, row: SourceRow, registry?: RegistryClient): EncodedRow {
  const { key, value } = serdesOf(source, registry);
  // A key that consists only of NULLs becomes a null key.
  const hasKey = row.key.length > 0 && row.key.some((part) => part !== null);
  return {
    key: serialize('key', () => key.serialize(hasKey ? row.key : null)),
    value: serialize('value', () => value.serialize(row.value)),
    time: row.time,
  };
}

/**
 * Serializes a key. A null key becomes an empty buffer.
 *
 * @throws KsqlException if a value does not fit its format
 */
export function encodeKey(source: DataSource, key: readonly Value[], registry?: RegistryClient): Buffer {
  return serialize('key', () => serdesOf(source, registry).key.serialize(key)) ?? Buffer.alloc(0);
}

function serialize(side: 'key' | 'value', run: () => Buffer | null): Buffer | null {
  try {
    return run();
  } catch (error) {
    const detail = side === 'value' && error instanceof Error ? error.message : '';
    throw new KsqlException(`Could not serialize ${side}${detail}`, error);
  }
}

let nextUnkeyed = 0;

/** Appends a row to its topic. Partitions by the hash of the key, or round-robin without a key, as a producer does. */
export function appendRow(store: LogStore, topic: string, { key, value, time }: EncodedRow): void {
  const partitions = store.topic(topic)?.partitions.length;
  if (partitions === undefined) throw new KsqlException(`Topic ${topic} does not exist.`);
  const partition = key === null ? nextUnkeyed++ % partitions : partitionFor(key, partitions);
  store.appendAtomically([{ topic, partition, batch: encodeBatch([{ key, value, timestamp: time }]) }]);
}
