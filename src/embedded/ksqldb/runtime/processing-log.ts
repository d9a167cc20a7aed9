import type { LogStore } from '../../kafka/log/log-store.js';
import { encodeBatch, type RecordToEncode } from '../../kafka/records/encode-batch.js';
import type { ProcessingLogEntry } from '../engine/engine.js';
import { redactDigits } from '../formats/index.js';
import type { LogType } from '../operators/operator-env.js';

/** The statement that declares the stream over the processing log's topic. */
export function processingLogStatement(topic: string, stream: string): string {
  return (
    `CREATE STREAM ${stream} (logger VARCHAR, level VARCHAR, time BIGINT, message STRUCT<type INT, ` +
    'deserializationError STRUCT<target VARCHAR, errorMessage VARCHAR, recordB64 VARCHAR, cause ARRAY<VARCHAR>, `topic` VARCHAR>, ' +
    'recordProcessingError STRUCT<errorMessage VARCHAR, record VARCHAR, cause ARRAY<VARCHAR>>, ' +
    'productionError STRUCT<errorMessage VARCHAR>, ' +
    'serializationError STRUCT<target VARCHAR, errorMessage VARCHAR, record VARCHAR, cause ARRAY<VARCHAR>, `topic` VARCHAR>, ' +
    'kafkaStreamsThreadError STRUCT<errorMessage VARCHAR, threadName VARCHAR, cause ARRAY<VARCHAR>>>) ' +
    `WITH (KAFKA_TOPIC='${topic}', VALUE_FORMAT='JSON')`
  );
}

/**
 * ksqlDB's processing log: the errors of queries, without the rows, which can contain sensitive data.
 *
 * Source: https://docs.ksqldb.io/en/latest/reference/processing-log/
 */
export class ProcessingLog {
  readonly topic: string;
  readonly #store: LogStore;
  readonly #now: () => number;
  readonly #listeners = new Set<(entry: ProcessingLogEntry) => void>();
  #pending: RecordToEncode[] = [];
  #isScheduled = false;

  constructor(store: LogStore, serviceId: string, now: () => number) {
    this.#store = store;
    this.#now = now;
    this.topic = `${serviceId}ksql_processing_log`;
  }

  add(
    queryId: string,
    context: readonly string[],
    type: LogType | 4,
    message: string,
    cause: unknown,
    topic?: string,
  ): void {
    const entry: ProcessingLogEntry = {
      logger: ['processing', queryId, ...context].join('.'),
      level: 'ERROR',
      time: this.#now(),
      type,
      message,
      ...(topic === undefined ? {} : { topic }),
    };
    for (const listener of this.#listeners) listener(entry);
    const value = Buffer.from(JSON.stringify(shown(entry, causesOf(cause))), 'utf8');
    this.#pending.push({ key: null, value, timestamp: entry.time });
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    queueMicrotask(() => this.flush());
  }

  listen(listener: (entry: ProcessingLogEntry) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  flush(): void {
    this.#isScheduled = false;
    const records = this.#pending;
    this.#pending = [];
    if (records.length === 0 || this.#store.topic(this.topic) === undefined) return;
    this.#store.appendAtomically([{ topic: this.topic, partition: 0, batch: encodeBatch(records) }]);
  }
}

function causesOf(cause: unknown): readonly string[] {
  const causes: string[] = [];
  for (let error = cause; error instanceof Error && causes.length < 10; error = error.cause) {
    causes.push(redactDigits(error.message));
  }
  return causes;
}

function shown(
  { logger, level, time, type, message, topic }: ProcessingLogEntry,
  cause: readonly string[],
): unknown {
  const target = message.startsWith('Failed to deserialize key') ? 'key' : 'value';
  return {
    level,
    logger,
    time,
    message: {
      type,
      deserializationError:
        type === 0 ? { target, errorMessage: message, recordB64: null, cause, topic: topic ?? null } : null,
      recordProcessingError: type === 1 ? { errorMessage: message, record: null, cause } : null,
      productionError: type === 2 ? { errorMessage: message } : null,
      serializationError:
        type === 3
          ? { target: 'value', errorMessage: message, record: null, cause, topic: topic ?? null }
          : null,
      kafkaStreamsThreadError: type === 4 ? { errorMessage: message, threadName: 'paystream', cause } : null,
    },
  };
}
