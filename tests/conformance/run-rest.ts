/** Runs a case of the suite rest: against a whole engine in memory, through the REST API's own entry points. */

import { LogStore } from '../../src/embedded/kafka/log/log-store.js';
import { encodeBatch } from '../../src/embedded/kafka/records/encode-batch.js';
import { partitionFor } from '../../src/embedded/kafka/records/murmur2.js';
import { batches } from '../../src/embedded/kafka/records/record-batch.js';
import type { Engine } from '../../src/embedded/ksqldb/engine/engine.js';
import { literalValue } from '../../src/embedded/ksqldb/expressions/literal.js';
import {
  handleKsqlRequest,
  type InProcessReply,
  runQuery,
} from '../../src/embedded/ksqldb/rest/in-process.js';
import { openEngine } from '../../src/embedded/ksqldb/runtime/live-engine.js';
import { maskedRawText, maskedText } from '../../src/embedded/ksqldb/statements/mask.js';
import { SchemaRegistry } from '../../src/embedded/schema-registry/registry.js';
import { type ExactJson, parseExact } from '../../src/ksqldb/exact-json.js';
import type { Statement } from '../../src/sql/ast.js';
import { parseStatements } from '../../src/sql/parse.js';
import type { ConformanceCase } from './case-file.js';
import { registerCaseSchemas } from './case-schemas.js';
import { byTopic, compareTopic } from './compare-outputs.js';
import { errorText, type NegativeLevels, notRejected } from './expected-error.js';
import { functionsFor } from './functions-for.js';
import { RecordCodec } from './record-codec.js';
import { type CaseResult, failed, type Outcome, passed } from './result.js';
import type { TopicRecord } from './simulated-engine.js';
import { rowsMismatch, subsetMismatch } from './subset-match.js';

const serverConfig: ReadonlyMap<string, string> = new Map([
  ['auto.offset.reset', 'earliest'],
  ['cache.max.bytes.buffering', '0'],
  ['num.stream.threads', '1'],
  ['ksql.query.pull.table.scan.enabled', 'true'],
  ['ksql.query.push.v2.enabled', 'true'],
  ['ksql.headers.columns.enabled', 'true'],
  ['ksql.logging.processing.topic.auto.create', 'false'],
  ['ksql.logging.processing.stream.auto.create', 'false'],
]);

const defaultPartitions = 4;
/** A push query that did not end by its limit until then never will. */
const queryTimeoutMs = 3000;
const isQuery = (sql: string): boolean => sql.trimStart().toUpperCase().startsWith('SELECT ');

export async function runRest(test: ConformanceCase): Promise<CaseResult> {
  const server = new Server(test);
  try {
    const failure = await server.run();
    return server.judge(failure);
  } catch (error) {
    return { run: failed(errorText(error)) };
  } finally {
    await server.close();
  }
}

class Server {
  readonly #test: ConformanceCase;
  readonly #store = LogStore.open({ dataDir: null });
  readonly #registry = new SchemaRegistry({ compatibility: 'NONE' });
  readonly #engine: Engine;
  readonly #properties: Readonly<Record<string, string>>;
  /** What each request answered, in the shape of the case's `responses`. */
  readonly #answers: Readonly<Record<string, ExactJson>>[] = [];

  constructor(test: ConformanceCase) {
    this.#test = test;
    this.#properties = test.properties ?? {};
    this.#engine = openEngine({
      store: this.#store,
      config: serverConfig,
      functions: functionsFor(test),
      registry: this.#registry,
    });
  }

  async close(): Promise<void> {
    await this.#engine.close();
    this.#store.close();
  }

  /** The first reply that is an error, or nothing. */
  async run(): Promise<InProcessReply | undefined> {
    const { statements, inputConditions } = this.#test;
    const firstQuery = statements.findIndex(isQuery);
    const admin = firstQuery < 0 ? statements : statements.slice(0, firstQuery);
    const queries = firstQuery < 0 ? [] : statements.slice(firstQuery);
    this.#makeTopics(admin);
    if (admin.length > 0) {
      const reply = await handleKsqlRequest(this.#engine, {
        ksql: admin.join('\n'),
        streamsProperties: this.#properties,
      });
      if (reply.status !== 200) return reply;
      for (const entity of parseExact(reply.text) as readonly ExactJson[])
        this.#answers.push({ admin: entity });
    }
    const waits = inputConditions?.waitForActivePushQuery === true;
    if (!waits) await this.#produceInputs();
    for (const sql of queries) {
      const reply = await runQuery(this.#engine, sql, this.#properties, {
        timeoutMs: queryTimeoutMs,
        ...(waits ? { onHeader: () => void this.#produceInputs() } : {}),
      });
      if (reply.status !== 200) return reply;
      this.#answers.push({ query: parseExact(reply.text) });
    }
    return undefined;
  }

  judge(reply: InProcessReply | undefined): CaseResult {
    const { expectedError } = this.#test;
    if (expectedError !== undefined) return this.#judgeError(reply, expectedError);
    if (reply !== undefined) return { run: failed(`${reply.status} ${reply.text}`) };
    return { run: this.#judgeAnswers() };
  }

  #judgeError(
    reply: InProcessReply | undefined,
    expected: NonNullable<ConformanceCase['expectedError']>,
  ): CaseResult {
    if (reply === undefined) {
      return { run: failed(`expected ${JSON.stringify(expected)}, got no error`), levels: notRejected };
    }
    const body = parseExact(reply.text) as Readonly<Record<string, ExactJson>>;
    const { type, status, message } = expected;
    const isStatementError = type?.endsWith('KsqlStatementErrorMessage') === true;
    const statement = this.#test.statements.at(-1) ?? '';
    const typeFits =
      (status === undefined || status === reply.status) &&
      (!isStatementError ||
        (body['@type'] === 'statement_error' && statementFits(String(body.statementText), statement)));
    const exact = typeFits && (message === undefined || String(body.message).includes(message));
    const levels: NegativeLevels = { rejected: true, type: typeFits, message: exact, exact };
    const got = `${reply.status} ${reply.text}`;
    return { run: exact ? passed : failed(`expected ${JSON.stringify(expected)}, got ${got}`), levels };
  }

  #judgeAnswers(): Outcome {
    const { outputs, responses = [] } = this.#test;
    for (const [topic, expected] of byTopic(outputs)) {
      const codec = this.#codec(topic);
      const actual = this.#read(topic)
        .slice(0, expected.length)
        .map((record) => codec.decode(record));
      const headerless = actual.map((record) => ({ ...record, headers: [] }));
      const plain = expected.map(({ headers: _, ...rest }) => rest);
      const difference = compareTopic(topic, headerless, plain, { ignoresTimeZero: false });
      if (difference !== null) return failed(difference);
    }
    // Answers as Protobuf text are of a media type that the engine does not have.
    const comparable = responses.filter((response) => !('queryProto' in response));
    for (const [i, response] of comparable.entries()) {
      const difference = this.#answerMismatch(this.#answers[i], response, `answer ${i}`);
      if (difference !== null) return failed(difference);
    }
    return passed;
  }

  #answerMismatch(
    actual: Readonly<Record<string, ExactJson>> | undefined,
    expected: Readonly<Record<string, ExactJson>>,
    path: string,
  ): string | null {
    if (actual === undefined) return `${path}: there is none`;
    if (expected.query !== undefined) {
      if (actual.query === undefined) return `${path}: it is no query's`;
      return rowsMismatch(actual.query as readonly ExactJson[], expected.query as readonly ExactJson[], path);
    }
    return subsetMismatch(actual.admin, expected.admin ?? null, path);
  }

  #makeTopics(admin: readonly string[]): void {
    const ensure = (name: string, partitions: number): void => {
      if (this.#store.topic(name) === undefined) this.#store.createTopic(name, { partitions });
    };
    for (const topic of this.#test.topics ?? []) ensure(topic.name, topic.partitions);
    registerCaseSchemas(this.#registry, this.#test, parsed(admin), serverConfig);
    const sinks = new Set<string>();
    for (const statement of parsed(admin)) {
      if (statement.kind === 'CreateAsSelect') sinks.add(textOf(statement, 'KAFKA_TOPIC') ?? statement.name);
      if (statement.kind !== 'CreateSource') continue;
      const topic = textOf(statement, 'KAFKA_TOPIC');
      if (topic !== undefined) ensure(topic, Number(textOf(statement, 'PARTITIONS') ?? defaultPartitions));
    }
    for (const { topic } of [...this.#test.inputs, ...this.#test.outputs]) {
      if (!sinks.has(topic)) ensure(topic, defaultPartitions);
    }
  }

  #codec(topic: string): RecordCodec {
    const source = this.#engine.catalog.sources().find((each) => each.topic === topic);
    if (source === undefined) throw new Error(`No source has the topic ${topic}`);
    return new RecordCodec(source, { registry: this.#registry, exactDecimals: true });
  }

  async #produceInputs(): Promise<void> {
    for (const [topic, records] of byTopic(this.#test.inputs)) {
      const codec = this.#codec(topic);
      const partitions = this.#store.topic(topic)!.partitions.length;
      records.forEach((each, i) => {
        const { key, value, timestamp, headers } = codec.encode(each);
        const partition = key === null ? i % partitions : partitionFor(key, partitions);
        const batch = encodeBatch([{ key, value, timestamp, headers }]);
        this.#store.appendAtomically([{ topic, partition, batch }]);
      });
    }
    await this.#engine.settled();
  }

  /** Partition by partition; a case that compares the order of several has its records in one. */
  #read(topic: string): readonly TopicRecord[] {
    const records: TopicRecord[] = [];
    for (const log of this.#store.topic(topic)?.partitions ?? []) {
      let offset = log.startOffset;
      while (offset < log.endOffset) {
        const bytes = log.read(offset, 1024 * 1024);
        if (bytes.length === 0) break;
        for (const batch of batches(bytes)) {
          offset = batch.nextOffset;
          if (batch.isControl) continue;
          batch.forEachRecord((_, timestamp, key, value, headers) => {
            records.push({ key, value, timestamp, headers });
          });
        }
      }
    }
    return records;
  }
}

/** A server shows INSERT VALUES without its values. */
function statementFits(shown: string, sql: string): boolean {
  if (shown.includes(sql.trim())) return true;
  const [statement] = parsed([sql]);
  return shown.includes(statement === undefined ? maskedRawText(sql) : maskedText(statement));
}

/** A script that cannot be parsed is for the engine to refuse. */
function parsed(statements: readonly string[]): readonly Statement[] {
  try {
    return parseStatements(statements.join('\n'));
  } catch {
    return [];
  }
}

function textOf(
  statement: Extract<Statement, { readonly kind: 'CreateSource' | 'CreateAsSelect' }>,
  property: string,
): string | undefined {
  const literal = statement.with.get(property);
  return literal === undefined ? undefined : String(literalValue(literal));
}
