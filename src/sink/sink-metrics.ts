import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { knownRefusals } from '../store/index.js';
import type { Partitions } from './partitions.js';

/** For records that were never sent to PostgreSQL, and for an SQLSTATE that is not listed in the store. */
const otherStates = ['PS000', 'other'];
const states = new Set([...knownRefusals, ...otherStates]);

/** Returns the `sql_state` label of a dead letter. The number of different labels is bounded. */
export function stateLabel(sqlState: string): string {
  return states.has(sqlState) ? sqlState : 'other';
}

/** Creates the sink's metrics. Each sink has its own registry, so that several can run in one process. */
export function createSinkMetrics(partitions: Pick<Partitions, 'lag' | 'positions'>) {
  const registry = new Registry();
  const registers = [registry];
  const counter = (name: string, help: string, labelNames: readonly string[] = []) =>
    new Counter({ name: `paystream_sink_${name}`, help, labelNames: [...labelNames], registers });

  const metrics = {
    registry,
    records: counter('records_total', 'Aggregate records processed, including tombstones and dead letters.'),
    batches: counter('batches_total', 'Transactions committed.'),
    rows: counter('rows_total', 'Rows of customer_payment changed.', ['change']),
    tombstones: counter('tombstones_total', 'Records without a value: windows that ksqlDB has dropped.'),
    deadLetters: counter('dead_letters_total', 'Records that could not be stored.', ['sql_state']),
    retries: counter('retries_total', 'Retries after a temporary failure of the store.'),
    fenced: counter('fenced_total', 'Batches rejected because another sink had claimed the partition.'),
    restarts: counter('consumer_restarts_total', 'Consumers restarted after a crash or a stall.'),
    gaps: counter(
      'gap_records_total',
      'Offsets skipped because the broker no longer had them. The number of records may be lower.',
    ),
    batchSeconds: new Histogram({
      name: 'paystream_sink_batch_seconds',
      help: 'Time from reading a batch to its commit.',
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5],
      registers,
    }),
    freshness: new Histogram({
      name: 'paystream_sink_freshness_seconds',
      help: "Time from the newest record's Kafka timestamp to its commit, for each batch.",
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30, 60, 300],
      registers,
    }),
    newestFreshness: new Gauge({
      name: 'paystream_sink_newest_freshness_seconds',
      help: "Time from the newest record's Kafka timestamp to its commit, in the last batch.",
      registers,
    }),
    lastWrite: new Gauge({
      name: 'paystream_sink_last_write_timestamp_seconds',
      help: 'When the last batch was committed.',
      registers,
    }),
  };
  new Gauge({
    name: 'paystream_sink_lag_records',
    help: 'Records of an assigned partition that are not stored yet.',
    labelNames: ['partition'],
    registers,
    collect() {
      this.reset();
      for (const [partition, lag] of partitions.lag())
        this.set({ partition: String(partition) }, Number(lag));
    },
  });
  new Gauge({
    name: 'paystream_sink_next_offset',
    help: 'The next offset to store, for each assigned partition.',
    labelNames: ['partition'],
    registers,
    collect() {
      this.reset();
      for (const [partition, next] of partitions.positions())
        this.set({ partition: String(partition) }, Number(next));
    },
  });
  // Export labeled counters from the start: Prometheus sees no increase in a series that begins at 1.
  for (const change of ['inserted', 'updated', 'pruned']) metrics.rows.inc({ change }, 0);
  for (const state of states) metrics.deadLetters.inc({ sql_state: state }, 0);
  return metrics;
}

export type SinkMetrics = ReturnType<typeof createSinkMetrics>;
