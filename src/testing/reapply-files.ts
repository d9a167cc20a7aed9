import { PaystreamError } from '../errors/paystream-error.js';
import type { KsqldbClient } from '../ksqldb/ksqldb-client.js';
import { KsqldbError } from '../ksqldb/ksqldb-error.js';
import { fileStatements, type Variables } from '../migrations/file-statements.js';
import type { MigrationFile } from '../migrations/migration-file.js';
import { runStatements } from '../migrations/run-statements.js';
import { statementAt } from '../migrations/statement-place.js';
import type { Statement } from '../sql/ast.js';
import { quoteString } from '../sql/identifiers.js';
import { SqlSyntaxError } from '../sql/sql-syntax-error.js';

/** A topic that a file expects to exist, and its partition count if the file states one. */
interface NeededTopic {
  readonly topic: string;
  readonly partitions?: number;
}

const needed = new WeakMap<MigrationFile, readonly NeededTopic[]>();

/**
 * Applies migration files to an embedded cluster, without writing a history. Creates the topics that a file expects
 * to exist (a source without PARTITIONS, an ASSERT TOPIC) first, with `partitionsOf` partitions or one.
 *
 * @throws MIGRATION_FAILED with the file and line of the statement that was refused.
 */
export async function reapplyFiles(
  client: KsqldbClient,
  files: readonly MigrationFile[],
  variables: Variables,
  partitionsOf: (topic: string) => number | undefined = () => undefined,
): Promise<void> {
  for (const file of files) {
    try {
      await createNeededTopics(client, file, variables, partitionsOf);
      await runStatements(client, file.sql, variables);
    } catch (error) {
      if (!(error instanceof PaystreamError)) throw error;
      const text = error instanceof KsqldbError ? error.statementText : undefined;
      const place = statementAt(file.sql, text, new Map(Object.entries(variables)));
      throw new PaystreamError('MIGRATION_FAILED', `The embedded cluster refused it: ${error.message}`, {
        where: place === undefined ? file.path : `${file.path}:${place.line}`,
        hint: 'Fix the file. If it needs something outside the files, such as a registered schema, create that first.',
        cause: error,
      });
    }
  }
}

async function createNeededTopics(
  client: KsqldbClient,
  file: MigrationFile,
  variables: Variables,
  partitionsOf: (topic: string) => number | undefined,
): Promise<void> {
  const topics = needed.get(file) ?? neededTopics(file, variables);
  needed.set(file, topics);
  if (topics.length === 0) return;
  const [entity] = await client.execute('SHOW TOPICS;');
  const list = (entity?.raw.topics ?? []) as readonly { readonly name: string }[];
  const existing = new Set(list.map(({ name }) => name));
  for (const { topic, partitions } of topics) {
    if (!existing.has(topic)) await createTopic(client, topic, partitions ?? partitionsOf(topic) ?? 1);
    existing.add(topic);
  }
}

/** Creates a topic through ksqlDB, which creates the topic of a stream that states PARTITIONS. */
async function createTopic(client: KsqldbClient, topic: string, partitions: number): Promise<void> {
  const name = 'PAYSTREAM_TOPIC';
  await client.executeAndWait(
    `CREATE STREAM ${name} (V STRING) WITH (KAFKA_TOPIC=${quoteString(topic)}, PARTITIONS=${partitions}, VALUE_FORMAT='JSON');
     DROP STREAM ${name};`,
  );
}

function neededTopics(file: MigrationFile, variables: Variables): readonly NeededTopic[] {
  const created = new Set<string>();
  const topics: NeededTopic[] = [];
  try {
    for (const { tree } of fileStatements(file.sql, variables)) {
      if (tree?.kind === 'AssertTopic' && tree.exists && !created.has(tree.topic)) {
        const partitions = tree.with.get('PARTITIONS');
        topics.push({
          topic: tree.topic,
          ...(partitions?.kind === 'Integer' ? { partitions: partitions.value } : {}),
        });
      }
      const topic = tree === undefined ? undefined : topicOf(tree);
      if (tree === undefined || topic === undefined) continue;
      const creates =
        tree.kind === 'CreateAsSelect' || (tree.kind === 'CreateSource' && tree.with.has('PARTITIONS'));
      if (!creates && !created.has(topic)) topics.push({ topic });
      created.add(topic);
    }
  } catch (error) {
    // The server refuses the same file and reports the reason.
    if (!(error instanceof SqlSyntaxError)) throw error;
  }
  return topics;
}

function topicOf(tree: Statement): string | undefined {
  if (tree.kind !== 'CreateSource' && tree.kind !== 'CreateAsSelect') return undefined;
  const topic = tree.with.get('KAFKA_TOPIC');
  if (topic?.kind === 'String') return topic.value;
  return tree.kind === 'CreateAsSelect' ? tree.name : undefined;
}
