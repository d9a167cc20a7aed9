import { existsSync, readFileSync } from 'node:fs';
import { PaystreamError } from '../errors/paystream-error.js';
import type { KsqldbClient } from '../ksqldb/ksqldb-client.js';
import { KsqldbError } from '../ksqldb/ksqldb-error.js';
import { effectsOf } from './effects.js';
import { parseNote, withNote } from './failure-note.js';
import { type FileStatement, fileStatements, joined, type Variables } from './file-statements.js';
import {
  type HistoryEntries,
  latestMigrated,
  NO_VERSION,
  rowsOf,
  rowsWithout,
  unfinished,
} from './history-entry.js';
import { type HistoryNames, HistoryStore } from './history-store.js';
import { type MigrationFile, readMigrationFiles, undoPath } from './migration-file.js';
import { runStatements } from './run-statements.js';
import { readServerObjects } from './server-objects.js';
import { findStatement } from './statement-place.js';

export interface UndoOptions {
  readonly client: KsqldbClient;
  readonly directory: string;
  readonly variables?: Variables;
  readonly history?: Partial<HistoryNames>;
  /** The version to go back to; 0 undoes all. The default is to undo the newest version only. */
  readonly to?: number | undefined;
  /** The steps that somebody confirmed. If the steps are no longer the same, nothing is undone. */
  readonly confirmed?: readonly UndoStep[];
  readonly onFile?: (file: MigrationFile, state: 'started' | 'undone', tookMs: number) => void;
}

/** A migration to undo, and the file that does it. */
export interface UndoStep {
  readonly file: MigrationFile;
  readonly path: string;
  readonly sql: string;
}

export interface UndoResult {
  readonly undone: readonly MigrationFile[];
  /** The newest migrated version after the run, or `<none>`. */
  readonly version: string;
}

/** Finds what `undoMigrations` would do, newest version first. Throws UNDO_MISSING if an undo file does not exist. */
export async function planUndo(options: UndoOptions): Promise<readonly UndoStep[]> {
  const entries = await new HistoryStore(options.client, options.history).readOrEmpty();
  return stepsOf(readMigrationFiles(options.directory), entries, options.to);
}

function stepsOf(
  files: readonly MigrationFile[],
  entries: HistoryEntries,
  to: number | undefined,
): readonly UndoStep[] {
  const steps: UndoStep[] = [];
  const open = unfinished(entries);
  const isOpenUndo = open !== undefined && parseNote(open.errorReason).note?.action === 'undo';
  if (open !== undefined && !isOpenUndo) {
    throw new PaystreamError('MIGRATION_UNFINISHED', `Version ${open.version} is unfinished.`, {
      hint: 'Finish it with `paystream migrate`. Or drop what it created, then run `paystream migrate repair --clear-error`.',
    });
  }
  let version = isOpenUndo ? open.version : latestMigrated(entries);
  while (version !== NO_VERSION && (to === undefined ? steps.length === 0 : Number(version) > to)) {
    const entry = entries.get(version);
    const file = files.find((candidate) => String(candidate.version) === version);
    if (entry === undefined || file === undefined) {
      throw new PaystreamError(
        'MIGRATION_MISSING',
        `The file of the applied version ${version} is missing.`,
        {
          hint: 'Restore the file and its undo file.',
        },
      );
    }
    const path = undoPath(file);
    if (!existsSync(path)) {
      throw new PaystreamError('UNDO_MISSING', `Version ${version} has no undo file. Nothing was undone.`, {
        where: path,
        hint: 'Write the statements that drop what the migration created into that file.',
      });
    }
    steps.push({ file, path, sql: readFileSync(path, 'utf8') });
    version = entry.previous;
  }
  return steps;
}

/**
 * Undoes applied migrations with their undo files, newest first. Afterwards the version before them is the current
 * one and their own state is PENDING, which is how ksql-migrations shows versions that were never applied.
 *
 * Throws UNDO_CHANGED if the steps differ from the confirmed ones, and UNDO_FAILED with file and line if the server
 * refuses a statement.
 */
export async function undoMigrations(options: UndoOptions): Promise<UndoResult> {
  const history = new HistoryStore(options.client, options.history);
  const steps = await planUndo(options);
  assertConfirmed(steps, options.confirmed ?? steps);
  const undone: MigrationFile[] = [];
  for (const step of steps) {
    options.onFile?.(step.file, 'started', 0);
    const started = Date.now();
    await undoOne(options, history, step);
    options.onFile?.(step.file, 'undone', Date.now() - started);
    undone.push(step.file);
  }
  return { undone, version: latestMigrated(await history.readOrEmpty()) };
}

function assertConfirmed(steps: readonly UndoStep[], confirmed: readonly UndoStep[]): void {
  const text = (list: readonly UndoStep[]) =>
    JSON.stringify(list.map(({ file, path, sql }) => [file.version, path, sql]));
  if (text(steps) === text(confirmed)) return;
  throw new PaystreamError(
    'UNDO_CHANGED',
    'The history or an undo file changed after you confirmed. Nothing was undone.',
    { hint: 'Run `paystream migrate undo` again and check what it lists.' },
  );
}

async function undoOne(
  options: UndoOptions,
  history: HistoryStore,
  { file, path, sql }: UndoStep,
): Promise<void> {
  const { client, variables = {} } = options;
  const entries = await history.read();
  const entry = entries.get(String(file.version))!;
  const statements = fileStatements(sql, variables);
  const toSend = entry.state === 'MIGRATED' ? `${sql}\n` : await withoutDone(client, statements);
  const note = { action: 'undo' as const, statement: 0, of: statements.length, done: 0, checksum: '-' };
  const started = withNote('The undo is unfinished.', note);
  await history.write(rowsOf({ ...entry, state: 'RUNNING', completedOn: '', errorReason: started }));
  try {
    await runStatements(client, toSend, variables);
  } catch (error) {
    if (!(error instanceof KsqldbError)) throw error;
    const failed = findStatement(statements, error.statementText);
    const isRefused = error.code === 'KSQLDB_STATEMENT';
    if (isRefused) {
      const failure = { ...note, statement: failed?.number ?? 0 };
      const errorReason = withNote(`The undo failed: ${error.message}`, failure);
      await history.write(rowsOf({ ...entry, state: 'ERROR', completedOn: String(Date.now()), errorReason }));
    }
    throw new PaystreamError(isRefused ? 'UNDO_FAILED' : error.code, error.message, {
      where: failed === undefined ? path : `${path}:${failed.line}`,
      hint: 'Fix the undo file and run `paystream migrate undo` again. It skips the statements that were carried out.',
      cause: error,
    });
  }
  await history.write(rowsWithout(entries, entry));
}

/** The statements that an unfinished undo still has to run: an object that is gone needs no DROP. */
async function withoutDone(client: KsqldbClient, statements: readonly FileStatement[]): Promise<string> {
  const effects = effectsOf(statements, await readServerObjects(client));
  return joined(statements.filter((_statement, i) => effects[i] !== 'present'));
}
