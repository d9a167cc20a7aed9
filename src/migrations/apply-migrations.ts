import { PaystreamError } from '../errors/paystream-error.js';
import type { KsqldbClient } from '../ksqldb/ksqldb-client.js';
import { isTransient, KsqldbError } from '../ksqldb/ksqldb-error.js';
import type { SentStatements } from './explain-failure.js';
import { parseNote } from './failure-note.js';
import type { Variables } from './file-statements.js';
import { type HistoryEntries, type HistoryEntry, latestMigrated, NO_ERROR, rowsOf } from './history-entry.js';
import { type HistoryNames, HistoryStore } from './history-store.js';
import { type MigrationFile, readMigrationFiles } from './migration-file.js';
import type { HeldLock, LockHolder } from './migration-lock.js';
import { runStatements } from './run-statements.js';
import { type Selection, selectPending } from './select-pending.js';
import { assertValid, type Problem, validateHistory } from './validate-history.js';
import { withLock } from './with-lock.js';

export interface ApplyOptions extends Selection {
  readonly client: KsqldbClient;
  readonly directory: string;
  readonly variables?: Variables;
  readonly history?: Partial<HistoryNames>;
  /** Keeps other runs out. Omit it only if no other run is possible. `timeoutMs` is in milliseconds. */
  readonly lock?: { readonly timeoutMs: number; readonly onWait?: (holder: LockHolder) => void };
  /** The statement, counted from 1, at which an unfinished file resumes. */
  readonly resumeAt?: number | undefined;
  /** After an abort no further file is started. The current file still finishes. */
  readonly signal?: AbortSignal;
  /** Called before and after each file. */
  readonly onFile?: (file: MigrationFile, state: 'started' | 'migrated', tookMs: number) => void;
  /** Called if an unfinished file resumes at a statement. */
  readonly onResume?: (file: MigrationFile, statement: number) => void;
  readonly onWarning?: (problem: Problem) => void;
}

export interface ApplyResult {
  readonly applied: readonly MigrationFile[];
  /** The newest version after the run, or `<none>`. */
  readonly version: string;
}

/**
 * Applies the pending files of a folder in order and records them in the history. Each file is one request. Stops at
 * the first file that fails; the next run resumes at the statement that failed.
 *
 * Throws a PaystreamError: MIGRATIONS_DIRECTORY if the folder cannot be read, MIGRATION_LOCKED if another run holds
 * the lock, MIGRATION_FAILED with file and line if the server refuses a statement, and the code of a `Problem` if the
 * files do not match the history. Throws a KsqldbError if the server cannot be reached.
 *
 * @example
 * const client = new KsqldbClient({ url: 'http://127.0.0.1:8088' });
 * const { applied, version } = await applyMigrations({
 *   client,
 *   directory: 'ksql/migrations',
 *   lock: { timeoutMs: 60_000 },
 * });
 * console.log(`${applied.length} files applied; the cluster is at version ${version}`);
 * client.close();
 */
export async function applyMigrations(options: ApplyOptions): Promise<ApplyResult> {
  const { client, lock, signal } = options;
  // Read the files first, so that a bad folder is reported before any request is sent.
  const files = readMigrationFiles(options.directory);
  const history = new HistoryStore(client, options.history);
  if (lock === undefined) return await applyFiles(files, history, options, undefined);
  return await withLock(client, { ...lock, replicas: history.names.replicas, signal }, (held) =>
    applyFiles(files, history, options, held),
  );
}

async function applyFiles(
  files: readonly MigrationFile[],
  history: HistoryStore,
  options: ApplyOptions,
  lock: HeldLock | undefined,
): Promise<ApplyResult> {
  const { client, variables = {}, signal } = options;
  await history.initialize(signal);
  const entries = await history.read();
  const problems = validateHistory(files, entries);
  assertValid(problems);
  for (const problem of problems) options.onWarning?.(problem);
  let previous = latestMigrated(entries);
  const applied: MigrationFile[] = [];
  for (const file of selectPending(files, previous, options)) {
    if (signal?.aborted === true) break;
    if (applied.length > 0) await lock?.check();
    options.onFile?.(file, 'started', 0);
    const started = Date.now();
    await applyFile({ client, history, entries, file, previous, variables, options });
    options.onFile?.(file, 'migrated', Date.now() - started);
    previous = String(file.version);
    applied.push(file);
  }
  return { applied, version: previous };
}

interface FileRun {
  readonly client: KsqldbClient;
  readonly history: HistoryStore;
  readonly entries: HistoryEntries;
  readonly file: MigrationFile;
  readonly previous: string;
  readonly variables: Variables;
  readonly options: ApplyOptions;
}

async function applyFile(run: FileRun): Promise<void> {
  const { client, history, file, previous, variables } = run;
  const base = {
    version: String(file.version),
    name: file.name,
    checksum: file.checksum,
    startedOn: String(Date.now()),
    previous,
  };
  const sent = await statementsToSend(run);
  // Reset the entry first: if this run dies, the note of an earlier failure would claim too much.
  await history.write(rowsOf({ ...base, state: 'RUNNING', completedOn: '', errorReason: NO_ERROR }), false);
  try {
    await runStatements(client, sent.sql, variables);
  } catch (error) {
    if (!(error instanceof PaystreamError)) throw error;
    throw await recordFailure(run, base, sent, error);
  }
  const completedOn = String(Date.now());
  await history.write(rowsOf({ ...base, state: 'MIGRATED', completedOn, errorReason: NO_ERROR }));
}

/** The whole file, or the statements that an earlier run did not reach. */
async function statementsToSend(run: FileRun): Promise<SentStatements> {
  const { client, entries, file, variables, options } = run;
  const entry = entries.get(String(file.version));
  const whole = { sql: file.sql, from: 1 };
  if (entry === undefined || entry.state === 'PENDING' || entry.state === 'MIGRATED') return whole;
  const { note } = parseNote(entry.errorReason);
  if (note?.action === 'apply' && note.done === 0 && options.resumeAt === undefined) return whole;
  // The parser is loaded only for the few runs that resume.
  const [{ fileStatements, joined }, { remainingOf }, { readServerObjects }] = await Promise.all([
    import('./file-statements.js'),
    import('./resume-point.js'),
    import('./server-objects.js'),
  ]);
  const statements = fileStatements(file.sql, variables);
  const server = await readServerObjects(client);
  const remaining = remainingOf(file, entry, statements, server, options.resumeAt);
  if (remaining.from === 1) return whole;
  options.onResume?.(file, remaining.from);
  return { sql: joined(remaining.statements), from: remaining.from };
}

/** Records how far the file got, and returns the error to throw. */
async function recordFailure(
  run: FileRun,
  base: Omit<HistoryEntry, 'state' | 'completedOn' | 'errorReason'>,
  sent: SentStatements,
  error: PaystreamError,
): Promise<PaystreamError> {
  const { history, file } = run;
  if (!(error instanceof KsqldbError) || isTransient(error) || error.code === 'KSQLDB_PROTOCOL') {
    // Nobody knows yet what the server carried out, so the history keeps saying RUNNING.
    return new KsqldbError(error.code, `While version ${file.version} was applied: ${error.message}`, {
      where: file.path,
      hint: 'When the server is back, run `paystream migrate` again. It resumes at the first statement that was not carried out.',
      cause: error,
    });
  }
  const { explainFailure } = await import('./explain-failure.js');
  const failure = await explainFailure(run, sent, error);
  const completedOn = String(Date.now());
  await history.write(rowsOf({ ...base, state: 'ERROR', completedOn, errorReason: failure.errorReason }));
  return failure.error;
}
