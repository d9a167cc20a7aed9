/**
 * Metadata (key 3), versions 0 to 13, flexible from 9.
 *
 * - One broker, which leads every partition and is the controller. Topics by name, from 12 by id too.
 * - Unknown topics are created if the broker and (from 4) the request allow it, as Kafka's auto.create.topics
 *   does; otherwise UNKNOWN_TOPIC_OR_PARTITION. Names that no topic may have: INVALID_TOPIC_EXCEPTION.
 * - There is no authorizer: every operation that exists is allowed when a client asks which are.
 */

import { errorCode, KafkaError } from '../../errors/error-codes.js';
import { type Topic, topicNameProblem } from '../../log/topic.js';
import type { Api, ApiRequest, Reply } from '../api.js';
import { operationsNotAsked } from '../api.js';

interface TopicAnswer {
  readonly errorCode: number;
  readonly name: string | null;
  readonly id: string;
  readonly topic: Topic | undefined;
}

const noId = '0'.repeat(32);
/** READ, WRITE, CREATE, DELETE, ALTER, DESCRIBE, DESCRIBE_CONFIGS, ALTER_CONFIGS as bits (AclOperation). */
const topicOperations = 0b1101_1111_1000;
/** CREATE, ALTER, DESCRIBE, CLUSTER_ACTION, DESCRIBE_CONFIGS, ALTER_CONFIGS, IDEMPOTENT_WRITE. */
export const clusterOperations = 0b1_1111_1010_0000;

export const metadata: Api = { key: 3, name: 'Metadata', versions: [0, 13], flexibleFrom: 9, handle };

function handle({ reader, version, broker, connection }: ApiRequest): Reply {
  const { store } = broker;
  const wanted = reader.nullableArray(() => {
    const id = version >= 10 ? reader.uuid() : noId;
    const name = version >= 10 ? reader.nullableString() : reader.string();
    reader.tags();
    return { id, name };
  });
  const mayCreate = version >= 4 ? reader.boolean() : true;
  const asksClusterOperations = version >= 8 && version <= 10 ? reader.boolean() : false;
  const asksTopicOperations = version >= 8 ? reader.boolean() : false;
  const wantsAll = wanted === null || (version === 0 && wanted.length === 0);

  const known = (topic: Topic): TopicAnswer => ({ errorCode: 0, name: topic.name, id: topic.id, topic });
  const refused = (code: number, name: string | null, id = noId): TopicAnswer => ({
    errorCode: code,
    name,
    id,
    topic: undefined,
  });
  const answer = ({ id, name }: { id: string; name: string | null }): TopicAnswer => {
    // Java clients ask by id with an empty name.
    if (name === null || id !== noId) {
      const topic = store.topicById(id);
      return topic === undefined ? refused(errorCode('UNKNOWN_TOPIC_ID'), null, id) : known(topic);
    }
    const topic = store.topic(name);
    if (topic !== undefined) return known(topic);
    if (topicNameProblem(name) !== undefined) return refused(errorCode('INVALID_TOPIC_EXCEPTION'), name);
    if (!broker.autoCreateTopics || !mayCreate) return refused(errorCode('UNKNOWN_TOPIC_OR_PARTITION'), name);
    try {
      return known(store.createTopic(name, { partitions: broker.defaultPartitions }));
    } catch (error) {
      if (error instanceof KafkaError) return refused(error.errorCode, name);
      throw error;
    }
  };
  const answers = wantsAll ? store.topics().map(known) : wanted.map(answer);

  return (writer) => {
    if (version >= 3) writer.int32(0);
    writer.array([broker.nodeId], (id) => {
      writer.int32(id).string(connection.advertised.host).int32(connection.advertised.port);
      if (version >= 1) writer.string(null);
      writer.tags();
    });
    if (version >= 2) writer.string(broker.clusterId);
    if (version >= 1) writer.int32(broker.nodeId);
    writer.array(answers, ({ errorCode: code, name, id, topic }) => {
      writer.int16(code).string(version >= 12 ? name : (name ?? ''));
      if (version >= 10) writer.uuid(id);
      if (version >= 1) writer.boolean(topic?.isInternal ?? false);
      writer.array(topic?.partitions ?? [], (partition) => {
        const replicas = [broker.nodeId];
        writer.int16(0).int32(partition.partition).int32(broker.nodeId);
        if (version >= 7) writer.int32(partition.leaderEpoch);
        writer.array(replicas, (replica) => writer.int32(replica));
        writer.array(replicas, (replica) => writer.int32(replica));
        if (version >= 5) writer.array([], () => {});
        writer.tags();
      });
      if (version >= 8) writer.int32(asksTopicOperations ? topicOperations : operationsNotAsked);
      writer.tags();
    });
    if (version >= 8 && version <= 10) {
      writer.int32(asksClusterOperations ? clusterOperations : operationsNotAsked);
    }
    if (version >= 13) writer.int16(0);
    writer.tags();
  };
}
