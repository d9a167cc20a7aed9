import { parseStatements } from '../../../sql/parse.js';
import { LogStore } from '../../kafka/log/log-store.js';
import { encodeBatch } from '../../kafka/records/encode-batch.js';
import { partitionFor } from '../../kafka/records/murmur2.js';
import { batches } from '../../kafka/records/record-batch.js';
import type { Engine, ExecuteResult } from '../engine/engine.js';
import { openEngine } from './live-engine.js';

export interface TestRecord {
  readonly key: string | null;
  readonly value: string | null;
  readonly time: number;
  readonly partition: number;
}

/** An engine with its own log store. Topics have string keys and JSON values. */
export class EngineUnderTest {
  readonly store: LogStore;
  readonly engine: Engine;
  readonly properties = new Map([['auto.offset.reset', 'earliest']]);

  constructor(dataDir: string | null = null, config: ReadonlyMap<string, string> = new Map()) {
    this.store = LogStore.open({ dataDir });
    this.engine = openEngine({ store: this.store, config });
  }

  run(sql: string): readonly ExecuteResult[] {
    return parseStatements(sql).map((statement) =>
      this.engine.execute(statement, { properties: new Map(this.properties), variables: new Map() }),
    );
  }

  write(topic: string, key: string | null, value: unknown, time = 0): void {
    const bytes = key === null ? null : Buffer.from(key, 'utf8');
    const partitions = this.store.topic(topic)!.partitions.length;
    const partition = bytes === null ? 0 : partitionFor(bytes, partitions);
    const text =
      value === null ? null : Buffer.from(typeof value === 'string' ? value : JSON.stringify(value), 'utf8');
    const batch = encodeBatch([{ key: bytes, value: text, timestamp: time }]);
    this.store.appendAtomically([{ topic, partition, batch }]);
  }

  /** Returns all records of a topic, partition by partition. */
  read(topic: string): readonly TestRecord[] {
    const found: TestRecord[] = [];
    for (const log of this.store.topic(topic)?.partitions ?? []) {
      let offset = log.startOffset;
      while (offset < log.endOffset) {
        for (const batch of batches(log.read(offset, 1024 * 1024))) {
          offset = batch.nextOffset;
          batch.forEachRecord((_, time, key, value) => {
            found.push({
              key: key === null ? null : key.toString('utf8'),
              value: value === null ? null : value.toString('utf8'),
              time,
              partition: log.partition,
            });
          });
        }
      }
    }
    return found;
  }

  /** Returns the last value of each key of a table's topic, without deleted keys. */
  table(topic: string): Readonly<Record<string, string>> {
    const rows = new Map<string, string>();
    for (const { key, value } of this.read(topic)) {
      if (value === null) rows.delete(String(key));
      else rows.set(String(key), value);
    }
    return Object.fromEntries([...rows].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  settled(): Promise<void> {
    return this.engine.settled();
  }

  async close(): Promise<void> {
    await this.engine.close();
    this.store.close();
  }
}
