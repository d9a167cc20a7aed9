import { PaystreamError } from '../errors/paystream-error.js';
import type { KsqldbClient } from '../ksqldb/ksqldb-client.js';
import { isTransient, KsqldbError } from '../ksqldb/ksqldb-error.js';
import {
  type BookEntries,
  type BookEntry,
  type BookNames,
  Books,
  latestMigrated,
  NO_ERROR,
} from './books.js';
import type { SentStatements } from './explain-failure.js';
import { parseNote } from './failure-note.js';
import type { Variables } from './file-statements.js';
import { assertValid, type Problem, validateHistory } from './history.js';
import { type MigrationFile, readMigrationFiles } from './migration-file.js';
import { type HeldLock, type LockHolder, takeLock } from './migration-lock.js';
import { runStatements } from './run-statements.js';
import { type Selection, selectPending } from './select-pending.js';

export interface ApplyOptions extends Selection {
  readonly client: KsqldbClient;
  readonly directory: string;
  readonly variables?: Variables;
  readonly books?: Partial<BookNames>;
  /** Keep other runners out; without it the caller knows that there are none. */
  readonly lock?: { readonly timeoutMs: number; readonly onWait?: (holder: LockHolder) => void };
  /** For a file that was begun: go on with this statement, from 1. */
  readonly resumeAt?: number;
  /** Once aborted, no further file is begun. */
  readonly signal?: AbortSignal;
  /** Called before and after each file. */
  readonly onFile?: (file: MigrationFile, state: 'started' | 'migrated', tookMs: number) => void;
  /** Called when a file that was begun earlier goes on with a statement. */
  readonly onResume?: (file: MigrationFile, statement: number) => void;
  readonly onWarning?: (problem: Problem) => void;
}

export interface ApplyResult {
  readonly applied: readonly MigrationFile[];
  /** The newest version after the run, or `<none>`. */
  readonly version: string;
}

/**
 * Applies the pending files in order, each as one request, and keeps the books. Stops at the first that fails; the
 * next run goes on with the statement that failed.
 */
export async function applyMigrations(options: ApplyOptions): Promise<ApplyResult> {
  const { client, directory, variables = {}, lock: lockOptions } = options;
  // Wrong files are found before the server is asked for anything.
  const files = readMigrationFiles(directory);
  const books = new Books(client, options.books);
  const lock =
    lockOptions === undefined
      ? undefined
      : await takeLock(client, {
          ...lockOptions,
          serviceId: (await client.info()).ksqlServiceId,
          replicas: books.names.replicas,
          ...(options.signal === undefined ? {} : { signal: options.signal }),
        });
  try {
    await books.initialise();
    const entries = await books.read();
    const problems = validateHistory(files, entries);
    assertValid(problems);
    for (const problem of problems) options.onWarning?.(problem);
    let previous = latestMigrated(entries);
    const pending = selectPending(files, previous, options);
    const applied: MigrationFile[] = [];
    for (const file of pending) {
      if (options.signal?.aborted === true) break;
      if (applied.length > 0) await lock?.check();
      options.onFile?.(file, 'started', 0);
      const started = Date.now();
      await applyFile({ client, books, entries, file, previous, variables, options });
      options.onFile?.(file, 'migrated', Date.now() - started);
      previous = String(file.version);
      applied.push(file);
    }
    return { applied, version: previous };
  } finally {
    await releaseQuietly(lock);
  }
}

/** A lock that cannot be released must not hide why: the server is gone, and the next run says whose lock is left. */
export async function releaseQuietly(lock: HeldLock | undefined, deleteTopic = false): Promise<void> {
  try {
    await lock?.release(deleteTopic);
  } catch (error) {
    if (!(error instanceof KsqldbError)) throw error;
  }
}

interface FileRun {
  readonly client: KsqldbClient;
  readonly books: Books;
  readonly entries: BookEntries;
  readonly file: MigrationFile;
  readonly previous: string;
  readonly variables: Variables;
  readonly options: ApplyOptions;
}

async function applyFile(run: FileRun): Promise<void> {
  const { client, books, file, previous, variables } = run;
  const base = {
    version: String(file.version),
    name: file.name,
    checksum: file.checksum,
    startedOn: String(Date.now()),
    previous,
  };
  const sent = await whatToSend(run);
  // A run that dies must not make the note of an earlier failure say more than it knows: the entry starts anew.
  await books.writeAll(
    bothKeys({ ...base, state: 'RUNNING', completedOn: '', errorReason: NO_ERROR }),
    false,
  );
  try {
    await runStatements(client, sent.sql, variables);
  } catch (error) {
    if (!(error instanceof PaystreamError)) throw error;
    throw await recordFailure(run, base, sent, error);
  }
  await books.write({ ...base, state: 'MIGRATED', completedOn: String(Date.now()), errorReason: NO_ERROR });
}

function bothKeys(entry: BookEntry): readonly (readonly [string, BookEntry])[] {
  return [
    ['CURRENT', entry],
    [entry.version, entry],
  ];
}

/** The whole file, or what an earlier run left of it. */
async function whatToSend(run: FileRun): Promise<SentStatements> {
  const { client, entries, file, variables, options } = run;
  const entry = entries.get(String(file.version));
  const whole = { sql: file.sql, from: 1 };
  if (entry === undefined || entry.state === 'PENDING' || entry.state === 'MIGRATED') return whole;
  const { note } = parseNote(entry.errorReason);
  if (note?.action === 'undo') {
    throw new PaystreamError(
      'UNDO_UNFINISHED',
      `Taking back version ${file.version} was begun and has not ended.`,
      {
        where: file.path,
        hint: 'Run `paystream migrate undo` first.',
      },
    );
  }
  if (note?.done === 0 && options.resumeAt === undefined) return whole;
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

/** Writes into the books how far the file got, and says it in the error. */
async function recordFailure(
  run: FileRun,
  base: Omit<BookEntry, 'state' | 'completedOn' | 'errorReason'>,
  sent: SentStatements,
  error: PaystreamError,
): Promise<PaystreamError> {
  const { books, file } = run;
  if (!(error instanceof KsqldbError) || isTransient(error) || error.code === 'KSQLDB_PROTOCOL') {
    // The server is gone, or slow: what it did shows when it is back, and the books stay RUNNING.
    return new KsqldbError(error.code, `While version ${file.version} was applied: ${error.message}`, {
      where: file.path,
      hint: 'When the server is back, run `paystream migrate` again: it goes on with the first statement that was not carried out.',
      cause: error,
    });
  }
  const { explainFailure } = await import('./explain-failure.js');
  const failure = await explainFailure(run, sent, error);
  await books.write({
    ...base,
    state: 'ERROR',
    completedOn: String(Date.now()),
    errorReason: failure.errorReason,
  });
  return failure.error;
}
