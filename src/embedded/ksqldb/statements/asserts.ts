/** ASSERT TOPIC and ASSERT SCHEMA: evaluated every 100 ms until they hold or the timeout expires. */
import type { AssertSchema, AssertTopic, Duration, Literal } from '../../../sql/ast.js';
import type { RegistryClient } from '../formats/registry/registry-client.js';
import { errorCodes, genericError } from '../rest-error.js';
import type { StatementContext } from './context.js';

const retryMs = 100;
const defaultTimeoutMs = 1000;

export async function assertTopic(
  context: StatementContext,
  statement: AssertTopic,
  statementText: string,
): Promise<object> {
  await holds(() => topicProblem(context, statement), statement.timeout, context);
  return { '@type': 'assert_topic', statementText, topicName: statement.topic, exists: statement.exists };
}

export async function assertSchema(
  context: StatementContext,
  statement: AssertSchema,
  statementText: string,
): Promise<object> {
  await holds(() => schemaProblem(context, statement), statement.timeout, context);
  return {
    '@type': 'assert_schema',
    statementText,
    subject: statement.subject ?? null,
    id: statement.id ?? null,
    exists: statement.exists,
  };
}

async function holds(
  problem: () => string | undefined,
  timeout: Duration | undefined,
  context: StatementContext,
): Promise<void> {
  const end = context.clock() + (timeout === undefined ? defaultTimeoutMs : toMs(timeout));
  for (;;) {
    const found = problem();
    if (found === undefined) return;
    if (context.clock() + retryMs > end) throw genericError(417, errorCodes.assertionFailed, found);
    await new Promise((resolve) => setTimeout(resolve, retryMs));
  }
}

function topicProblem(context: StatementContext, statement: AssertTopic): string | undefined {
  const topic = context.engine.store.topic(statement.topic);
  if (!statement.exists) return topic === undefined ? undefined : `Topic ${statement.topic} exists`;
  if (topic === undefined) return `Topic ${statement.topic} does not exist`;
  const problems: string[] = [];
  for (const [name, literal] of statement.with) {
    const config = name.toLowerCase();
    if (config !== 'partitions' && config !== 'replicas') {
      problems.push(`Cannot assert unknown topic property: ${name}`);
      continue;
    }
    const actual = config === 'partitions' ? topic.partitions.length : 1;
    if (literal.kind === 'Integer' && literal.value === actual) continue;
    problems.push(
      `Mismatched configuration for topic ${statement.topic}: For config ${config}, ` +
        `expected ${literalText(literal)} got ${actual}`,
    );
  }
  return problems.length === 0 ? undefined : problems.join('\n');
}

function literalText(literal: Literal): string {
  switch (literal.kind) {
    case 'Null':
      return 'null';
    case 'Decimal':
      return literal.text;
    default:
      return String(literal.value);
  }
}

function schemaProblem(context: StatementContext, statement: AssertSchema): string | undefined {
  const subject = statement.subject === undefined ? '' : ` subject name ${statement.subject}`;
  const id = statement.id === undefined ? '' : ` id ${statement.id}`;
  const exists = schemaExists(context, statement);
  if (exists === statement.exists) return undefined;
  return `Schema with${subject}${id} ${exists ? 'exists' : 'does not exist'}`;
}

function schemaExists({ engine }: StatementContext, { subject, id }: AssertSchema): boolean {
  const registry = engine.registry as (RegistryClient & Partial<AllSchemas>) | undefined;
  if (registry === undefined) return false;
  if (subject !== undefined && id !== undefined) {
    const known = registry.all?.() ?? [registry.findLatest(subject)];
    return known.some((schema) => schema?.subject === subject && schema.id === id);
  }
  if (subject !== undefined) return registry.findLatest(subject) !== undefined;
  return id !== undefined && hasId(registry, id);
}

/** What the embedded registry offers beyond the needs of the formats. */
interface AllSchemas {
  all(): readonly { readonly subject: string; readonly id: number }[];
}

function hasId(registry: RegistryClient, id: number): boolean {
  try {
    registry.byId(id);
    return true;
  } catch {
    // The registry throws only for unknown IDs.
    return false;
  }
}

const unitMs: Readonly<Record<Duration['unit'], number>> = {
  NANOSECOND: 1e-6,
  MICROSECOND: 1e-3,
  MILLISECOND: 1,
  SECOND: 1000,
  MINUTE: 60_000,
  HOUR: 3_600_000,
  DAY: 86_400_000,
  MONTH: 30 * 86_400_000,
  YEAR: 365 * 86_400_000,
};

function toMs(duration: Duration): number {
  return Math.min(Number(duration.value) * unitMs[duration.unit], 2 ** 31 - 1);
}
