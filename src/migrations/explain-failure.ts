import { PaystreamError } from '../errors/paystream-error.js';
import type { KsqldbClient } from '../ksqldb/ksqldb-client.js';
import type { KsqldbError } from '../ksqldb/ksqldb-error.js';
import { SqlSyntaxError } from '../sql/sql-syntax-error.js';
import { dryRun } from './dry-run.js';
import { effectsOf } from './effects.js';
import { withNote } from './failure-note.js';
import {
  checksumOfStatements,
  type FileStatement,
  fileStatements,
  isSessionStatement,
  type Variables,
} from './file-statements.js';
import type { MigrationFile } from './migration-file.js';
import { firstLine } from './resume-point.js';
import { readServerObjects } from './server-objects.js';
import { findStatement } from './statement-place.js';

export interface Failure {
  /** For the history. */
  readonly errorReason: string;
  /** For the user. */
  readonly error: PaystreamError;
}

interface FailedFile {
  readonly client: KsqldbClient;
  readonly file: MigrationFile;
  readonly variables: Variables;
}

/** The text that was sent, and the number of its first statement in the file, from 1. */
export interface SentStatements {
  readonly sql: string;
  readonly from: number;
}

/** Finds out which statement of a file the server rejected, and which ones it had executed before. */
export async function explainFailure(
  run: FailedFile,
  sent: SentStatements,
  error: KsqldbError,
): Promise<Failure> {
  const { file, variables } = run;
  const statements = statementsOf(file, variables);
  const failed = findStatement(statements, error.statementText) ?? failedAssert(statements, error);
  const done = await countDone(run, statements, failed, sent, error);
  const at = failed === undefined ? '' : ` ${failed.number} of ${statements.length} at line ${failed.line}`;
  const errorReason = withNote(`Statement${at} failed: ${error.message}`, {
    action: 'apply',
    statement: failed?.number ?? 0,
    of: statements.length,
    done,
    checksum: checksumOfStatements(statements.slice(0, done)),
  });
  const text = failed === undefined ? (error.statementText ?? 'unknown') : firstLine(failed);
  const next =
    done === 0
      ? 'Nothing of the file was carried out: correct it and run again.'
      : `${done === 1 ? 'The statement before was carried out and stays' : `The ${done} statements before were carried out and stay`}: correct this one and what follows, and run again; it goes on from here.`;
  return {
    errorReason,
    error: new PaystreamError('MIGRATION_FAILED', error.message, {
      where: failed === undefined ? file.path : `${file.path}:${failed.line}`,
      hint: `The statement that failed: ${text}\n  ${next}`,
      cause: error,
    }),
  };
}

const ASSERTION_FAILED = 417;

/** The response to a failed ASSERT does not contain the statement. Its message names the topic or subject. */
function failedAssert(statements: readonly FileStatement[], error: KsqldbError): FileStatement | undefined {
  if (error.httpStatus !== ASSERTION_FAILED) return undefined;
  const asserts = statements.filter(
    ({ tree }) => tree?.kind === 'AssertTopic' || tree?.kind === 'AssertSchema',
  );
  const named = asserts.filter(({ tree }) => {
    if (tree?.kind === 'AssertTopic') return error.message.includes(tree.topic);
    return tree?.kind === 'AssertSchema' && error.message.includes(tree.subject ?? String(tree.id));
  });
  return named[0] ?? asserts[0];
}

function statementsOf(file: MigrationFile, variables: Variables): readonly FileStatement[] {
  try {
    return fileStatements(file.sql, variables);
  } catch (error) {
    // If the text cannot be split, the server rejected all of it.
    if (error instanceof SqlSyntaxError) return [];
    throw error;
  }
}

/** Counts the statements at the start of the file that were executed, including those of earlier runs. */
async function countDone(
  { client, variables }: FailedFile,
  statements: readonly FileStatement[],
  failed: FileStatement | undefined,
  { sql, from }: SentStatements,
  error: KsqldbError,
): Promise<number> {
  const before = failed === undefined ? statements.length : failed.number - 1;
  const work = statements.slice(from - 1, before).filter((statement) => !isSessionStatement(statement));
  if (work.length === 0) return from - 1;
  // If it was rejected before anything ran, the server rejects it again with the same message.
  const again = await dryRun(client, sql, variables);
  const effects = effectsOf(statements, await readServerObjects(client));
  const present = work.filter((statement) => effects[statement.number - 1] === 'present');
  if (again?.message === error.message && (failed !== undefined || present.length === 0)) return from - 1;
  return failed === undefined ? (present.at(-1)?.number ?? from - 1) : before;
}
