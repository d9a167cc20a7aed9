import { KafkaError } from '../errors/error-codes.js';
import type { LogStore } from '../log/log-store.js';
import type { Topic } from '../log/topic.js';
import type { Reply } from './api.js';

const topicResource = 2;

/** Finds the topic of a config change. Throws KafkaError for an unknown topic or another kind of resource. */
export function topicOf(store: LogStore, type: number, name: string): Topic {
  if (type !== topicResource) {
    throw new KafkaError(
      'INVALID_REQUEST',
      'Only the configs of topics can be changed while the broker runs',
    );
  }
  const topic = store.topic(name);
  if (topic === undefined) {
    throw new KafkaError('UNKNOWN_TOPIC_OR_PARTITION', `The topic '${name}' does not exist.`);
  }
  return topic;
}

/** Applies a change to each resource, and builds the response of AlterConfigs and IncrementalAlterConfigs. */
export function alterAnswers<T extends { readonly type: number; readonly name: string }>(
  resources: readonly T[],
  apply: (resource: T) => void,
): Reply {
  const answers = resources.map((resource) => {
    const { type, name } = resource;
    try {
      apply(resource);
      return { type, name, code: 0, message: null };
    } catch (error) {
      if (!(error instanceof KafkaError)) throw error;
      return { type, name, code: error.errorCode, message: error.message };
    }
  });
  return (writer) => {
    writer.int32(0).array(answers, ({ type, name, code, message }) => {
      writer.int16(code).string(message).int8(type).string(name).tags();
    });
    writer.tags();
  };
}
