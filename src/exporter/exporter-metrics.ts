import { Counter, Gauge, Registry } from 'prom-client';

/** Creates the metrics about ksqlDB and Kafka. Each scrape sets them again. */
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
      help: '1 if every server runs the query; 0 if one does not, or if no query writes the topic.',
      labelNames: ['query', 'topic'],
      registers,
    }),
    topicRecords: new Counter({
      name: 'paystream_topic_records_total',
      help: 'Offsets assigned in a topic: records and transaction markers.',
      labelNames: ['topic'],
      registers,
    }),
    lockAge: new Gauge({
      name: 'paystream_migration_lock_age_seconds',
      help: 'How long the migration lock has been held; 0 if it is free.',
      registers,
    }),
  };
}

export type ExporterMetrics = ReturnType<typeof createExporterMetrics>;
