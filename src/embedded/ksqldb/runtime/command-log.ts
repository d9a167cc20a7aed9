import type { LogStore } from '../../kafka/log/log-store.js';
import { encodeBatch } from '../../kafka/records/encode-batch.js';
import { batches } from '../../kafka/records/record-batch.js';
import type { CommandId } from '../plan/command.js';

/** A statement that was carried out, with all that its replay needs. */
export interface LoggedCommand {
  readonly statement: string;
  readonly properties: Readonly<Record<string, string>>;
  /** The number in the id of the query that it started. */
  readonly queryNumber: number;
}

/** ksqlDB's command topic: the statements that were carried out, in order. What it says is so. */
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

  /** ksqlDB writes each command in a transaction, whose end takes an offset too: numbers go up by two. */
  get lastSequenceNumber(): number {
    return this.#count === 0 ? -1 : 2 * (this.#count - 1);
  }

  /** The number for the id of the next query: the offset after the last command's. */
  get nextQueryNumber(): number {
    return this.#count === 0 ? 0 : 2 * this.#count - 1;
  }

  /** Reads all commands; called once, before the first `append`. */
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

  /** The command's sequence number. */
  append(id: CommandId, command: LoggedCommand, now: number): number {
    const key = Buffer.from(`${id.type}/${id.entity}/${id.execution}`, 'utf8');
    const value = Buffer.from(JSON.stringify(command), 'utf8');
    const batch = encodeBatch([{ key, value, timestamp: now }]);
    this.#store.appendAtomically([{ topic: this.#topic, partition: 0, batch }]);
    this.#count++;
    return this.lastSequenceNumber;
  }
}
