/**
 * Runs a case of the suites qtt and runner: all statements, then one query after the other over all inputs, as the
 * case format's description says.
 */
import { StreamsException } from '../../src/embedded/ksqldb/operators/source.js';
import type { QueryRuntime } from '../../src/embedded/ksqldb/runtime/query-runtime.js';
import { SchemaRegistry } from '../../src/embedded/schema-registry/registry.js';
import type { Statement } from '../../src/sql/ast.js';
import { parseStatements } from '../../src/sql/parse.js';
import type { CaseRecord, ConformanceCase } from './case-file.js';
import { registerCaseSchemas } from './case-schemas.js';
import { byTopic, compareTopic } from './compare-outputs.js';
import { errorText, judgeError, type NegativeLevels, notRejected } from './expected-error.js';
import { functionsFor } from './functions-for.js';
import { checkSources, checkTopics } from './post-checks.js';
import { RecordCodec } from './record-codec.js';
import { type CaseResult, failed, passed, skipped } from './result.js';
import { SimulatedEngine } from './simulated-engine.js';

const defaultPartitions = 4;

export const simulatedConfig: ReadonlyMap<string, string> = new Map([
  ['auto.offset.reset', 'earliest'],
  ['cache.max.bytes.buffering', '0'],
  ['ksql.headers.columns.enabled', 'true'],
]);

/** Where in a case an error arose. */
interface Failure {
  readonly error: unknown;
  /** False: in a statement before the last one, which no case means. */
  readonly isAtEnd: boolean;
}

export function runQtt(test: ConformanceCase): CaseResult {
  if (test.name.endsWith('-- new planner')) {
    return { run: skipped("needs ksqlDB's unfinished alternative planner") };
  }
  const registry = new SchemaRegistry({ compatibility: 'NONE' });
  const engine = new SimulatedEngine({
    functions: functionsFor(test),
    config: simulatedConfig,
    registry,
    defaultPartitions,
    isLive: false,
  });
  for (const [name, value] of Object.entries(test.properties ?? {})) {
    if (name !== 'use.exact.numeric.comparison') engine.properties.set(name, value);
  }
  const failure = execute(test, engine, registry);
  const { expectedException } = test;
  if (expectedException !== undefined) {
    const levels: NegativeLevels =
      failure === undefined || !failure.isAtEnd ? notRejected : judgeError(failure.error, expectedException);
    const wanted = JSON.stringify(expectedException);
    const got = failure === undefined ? 'no error' : errorText(failure.error);
    return { run: levels.message ? passed : failed(`expected ${wanted}, got ${got}`), levels };
  }
  if (failure !== undefined) return { run: failed(errorText(failure.error)) };
  return {
    run: checkOutputs(test, engine, registry),
    ...posts(test, engine, registry),
  };
}

function posts(test: ConformanceCase, engine: SimulatedEngine, registry: SchemaRegistry) {
  if (test.post === undefined) return {};
  const sources = checkSources(engine, test.post);
  const topics = checkTopics(engine, registry, test.post);
  return { ...(sources === undefined ? {} : { sources }), ...(topics === undefined ? {} : { topics }) };
}

function execute(
  test: ConformanceCase,
  engine: SimulatedEngine,
  registry: SchemaRegistry,
): Failure | undefined {
  let statements: readonly Statement[] = [];
  let at = 0;
  try {
    for (const topic of test.topics ?? []) engine.ensureTopic(topic.name, topic.partitions);
    statements = parseStatements(test.statements.join('\n'));
    registerCaseSchemas(registry, test, statements, engine.config);
    makeTopics(test, statements, engine);
    for (; at < statements.length; at++) engine.execute(statements[at]!);
  } catch (error) {
    return { error, isAtEnd: statements.length === 0 || at === statements.length - 1 };
  }
  try {
    writeInputs(test, engine, registry);
    const inputTopics = new Set(test.inputs.map(({ topic }) => topic));
    const inputs = inputsInOrder(test.inputs, engine);
    for (const query of engine.queries()) runQuery(query, engine, inputs, inputTopics);
    return undefined;
  } catch (error) {
    // What kills a query is one kind of error to the driver, whatever it was.
    const isKnown = error instanceof StreamsException;
    return { error: isKnown ? error : new StreamsException('A query died', error), isAtEnd: true };
  }
}

/** Topics of statements without columns, and those that only records name. The engine makes the others. */
function makeTopics(test: ConformanceCase, statements: readonly Statement[], engine: SimulatedEngine): void {
  const made = new Set(
    statements.flatMap((statement) => {
      const topic = statement.kind === 'CreateSource' ? statement.with.get('KAFKA_TOPIC') : undefined;
      return topic?.kind === 'String' ? [topic.value] : [];
    }),
  );
  for (const { topic } of [...test.inputs, ...test.outputs]) {
    if (!made.has(topic)) engine.ensureTopic(topic, defaultPartitions);
  }
}

interface Input {
  readonly topic: string;
  /** Its place in the topic. */
  readonly offset: number;
}

function codecOf(
  topic: string,
  test: ConformanceCase,
  engine: SimulatedEngine,
  registry: SchemaRegistry,
): RecordCodec {
  const source = engine.catalog.sources().find((each) => each.topic === topic);
  if (source === undefined) throw new Error(`No source has the topic ${topic}`);
  const exactDecimals = test.properties?.['use.exact.numeric.comparison'] !== 'false';
  return new RecordCodec(source, { registry, exactDecimals });
}

function writeInputs(test: ConformanceCase, engine: SimulatedEngine, registry: SchemaRegistry): void {
  const codecs = new Map<string, RecordCodec>();
  for (const record of test.inputs) {
    const codec = codecs.get(record.topic) ?? codecOf(record.topic, test, engine, registry);
    codecs.set(record.topic, codec);
    engine.append(record.topic, codec.encode(record));
  }
}

/** The inputs as they are listed, each with its place in its topic. */
function inputsInOrder(records: readonly CaseRecord[], engine: SimulatedEngine): readonly Input[] {
  const next = new Map<string, number>();
  for (const [topic, list] of byTopic(records)) {
    next.set(topic, engine.records(topic).length - list.length);
  }
  return records.map(({ topic }) => {
    const offset = next.get(topic)!;
    next.set(topic, offset + 1);
    return { topic, offset };
  });
}

function runQuery(
  query: QueryRuntime,
  engine: SimulatedEngine,
  inputs: readonly Input[],
  inputTopics: ReadonlySet<string>,
): void {
  const { topics } = query.compiled;
  const seen = new Map<string, number>();
  const process = (topic: string, at: number): void => {
    const offset = seen.get(topic) ?? 0;
    seen.set(topic, offset + 1);
    engine.process(query, topic, engine.records(topic)[at]!, offset);
  };
  for (const { topic, offset } of inputs) if (topics.includes(topic)) process(topic, offset);
  for (const topic of topics) {
    if (inputTopics.has(topic)) continue;
    const count = engine.records(topic).length;
    for (let at = 0; at < count; at++) process(topic, at);
  }
}

function checkOutputs(test: ConformanceCase, engine: SimulatedEngine, registry: SchemaRegistry) {
  const options = { ignoresTimeZero: test.inputs.length === 0 };
  for (const [topic, expected] of byTopic(test.outputs)) {
    try {
      const codec = codecOf(topic, test, engine, registry);
      const actual = engine.records(topic).map((record) => codec.decode(record));
      const difference = compareTopic(topic, actual, expected, options);
      if (difference !== null) return failed(difference);
    } catch (error) {
      return failed(`${topic} cannot be read: ${errorText(error)}`);
    }
  }
  return passed;
}
