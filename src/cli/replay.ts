import type { KsqldbClient } from '../ksqldb/ksqldb-client.js';
import { fileStatements, type Variables } from '../migrations/file-statements.js';
import type { MigrationFile } from '../migrations/migration-file.js';
import { runStatements } from '../migrations/run-statements.js';
import type { Statement } from '../sql/ast.js';
import { quoteString } from '../sql/identifiers.js';
import { SqlSyntaxError } from '../sql/sql-syntax-error.js';

/** A topic that a file takes for granted, and its partitions as far as the file says. */
interface NeededTopic {
  readonly topic: string;
  readonly partitions?: number;
}

const needed = new WeakMap<MigrationFile, readonly NeededTopic[]>();

/**
 * Runs a file on an embedded cluster. Topics that it expects others to have made (a source without PARTITIONS, an
 * ASSERT TOPIC) are made first, with as many partitions as `partitionsOf` says, or one.
 */
export async function replayFile(
  client: KsqldbClient,
  file: MigrationFile,
  variables: Variables,
  partitionsOf: (topic: string) => number | undefined = () => undefined,
): Promise<void> {
  let topics = needed.get(file);
  if (topics === undefined) {
    topics = neededTopics(file, variables);
    needed.set(file, topics);
  }
  if (topics.length > 0) {
    const [entity] = await client.execute('SHOW TOPICS;');
    const list = (entity?.raw.topics ?? []) as readonly { readonly name: string }[];
    const there = new Set(list.map(({ name }) => name));
    for (const { topic, partitions } of topics) {
      if (!there.has(topic)) await makeTopic(client, topic, partitions ?? partitionsOf(topic) ?? 1);
      there.add(topic);
    }
  }
  await runStatements(client, file.sql, variables);
}

/** ksqlDB makes the topic of a stream that says how many partitions it has. */
async function makeTopic(client: KsqldbClient, topic: string, partitions: number): Promise<void> {
  const name = 'PAYSTREAM_TOPIC';
  await client.executeAndWait(
    `CREATE STREAM ${name} (V STRING) WITH (KAFKA_TOPIC=${quoteString(topic)}, PARTITIONS=${partitions}, VALUE_FORMAT='JSON');
     DROP STREAM ${name};`,
  );
}

function neededTopics(file: MigrationFile, variables: Variables): readonly NeededTopic[] {
  const made = new Set<string>();
  const topics: NeededTopic[] = [];
  try {
    for (const { tree } of fileStatements(file.sql, variables)) {
      if (tree === undefined) continue;
      if (tree.kind === 'AssertTopic' && tree.exists && !made.has(tree.topic)) {
        const partitions = tree.with.get('PARTITIONS');
        topics.push({
          topic: tree.topic,
          ...(partitions?.kind === 'Integer' ? { partitions: partitions.value } : {}),
        });
      }
      const topic = topicOf(tree);
      if (topic === undefined) continue;
      const makes =
        tree.kind === 'CreateAsSelect' || (tree.kind === 'CreateSource' && tree.with.has('PARTITIONS'));
      if (!makes && !made.has(topic)) topics.push({ topic });
      made.add(topic);
    }
  } catch (error) {
    // The server refuses it, and says why.
    if (!(error instanceof SqlSyntaxError)) throw error;
  }
  return topics;
}

function topicOf(tree: Statement): string | undefined {
  if (tree.kind !== 'CreateSource' && tree.kind !== 'CreateAsSelect') return undefined;
  const given = tree.with.get('KAFKA_TOPIC');
  return given?.kind === 'String' ? given.value : tree.kind === 'CreateAsSelect' ? tree.name : undefined;
}
