/** What a case says of sources and topics after its run. */

import { schemaOf } from '../../src/embedded/ksqldb/analysis/source-definition.js';
import type { DataSource, SideFormat } from '../../src/embedded/ksqldb/catalog/data-source.js';
import { inputsOf, type Step } from '../../src/embedded/ksqldb/plan/step.js';
import { schemaText } from '../../src/embedded/ksqldb/schema/schema-text.js';
import type { SchemaRegistry } from '../../src/embedded/schema-registry/registry.js';
import { type ExactJson, plain } from '../../src/ksqldb/exact-json.js';
import { parseSchema } from '../../src/sql/parse.js';
import { failed, type Outcome, passed, skipped } from './result.js';
import type { SimulatedEngine } from './simulated-engine.js';

interface PostKeyFormat {
  readonly format?: string;
  readonly windowType?: string;
  readonly windowSize?: number;
}

interface PostSource {
  readonly name?: string;
  readonly type?: string;
  readonly isSource?: boolean;
  readonly schema?: string;
  readonly keyFormat?: PostKeyFormat;
  readonly valueFormat?: string;
  readonly keyFeatures?: readonly string[];
  readonly valueFeatures?: readonly string[];
}

interface PostFormat {
  readonly format?: string;
  readonly properties?: Readonly<Record<string, string>>;
  readonly features?: readonly string[];
  readonly windowInfo?: { readonly type: string; readonly size?: number };
}

interface PostTopic {
  readonly name: string;
  readonly keyFormat?: PostFormat;
  readonly valueFormat?: PostFormat;
  readonly partitions?: number;
  readonly keySchema?: unknown;
  readonly valueSchema?: unknown;
  readonly keySchemaId?: number;
  readonly valueSchemaId?: number;
}

interface Post {
  readonly sources?: readonly PostSource[];
  readonly topics?: { readonly blacklist?: string; readonly topics?: readonly PostTopic[] };
}

const internalTopic = '_confluent-ksql-';

export function checkSources(engine: SimulatedEngine, post: ExactJson): Outcome | undefined {
  const { sources } = plain(post) as Post;
  if (sources === undefined) return undefined;
  for (const expected of sources) {
    const named = engine.catalog
      .sources()
      .filter(({ name }) => expected.name === undefined || name === expected.name);
    const differences = named.map((source) => sourceDifference(engine, source, expected));
    if (differences.includes(null)) continue;
    return failed(`post.sources ${JSON.stringify(expected)}: ${differences[0] ?? 'there is no such source'}`);
  }
  return passed;
}

function sourceDifference(engine: SimulatedEngine, source: DataSource, expected: PostSource): string | null {
  const { type, schema, isSource, keyFormat, valueFormat, keyFeatures, valueFeatures } = expected;
  const checks: [what: string, actual: unknown, expected: unknown][] = [];
  if (type !== undefined) checks.push(['type', source.kind, type.toUpperCase()]);
  if (isSource !== undefined) checks.push(['isSource', source.isSource, isSource]);
  if (schema !== undefined) {
    const columns = schema.trim() === '' ? [] : parseSchema(schema);
    const wanted = schemaText(schemaOf(columns, engine.catalog.types()));
    checks.push(['schema', schemaText({ ...source.schema, headers: [] }), wanted]);
  }
  if (keyFormat !== undefined) {
    if (keyFormat.format !== undefined)
      checks.push(['key format', source.keyFormat.format, keyFormat.format]);
    checks.push(['window type', source.window?.type ?? null, keyFormat.windowType ?? null]);
    checks.push(['window size', source.window?.sizeMs ?? null, keyFormat.windowSize ?? null]);
  }
  if (valueFormat !== undefined) checks.push(['value format', source.valueFormat.format, valueFormat]);
  if (keyFeatures !== undefined) {
    checks.push(['key features', String(featuresOf(source.keyFormat)), String(keyFeatures)]);
  }
  if (valueFeatures !== undefined) {
    checks.push(['value features', String(featuresOf(source.valueFormat)), String(valueFeatures)]);
  }
  const different = checks.find(([, actual, wanted]) => actual !== wanted);
  if (different === undefined) return null;
  const [what, actual, wanted] = different;
  return `${what}: expected ${String(wanted)}, got ${String(actual)}`;
}

function featuresOf({ wrapSingle }: SideFormat): readonly string[] {
  return wrapSingle === undefined ? [] : [wrapSingle ? 'WRAP_SINGLES' : 'UNWRAP_SINGLES'];
}

/** Topics named with ksqlDB's internal names are Kafka Streams': the engine has none, and shows its plans instead. */
export function checkTopics(
  engine: SimulatedEngine,
  registry: SchemaRegistry,
  post: ExactJson,
): Outcome | undefined {
  const { topics } = plain(post) as Post;
  if (topics === undefined) return undefined;
  if (topics.blacklist !== undefined) {
    const found = repartitions(engine).find((name) => new RegExp(topics.blacklist!).test(name));
    if (found !== undefined) return failed(`post.topics: ${found} must not be`);
  }
  const wanted = topics.topics ?? [];
  const visible = wanted.filter(({ name }) => !name.startsWith(internalTopic));
  for (const expected of visible) {
    const difference = topicDifference(engine, registry, expected);
    if (difference !== null) return failed(`post.topics ${expected.name}: ${difference}`);
  }
  const isAllInternal = wanted.length > 0 && visible.length === 0 && topics.blacklist === undefined;
  return isAllInternal ? skipped('names internal topics of Kafka Streams only') : passed;
}

function topicDifference(
  engine: SimulatedEngine,
  registry: SchemaRegistry,
  expected: PostTopic,
): string | null {
  const topic = engine.topics.get(expected.name);
  const source = engine.catalog.sources().find((each) => each.topic === expected.name);
  if (topic === undefined || source === undefined) return 'there is no such topic';
  if (expected.partitions !== undefined && topic.partitions !== expected.partitions) {
    return `partitions: expected ${expected.partitions}, got ${topic.partitions}`;
  }
  for (const isKey of [true, false]) {
    const side = isKey ? 'key' : 'value';
    const format = isKey ? source.keyFormat : source.valueFormat;
    const wanted = isKey ? expected.keyFormat : expected.valueFormat;
    if (wanted !== undefined) {
      const windowInfo = isKey && source.window !== undefined ? windowOf(source.window) : null;
      const actual = [format.format, sorted(format.properties), featuresOf(format), windowInfo];
      const texts = [
        wanted.format,
        sorted(wanted.properties ?? {}),
        wanted.features ?? [],
        wanted.windowInfo ?? null,
      ];
      const [a, b] = [JSON.stringify(actual), JSON.stringify(texts)];
      if (a !== b) return `${side} format: expected ${b}, got ${a}`;
    }
    const schema = isKey ? expected.keySchema : expected.valueSchema;
    const id = isKey ? expected.keySchemaId : expected.valueSchemaId;
    const actualId =
      format.properties.schemaId === undefined ? undefined : Number(format.properties.schemaId);
    if (id !== undefined && actualId !== id) return `${side} schema id: expected ${id}, got ${actualId}`;
    if (schema === undefined) continue;
    const actual = registry.findLatest(`${expected.name}-${side}`)?.schema;
    const texts = schemaTexts(actual, schema);
    if (texts !== null) return `${side} schema: ${texts}`;
  }
  return null;
}

const windowOf = ({ type, sizeMs }: { readonly type: string; readonly sizeMs?: number }) =>
  sizeMs === undefined ? { type } : { type, size: sizeMs / 1000 };

function sorted(properties: Readonly<Record<string, string>>): readonly (readonly [string, string])[] {
  return Object.entries(properties).sort(([a], [b]) => (a < b ? -1 : 1));
}

function schemaTexts(actual: string | undefined, expected: unknown): string | null {
  const isText = typeof expected === 'string';
  const a = actual === undefined || isText ? actual : canonical(JSON.parse(actual));
  const b = isText ? expected : canonical(expected);
  return a === b ? null : `expected ${b}, got ${a}`;
}

/** JSON text with the fields of objects in order of their names. */
function canonical(value: unknown): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  const fields = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${fields.map(([name, each]) => `${JSON.stringify(name)}:${canonical(each)}`).join(',')}}`;
}

/** The names that Kafka Streams would give the repartition topics of the queries. */
function repartitions(engine: SimulatedEngine): readonly string[] {
  return engine
    .queries()
    .flatMap(({ query }) =>
      repartitioned(query.plan.root, false).map((step) => `${query.id}-${step.kind}-repartition`),
    );
}

function repartitioned(step: Step, keyMatters: boolean): readonly Step[] {
  const isMoved =
    (step.kind === 'groupBy' && step.expressions.length > 0) || (step.kind === 'partitionBy' && keyMatters);
  const needsKey = keyMatters || step.kind.endsWith('Join') || step.kind === 'aggregate';
  return [...(isMoved ? [step] : []), ...inputsOf(step).flatMap((input) => repartitioned(input, needsKey))];
}
