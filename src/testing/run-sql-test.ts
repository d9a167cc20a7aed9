import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { AssertedColumn, Cluster, SqlAsserts } from '../embedded/cluster.js';
import { CodedError } from '../errors/paystream-error.js';
import type { KsqldbClient } from '../ksqldb/ksqldb-client.js';
import { KsqldbError } from '../ksqldb/ksqldb-error.js';
import { SessionSettings } from '../ksqldb/session-settings.js';
import type { Statement } from '../sql/ast.js';
import { parseStatement } from '../sql/parse.js';
import { type RawStatement, splitStatements } from '../sql/split-statements.js';
import { SqlSyntaxError } from '../sql/sql-syntax-error.js';
import type { SqlTest } from './sql-test-file.js';

export interface SqlTestFailure {
  /** From 1. The line of the failed statement, or of the test when every statement succeeded. */
  readonly line: number;
  readonly statement?: string;
  readonly message: string;
  /** The asserted row, expected and actual side by side. */
  readonly columns: readonly AssertedColumn[];
}

export interface SqlTestResult {
  readonly test: SqlTest;
  readonly tookMs: number;
  /** Undefined when the test passed. */
  readonly failure?: SqlTestFailure;
}

/** The failure of a statement; `kind` is `AssertionError` or the name of ksqlDB's exception class. */
class TestError extends Error {
  readonly kind: string;
  readonly columns: readonly AssertedColumn[];

  constructor(kind: string, message: string, columns: readonly AssertedColumn[] = []) {
    super(message);
    this.kind = kind;
    this.columns = columns;
  }
}

/** Writes every update at once and starts queries at the beginning, like ksqlDB's own test tool. */
export const TEST_KSQLDB_CONFIG = {
  'ksql.streams.cache.max.bytes.buffering': '0',
  'ksql.streams.auto.offset.reset': 'earliest',
} as const;

/** Runs one test on a cluster on which the migrations were applied. Undefined means that it passed. */
export async function runSqlTest(
  test: SqlTest,
  cluster: Cluster,
  client: KsqldbClient,
): Promise<SqlTestFailure | undefined> {
  const asserts = await cluster.sqlAsserts();
  const script = new Script(client, asserts, dirname(test.path));
  await asserts.settle();
  for (const raw of test.statements) {
    const failure = await runOne(script, raw, test);
    if (failure === 'expected') return undefined;
    if (failure !== undefined) return failure;
  }
  if (test.expected === undefined) return undefined;
  const { error = 'an error', message } = test.expected;
  const wanted = message === undefined ? error : `${error} with the message '${message}'`;
  return { line: test.line, message: `Expected ${wanted}, but every statement succeeded.`, columns: [] };
}

async function runOne(
  script: Script,
  raw: RawStatement,
  test: SqlTest,
): Promise<SqlTestFailure | 'expected' | undefined> {
  try {
    await script.run(raw.text);
    return undefined;
  } catch (error) {
    const { kind, message, columns } = asTestError(error);
    const { expected } = test;
    const base = { line: raw.line, statement: raw.text, columns };
    if (expected === undefined) return { ...base, message };
    const isKind = expected.error === undefined || matchesKind(kind, expected.error);
    if (isKind && message.includes(expected.message ?? '')) return 'expected';
    const wanted = [expected.error, expected.message].filter((part) => part !== undefined).join(': ');
    return { ...base, message: `Expected the error ${wanted}\nbut got            ${kind}: ${message}` };
  }
}

function asTestError(error: unknown): TestError {
  if (error instanceof TestError) return error;
  if (error instanceof SqlSyntaxError) return new TestError('ParseFailedException', error.message);
  if (error instanceof KsqldbError) return new TestError('KsqlStatementException', error.message);
  // An ASSERT statement that is invalid, for example because its source does not exist.
  if (error instanceof CodedError && error.code.startsWith('KSQL_')) {
    return new TestError('KsqlException', error.message);
  }
  throw error;
}

/** ksqlDB's class hierarchy: ParseFailedException is a KsqlStatementException, which is a KsqlException. */
const PARENTS: Readonly<Record<string, readonly string[]>> = {
  ParseFailedException: ['KsqlStatementException', 'KsqlException', 'RuntimeException', 'Exception'],
  KsqlStatementException: ['ParseFailedException', 'KsqlException', 'RuntimeException', 'Exception'],
  KsqlException: ['KsqlStatementException', 'RuntimeException', 'Exception'],
  AssertionError: ['Error'],
};

function matchesKind(kind: string, className: string): boolean {
  const simple = className.split('.').at(-1) ?? className;
  return kind === simple || (PARENTS[kind] ?? []).includes(simple);
}

/** The session of one test. SET and DEFINE apply until the test ends. */
class Script {
  readonly #client: KsqldbClient;
  readonly #asserts: SqlAsserts;
  readonly #folder: string;
  readonly #settings = new SessionSettings();

  constructor(client: KsqldbClient, asserts: SqlAsserts, folder: string) {
    this.#client = client;
    this.#asserts = asserts;
    this.#folder = folder;
  }

  async run(text: string): Promise<void> {
    const tree = parseStatement(text, { variables: this.#settings.variables });
    if (this.#settings.take(tree)) return;
    switch (tree.kind) {
      case 'AssertValues':
      case 'AssertTombstone':
      case 'AssertSource': {
        const outcome = this.#asserts.check(text, this.#settings.variables);
        if (!outcome.isOk) throw new TestError('AssertionError', outcome.message, outcome.columns);
        return;
      }
      case 'RunScript':
        await this.#runScript(tree.file);
        return;
      default:
        await this.#send(tree, text);
    }
  }

  async #runScript(file: string): Promise<void> {
    const path = resolve(this.#folder, file);
    let sql: string;
    try {
      sql = readFileSync(path, 'utf8');
    } catch (cause) {
      throw new TestError('KsqlException', `Could not read ${path}: ${(cause as Error).message}`);
    }
    for (const raw of splitStatements(sql)) await this.run(raw.text);
  }

  async #send(tree: Statement, text: string): Promise<void> {
    if (tree.kind === 'Query' || tree.kind === 'Print') {
      throw new TestError(
        'KsqlException',
        'A test cannot contain SELECT or PRINT. Use ASSERT to check the result.',
      );
    }
    await this.#client.executeAndWait(`${text}\n;`, this.#settings.request);
    await this.#asserts.settle();
  }
}
