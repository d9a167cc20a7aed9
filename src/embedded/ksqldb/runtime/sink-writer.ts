import { partitionFor } from '../../kafka/records/murmur2.js';
import { wrapSession, wrapTimeWindow } from '../formats/index.js';
import type { OperatorEnv } from '../operators/operator-env.js';
import type { Next } from '../operators/record.js';
import { StreamsException } from '../operators/source.js';
import { timeExtractor } from '../operators/timestamp.js';
import type { SinkPlan } from '../plan/step.js';
import type { OutputRecord } from './output-record.js';

/** Serializes a query's rows as records of its sink topic. */
export function sinkWriter(sink: SinkPlan, env: OperatorEnv, write: (record: OutputRecord) => void): Next {
  const keySerde = env.keySerde(sink.keyFormat, sink.schema.key, sink.topic);
  const valueSerde = env.valueSerde(sink.valueFormat, sink.schema.value, sink.topic);
  const partitions = env.partitionsOf(sink.topic);
  const extract = sink.timestamp === undefined ? undefined : timeExtractor(sink.timestamp, sink.schema);
  const isSession = sink.window?.type === 'SESSION';
  let nextKeyless = 0;
  let streamTime = 0;
  return ({ key, window, row, time, headers }) => {
    let timestamp = time;
    if (time > streamTime) streamTime = time;
    if (extract !== undefined) {
      if (row === null) {
        timestamp = streamTime;
      } else {
        try {
          timestamp = extract(key, row);
          if (timestamp < 0) throw new Error(`Invalid timestamp ${timestamp}`);
        } catch (error) {
          env.log([sink.name], 1, 'Error writing row with extracted timestamp', error);
          return;
        }
      }
    }
    let keyBytes: Buffer | null;
    let value: Buffer | null;
    try {
      keyBytes = keySerde.serialize(key);
      value = valueSerde.serialize(row);
    } catch (error) {
      env.log([sink.name, 'serializer'], 3, (error as Error).message, error, sink.topic);
      throw new StreamsException(
        `Error serializing message to topic: ${sink.topic}. ${(error as Error).message}`,
        error,
      );
    }
    // Records without a key are partitioned round-robin. All windows of a key go to the same partition.
    const partition =
      keyBytes === null
        ? nextKeyless++ % partitions
        : partitions === 1
          ? 0
          : partitionFor(keyBytes, partitions);
    if (window !== null) {
      keyBytes = isSession
        ? wrapSession(keyBytes, window.start, window.end)
        : wrapTimeWindow(keyBytes, window.start);
    }
    write({ partition, key: keyBytes, value, timestamp, headers });
  };
}
