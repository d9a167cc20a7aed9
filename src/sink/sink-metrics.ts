import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { knownRefusals } from '../store/index.js';

/** Of records that were refused before PostgreSQL saw them (NOT_SENT), and of what it refused for a reason unknown here. */
const otherStates = ['PS000', 'other'];
const states = new Set([...knownRefusals, ...otherStates]);

/** The `sql_state` of a dead letter as a label: one of few. */
export function stateLabel(sqlState: string): string {
  return states.has(sqlState) ? sqlState : 'other';
}

/** The sink's metrics, in a registry of their own so that several sinks can live in one process. */
export function createSinkMetrics(
  partitionLag: () => ReadonlyMap<number, bigint>,
  positions: () => ReadonlyMap<number, bigint>,
) {
  const registry = new Registry();
  const registers = [registry];
  const counter = (name: string, help: string, labelNames: readonly string[] = []) =>
    new Counter({ name: `paystream_sink_${name}`, help, labelNames: [...labelNames], registers });

  const metrics = {
    registry,
    records: counter('records_total', 'Aggregate records stored, tombstones and dead letters included.'),
    batches: counter('batches_total', 'Transactions committed.'),
    rows: counter('rows_total', 'Rows of customer_payment changed.', ['change']),
    tombstones: counter('tombstones_total', 'Records without value: windows that ksqlDB has forgotten.'),
    deadLetters: counter('dead_letters_total', 'Records that could not be stored.', ['sql_state']),
    retries: counter('retries_total', 'Tries of a batch after a failure of the store that may pass.'),
    fenced: counter('fenced_total', 'Batches refused because another consumer had taken the partition over.'),
    restarts: counter('consumer_restarts_total', 'Consumers made anew after a crash or a stall.'),
    gaps: counter(
      'gap_records_total',
      'Offsets skipped because the broker no longer had them (at most so many records).',
    ),
    batchSeconds: new Histogram({
      name: 'paystream_sink_batch_seconds',
      help: 'From reading a batch to its commit.',
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5],
      registers,
    }),
    freshness: new Histogram({
      name: 'paystream_sink_freshness_seconds',
      help: "From the newest record's Kafka timestamp to its commit, for each batch.",
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30, 60, 300],
      registers,
    }),
    newestFreshness: new Gauge({
      name: 'paystream_sink_newest_freshness_seconds',
      help: "From the newest record's Kafka timestamp to its commit, in the last batch.",
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
    help: 'Records of an assigned partition that are not in the store yet.',
    labelNames: ['partition'],
    registers,
    collect() {
      this.reset();
      for (const [partition, lag] of partitionLag()) this.set({ partition: String(partition) }, Number(lag));
    },
  });
  new Gauge({
    name: 'paystream_sink_next_offset',
    help: 'The next offset of an assigned partition to be stored.',
    labelNames: ['partition'],
    registers,
    collect() {
      this.reset();
      for (const [partition, next] of positions()) this.set({ partition: String(partition) }, Number(next));
    },
  });
  // A counter without labels is exported from the start; one with labels only from its first value.
  // Prometheus sees no increase in a series that begins with its first dead letter.
  for (const change of ['inserted', 'updated', 'pruned']) metrics.rows.inc({ change }, 0);
  for (const state of states) metrics.deadLetters.inc({ sql_state: state }, 0);
  return metrics;
}

export type SinkMetrics = ReturnType<typeof createSinkMetrics>;
