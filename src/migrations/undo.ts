import { existsSync, readFileSync } from 'node:fs';
import { PaystreamError } from '../errors/paystream-error.js';
import type { KsqldbClient } from '../ksqldb/ksqldb-client.js';
import { KsqldbError } from '../ksqldb/ksqldb-error.js';
import {
  type BookEntries,
  type BookEntry,
  type BookNames,
  Books,
  CURRENT,
  latestMigrated,
  NO_ERROR,
  NO_VERSION,
  unfinished,
} from './books.js';
import { effectsOf } from './effects.js';
import { parseNote, withNote } from './failure-note.js';
import { fileStatements, joined, type Variables } from './file-statements.js';
import { type MigrationFile, readMigrationFiles, undoPath } from './migration-file.js';
import { runStatements } from './run-statements.js';
import { readServerObjects } from './server-objects.js';
import { findStatement } from './statement-place.js';

export interface UndoOptions {
  readonly client: KsqldbClient;
  readonly directory: string;
  readonly variables?: Variables;
  readonly books?: Partial<BookNames>;
  /** The version that stays, 0 for none; without it the newest one is taken back. */
  readonly to?: number;
  readonly onFile?: (file: MigrationFile, state: 'started' | 'undone', tookMs: number) => void;
}

/** A migration that would be taken back, and the file that does it. */
export interface UndoStep {
  readonly file: MigrationFile;
  readonly path: string;
  readonly sql: string;
}

/** What `undo` would do, newest first. Throws UNDO_MISSING where a file is not there, before anything is done. */
export async function planUndo(options: UndoOptions): Promise<readonly UndoStep[]> {
  const files = readMigrationFiles(options.directory);
  const books = new Books(options.client, options.books);
  if (!(await books.exist())) return [];
  return stepsOf(files, await books.read(), options.to);
}

function stepsOf(
  files: readonly MigrationFile[],
  books: BookEntries,
  to: number | undefined,
): readonly UndoStep[] {
  const steps: UndoStep[] = [];
  const open = unfinished(books);
  const isOpenUndo = open !== undefined && parseNote(open.errorReason).note?.action === 'undo';
  if (open !== undefined && !isOpenUndo) {
    throw new PaystreamError('MIGRATION_UNFINISHED', `Version ${open.version} was begun and has not ended.`, {
      hint: 'Finish it with `paystream migrate`, or remove by hand what it made and run `paystream migrate repair --clear-error`.',
    });
  }
  let version = isOpenUndo ? open.version : latestMigrated(books);
  while (version !== NO_VERSION && (to === undefined ? steps.length === 0 : Number(version) > to)) {
    const entry = books.get(version);
    const file = files.find((candidate) => String(candidate.version) === version);
    if (entry === undefined || file === undefined) {
      throw new PaystreamError('MIGRATION_MISSING', `Version ${version} was applied, but its file is gone.`, {
        hint: 'Restore the file and its undo file.',
      });
    }
    const path = undoPath(file);
    if (!existsSync(path)) {
      throw new PaystreamError(
        'UNDO_MISSING',
        `Version ${version} cannot be taken back: it has no undo file.`,
        {
          where: path,
          hint: 'Write there the statements that remove what the migration made; nothing was done.',
        },
      );
    }
    steps.push({ file, path, sql: readFileSync(path, 'utf8') });
    version = entry.previous;
  }
  return steps;
}

/**
 * Takes applied migrations back with their undo files, newest first. The books then say that the one before is the
 * current one, and the version taken back is PENDING, as ksql-migrations shows what was never applied.
 */
export async function undoMigrations(options: UndoOptions): Promise<readonly MigrationFile[]> {
  const books = new Books(options.client, options.books);
  const undone: MigrationFile[] = [];
  for (const step of await planUndo(options)) {
    options.onFile?.(step.file, 'started', 0);
    const started = Date.now();
    await undoOne(options, books, step);
    options.onFile?.(step.file, 'undone', Date.now() - started);
    undone.push(step.file);
  }
  return undone;
}

async function undoOne(options: UndoOptions, books: Books, { file, path, sql }: UndoStep): Promise<void> {
  const { client, variables = {} } = options;
  const entries = await books.read();
  const entry = entries.get(String(file.version))!;
  const statements = fileStatements(sql, variables);
  const begun = entry.state !== 'MIGRATED';
  const sent = begun ? await leftOf(client, statements) : `${sql}\n`;
  const note = { action: 'undo' as const, statement: 0, of: statements.length, done: 0, checksum: '-' };
  const current = (state: 'RUNNING' | 'ERROR', reason: string): BookEntry => ({
    ...entry,
    state,
    completedOn: state === 'ERROR' ? String(Date.now()) : '',
    errorReason: reason,
  });
  await books.write(current('RUNNING', withNote('The undo file was begun.', note)));
  try {
    await runStatements(client, sent, variables);
  } catch (error) {
    if (!(error instanceof KsqldbError)) throw error;
    const failed = findStatement(statements, error.statementText);
    if (error.code === 'KSQLDB_STATEMENT') {
      const reason = withNote(`The undo failed: ${error.message}`, {
        ...note,
        statement: failed?.number ?? 0,
      });
      await books.write(current('ERROR', reason));
    }
    throw new PaystreamError(error.code === 'KSQLDB_STATEMENT' ? 'UNDO_FAILED' : error.code, error.message, {
      where: failed === undefined ? path : `${path}:${failed.line}`,
      hint: 'Correct the undo file and run `paystream migrate undo` again; it leaves out what was done.',
      cause: error,
    });
  }
  await books.writeAll(rowsAfterUndo(entries, entry));
}

/** CURRENT becomes the version before; the version itself is pending again. */
export function rowsAfterUndo(
  entries: BookEntries,
  entry: BookEntry,
): readonly (readonly [string, BookEntry])[] {
  const before = entries.get(entry.previous);
  const nothing: BookEntry = {
    version: NO_VERSION,
    name: '',
    state: 'PENDING',
    checksum: '',
    startedOn: '',
    completedOn: '',
    previous: NO_VERSION,
    errorReason: NO_ERROR,
  };
  const pending: BookEntry = {
    ...entry,
    state: 'PENDING',
    startedOn: '',
    completedOn: '',
    errorReason: NO_ERROR,
  };
  return [
    [CURRENT, before ?? nothing],
    [entry.version, pending],
  ];
}

/** The statements that were not carried out by an undo that was begun: what is gone needs no DROP. */
async function leftOf(client: KsqldbClient, statements: ReturnType<typeof fileStatements>): Promise<string> {
  const effects = effectsOf(statements, await readServerObjects(client));
  return joined(statements.filter((_statement, i) => effects[i] !== 'present'));
}
