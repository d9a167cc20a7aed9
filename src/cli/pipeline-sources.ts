import type { Config } from '../config/config.js';
import type { PipelineSources } from '../pipeline/pipeline-status.js';
import { openConfiguredStore } from './open-configured-store.js';
import { withKafkaStatus } from './status/kafka-status.js';

/** Where the status of the configured pipeline is read from. */
export function pipelineSources(config: Config): PipelineSources {
  return {
    withKafka: (action) => withKafkaStatus(config.kafka, action),
    openStore: () => openConfiguredStore(config.store),
    sink: config.sink,
  };
}
