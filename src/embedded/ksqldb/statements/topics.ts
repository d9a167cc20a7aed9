/** SHOW TOPICS. */
import type { StatementContext } from './context.js';

const hiddenNames = new Set([
  '_schemas',
  '__consumer_offsets',
  '__transaction_state',
  'connect-configs',
  'connect-offsets',
  'connect-status',
  'connect-statuses',
]);

/** Internal topics of Kafka and ksqlDB (`ksql.hidden.topics`, `ksql.readonly.topics`). */
export function hiddenTopic(name: string): boolean {
  return hiddenNames.has(name) || name.startsWith('_confluent') || name.startsWith('__confluent');
}

export function listTopics(
  context: StatementContext,
  statement: { readonly all: boolean; readonly extended: boolean },
  statementText: string,
): object {
  const topics = context.engine.store
    .topics()
    .filter(({ name }) => statement.all || !hiddenTopic(name))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, partitions }) => ({ name, replicaInfo: partitions.map(() => 1) }));
  if (!statement.extended) return { '@type': 'kafka_topics', statementText, topics };
  const groups = context.consumerGroups?.() ?? [];
  return {
    '@type': 'kafka_topics_extended',
    statementText,
    topics: topics.map((topic) => {
      const counts = groups.map(
        ({ members }) =>
          members.flatMap((member) => member.partitions).filter((partition) => partition.topic === topic.name)
            .length,
      );
      return {
        ...topic,
        consumerCount: counts.reduce((sum, count) => sum + count, 0),
        consumerGroupCount: counts.filter((count) => count > 0).length,
      };
    }),
  };
}
