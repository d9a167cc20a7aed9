/**
 * DeleteTopics (key 20), versions 0 to 6, flexible from 4, by id too from 6.
 *
 * - The topic is gone when the answer comes; waiting fetches end. Internal topics: INVALID_TOPIC_EXCEPTION.
 */

import { KafkaError } from '../../errors/error-codes.js';
import type { Api, ApiRequest, Reply } from '../api.js';

const noId = '0'.repeat(32);

export const deleteTopics: Api = { key: 20, name: 'DeleteTopics', versions: [0, 6], flexibleFrom: 4, handle };

function handle({ reader, version, broker }: ApiRequest): Reply {
  const { store } = broker;
  const wanted =
    version <= 5
      ? reader.array(() => ({ name: reader.string() as string | null, id: noId }))
      : reader.array(() => {
          const topic = { name: reader.nullableString(), id: reader.uuid() };
          reader.tags();
          return topic;
        });
  reader.int32(); // timeout
  const answers = wanted.map(({ name, id }) => {
    const topic = name === null ? store.topicById(id) : store.topic(name);
    try {
      if (topic === undefined)
        throw new KafkaError(name === null ? 'UNKNOWN_TOPIC_ID' : 'UNKNOWN_TOPIC_OR_PARTITION');
      if (topic.isInternal) {
        throw new KafkaError('INVALID_TOPIC_EXCEPTION', `Topic ${topic.name} is internal and stays`);
      }
      store.deleteTopic(topic.name);
      return { name: topic.name, id: topic.id, code: 0, message: null };
    } catch (error) {
      if (!(error instanceof KafkaError)) throw error;
      return { name, id, code: error.errorCode, message: error.message };
    }
  });
  return (writer) => {
    if (version >= 1) writer.int32(0);
    writer.array(answers, ({ name, id, code, message }) => {
      writer.string(name);
      if (version >= 6) writer.uuid(id);
      writer.int16(code);
      if (version >= 5) writer.string(message);
      writer.tags();
    });
    writer.tags();
  };
}
