import { Counter, Gauge, Registry } from 'prom-client';

/** The metrics about ksqlDB and Kafka. They are set anew for each scrape. */
export function createExporterMetrics() {
  const registry = new Registry();
  const registers = [registry];
  return {
    registry,
    targetUp: new Gauge({
      name: 'paystream_exporter_target_up',
      help: '1 if ksqlDB or Kafka answered this scrape.',
      labelNames: ['target'],
      registers,
    }),
    queryRunning: new Gauge({
      name: 'paystream_query_running',
      help: '1 if every server runs the query, 0 if one does not, or if no query writes a topic of the pipeline.',
      labelNames: ['query', 'topic'],
      registers,
    }),
    topicRecords: new Counter({
      name: 'paystream_topic_records_total',
      help: 'Offsets given out in a topic: its records, and the markers of transactions.',
      labelNames: ['topic'],
      registers,
    }),
    lockAge: new Gauge({
      name: 'paystream_migration_lock_age_seconds',
      help: 'For how long the lock of the migrations has been held; 0 if it is free.',
      registers,
    }),
  };
}

export type ExporterMetrics = ReturnType<typeof createExporterMetrics>;
