import type { Config } from '../config/config.js';
import { createKafkaAdmin } from '../kafka/admin.js';
import { kafkaConnectionOf } from '../kafka/connection.js';
import type { PipelineSources } from '../pipeline/pipeline-status.js';
import { openConfiguredStore } from './open-configured-store.js';

/** Returns the Kafka and store connections that the status of the configured pipeline needs. */
export function pipelineSources(config: Config): PipelineSources {
  return {
    openKafka: () => createKafkaAdmin(kafkaConnectionOf(config.kafka), 'paystream-status'),
    openStore: () => openConfiguredStore(config.store),
    sink: config.sink,
  };
}
