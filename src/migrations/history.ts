import { PaystreamError } from '../errors/paystream-error.js';
import {
  appliedChain,
  type BookEntries,
  type BookEntry,
  CURRENT,
  latestMigrated,
  NO_VERSION,
  unfinished,
} from './books.js';
import { parseNote } from './failure-note.js';
import { checksumsOfOtherLineEnds, hasUndo, type MigrationFile } from './migration-file.js';

/** `SKIPPED`: older than the newest migrated version and never applied. `MISSING` files are in `problem`. */
export type VersionState = BookEntry['state'] | 'SKIPPED';

/** One version, from the files, the books, or both. */
export interface VersionStatus {
  readonly version: number;
  readonly name: string;
  readonly state: VersionState;
  readonly startedOn?: Date;
  readonly completedOn?: Date;
  readonly previous?: string;
  /** Why it failed, without the note for the next run. */
  readonly error?: string;
  /** The statement at which it stopped, from 1, of how many. */
  readonly failedAt?: { readonly statement: number; readonly of: number };
  readonly undo: boolean;
  readonly path?: string;
}

export interface History {
  /** The newest migrated version, or `<none>`. */
  readonly version: string;
  readonly versions: readonly VersionStatus[];
}

export interface Problem {
  readonly code:
    | 'MIGRATION_MISSING'
    | 'MIGRATION_CHANGED'
    | 'MIGRATION_LINE_ENDS'
    | 'MIGRATION_SKIPPED'
    | 'MIGRATION_UNFINISHED'
    | 'BOOKS_INCONSISTENT';
  /** Warnings do not keep `migrate` from running. */
  readonly severity: 'error' | 'warning';
  readonly version: number;
  readonly message: string;
  readonly where?: string;
  readonly hint: string;
}

const NOTHING: BookEntries = new Map();

/** Every version of files and books, in order. */
export function historyOf(files: readonly MigrationFile[], books: BookEntries = NOTHING): History {
  const latest = latestOrNone(books);
  const byVersion = new Map(files.map((file) => [file.version, file]));
  const inBooks = [...books.keys()].filter((key) => key !== CURRENT).map(Number);
  const versions = [...new Set([...byVersion.keys(), ...inBooks])].sort((a, b) => a - b);
  return {
    version: latest,
    versions: versions.map((version) => statusOf(version, byVersion.get(version), books, latest)),
  };
}

function statusOf(
  version: number,
  file: MigrationFile | undefined,
  books: BookEntries,
  latest: string,
): VersionStatus {
  const entry = books.get(String(version));
  const base = {
    version,
    name: file?.name ?? entry?.name ?? '',
    undo: file !== undefined && hasUndo(file),
    ...(file === undefined ? {} : { path: file.path }),
  };
  const isOlder = latest !== NO_VERSION && version < Number(latest);
  if (entry === undefined) return { ...base, state: isOlder ? 'SKIPPED' : 'PENDING' };
  const started = time(entry.startedOn);
  const completed = time(entry.completedOn);
  const { message, note } = parseNote(entry.errorReason);
  return {
    ...base,
    state: entry.state,
    ...(started === undefined ? {} : { startedOn: started }),
    ...(completed === undefined ? {} : { completedOn: completed }),
    previous: entry.previous,
    ...(entry.state === 'ERROR' || entry.state === 'RUNNING' ? { error: message } : {}),
    ...(note === undefined || note.statement === 0
      ? {}
      : { failedAt: { statement: note.statement, of: note.of } }),
  };
}

function time(text: string): Date | undefined {
  const value = Number(text);
  return text === '' || !Number.isFinite(value) ? undefined : new Date(value);
}

/** Like `latestMigrated`; inconsistent books have none. */
function latestOrNone(books: BookEntries): string {
  try {
    return latestMigrated(books);
  } catch (error) {
    if (error instanceof PaystreamError && error.code === 'BOOKS_INCONSISTENT') return NO_VERSION;
    throw error;
  }
}

/** What is wrong between the files and the books. */
export function validateHistory(files: readonly MigrationFile[], books: BookEntries): readonly Problem[] {
  const problems: Problem[] = [];
  const byVersion = new Map(files.map((file) => [String(file.version), file]));
  try {
    latestMigrated(books);
  } catch (error) {
    if (!(error instanceof PaystreamError)) throw error;
    const version = Number(books.get(CURRENT)?.version ?? 0);
    return [
      {
        code: 'BOOKS_INCONSISTENT',
        severity: 'error',
        version,
        message: error.message,
        hint: '`paystream migrate repair` corrects the books.',
      },
    ];
  }
  const chain = appliedChain(books);
  for (const entry of chain) problems.push(...checkApplied(entry, byVersion.get(entry.version)));
  const applied = new Set(chain.map((entry) => entry.version));
  const newest = Number(chain.at(-1)?.version ?? 0);
  for (const file of files) {
    if (file.version > newest || applied.has(String(file.version))) continue;
    problems.push({
      code: 'MIGRATION_SKIPPED',
      severity: 'warning',
      version: file.version,
      message: `Version ${file.version} was never applied and will not be: the cluster is at version ${newest}.`,
      where: file.path,
      hint: 'Give it the next free version if it is to be applied.',
    });
  }
  const open = unfinished(books);
  if (open !== undefined) problems.push(describeUnfinished(open));
  return problems;
}

function describeUnfinished(open: BookEntry): Problem {
  const { message, note } = parseNote(open.errorReason);
  const what = note?.action === 'undo' ? 'Taking back version' : 'Version';
  return {
    code: 'MIGRATION_UNFINISHED',
    severity: 'warning',
    version: Number(open.version),
    message:
      open.state === 'ERROR'
        ? `${what} ${open.version} failed: ${message}`
        : `${what} ${open.version} was begun and has not ended.`,
    hint:
      note?.action === 'undo'
        ? '`paystream migrate undo` goes on.'
        : 'Correct what failed; `paystream migrate` goes on from there.',
  };
}

/** An applied version's file must be there, unchanged. */
function checkApplied(entry: BookEntry, file: MigrationFile | undefined): readonly Problem[] {
  const version = Number(entry.version);
  if (file === undefined) {
    return [
      {
        code: 'MIGRATION_MISSING',
        severity: 'error',
        version,
        message: `Version ${version} was applied, but its file is gone.`,
        hint: `Restore the file of '${entry.name}'.`,
      },
    ];
  }
  if (file.checksum === entry.checksum) return [];
  if (checksumsOfOtherLineEnds(file.sql).includes(entry.checksum)) {
    return [
      {
        code: 'MIGRATION_LINE_ENDS',
        severity: 'warning',
        version,
        message: `The file of version ${version} differs from what was applied in its line ends only.`,
        where: file.path,
        hint: 'Keep *.sql at LF (.gitattributes: *.sql text eol=lf), or accept it with `paystream migrate repair --checksums`; ksql-migrations refuses it.',
      },
    ];
  }
  return [
    {
      code: 'MIGRATION_CHANGED',
      severity: 'error',
      version,
      message: `The file of version ${version} was changed after it was applied.`,
      where: file.path,
      hint: 'Restore the file and write a new migration instead; `paystream migrate repair --checksums` accepts it as it is.',
    },
  ];
}

/** Throws the first problem that is an error. */
export function assertValid(problems: readonly Problem[]): void {
  const problem = problems.find((found) => found.severity === 'error');
  if (problem === undefined) return;
  throw new PaystreamError(problem.code, problem.message, {
    ...(problem.where === undefined ? {} : { where: problem.where }),
    hint: problem.hint,
  });
}
