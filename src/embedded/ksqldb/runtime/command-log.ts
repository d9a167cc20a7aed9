import type { LogStore } from '../../kafka/log/log-store.js';
import { encodeBatch } from '../../kafka/records/encode-batch.js';
import { batches } from '../../kafka/records/record-batch.js';
import type { CommandId } from '../plan/command.js';

/** An executed statement with everything that a replay needs. */
export interface LoggedCommand {
  readonly statement: string;
  readonly properties: Readonly<Record<string, string>>;
  /** The number in the id of the query that the statement started. */
  readonly queryNumber: number;
}

/** ksqlDB's command topic: the executed statements in order. It is the source of truth for the catalog. */
export class CommandLog {
  readonly #store: LogStore;
  readonly #topic: string;
  #count = 0;

  constructor(store: LogStore, serviceId: string) {
    this.#store = store;
    this.#topic = `_confluent-ksql-${serviceId}_command_topic`;
    if (store.topic(this.#topic) === undefined) {
      store.createTopic(this.#topic, { partitions: 1, configs: { 'retention.ms': '-1' } });
    }
  }

  /** Counts in steps of two, because ksqlDB commits each command in a transaction whose marker takes an offset. */
  get lastSequenceNumber(): number {
    return this.#count === 0 ? -1 : 2 * (this.#count - 1);
  }

  /** The number in the id of the next query: the offset after the last command. */
  get nextQueryNumber(): number {
    return this.#count === 0 ? 0 : 2 * this.#count - 1;
  }

  /** Reads all commands. Must be called once, before the first `append`. */
  replay(): readonly LoggedCommand[] {
    const commands: LoggedCommand[] = [];
    const log = this.#store.partition(this.#topic, 0)!;
    let offset = log.startOffset;
    while (offset < log.endOffset) {
      const bytes = log.read(offset, 1024 * 1024);
      if (bytes.length === 0) break;
      for (const batch of batches(bytes)) {
        offset = batch.nextOffset;
        if (batch.isControl) continue;
        batch.forEachRecord((_, __, ___, value) => {
          if (value !== null) commands.push(JSON.parse(value.toString('utf8')) as LoggedCommand);
        });
      }
    }
    this.#count = commands.length;
    return commands;
  }

  /** Appends a command and returns its sequence number. */
  append(id: CommandId, command: LoggedCommand, now: number): number {
    const key = Buffer.from(`${id.type}/${id.entity}/${id.execution}`, 'utf8');
    const value = Buffer.from(JSON.stringify(command), 'utf8');
    const batch = encodeBatch([{ key, value, timestamp: now }]);
    this.#store.appendAtomically([{ topic: this.#topic, partition: 0, batch }]);
    this.#count++;
    return this.lastSequenceNumber;
  }
}
