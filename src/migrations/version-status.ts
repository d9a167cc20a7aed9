import { PaystreamError } from '../errors/paystream-error.js';
import { parseNote } from './failure-note.js';
import {
  CURRENT,
  type HistoryEntries,
  type HistoryEntry,
  latestMigrated,
  NO_VERSION,
} from './history-entry.js';
import { hasUndo, type MigrationFile } from './migration-file.js';

/** `SKIPPED`: older than the newest migrated version and never applied. `MISSING` files are in `problem`. */
export type VersionState = HistoryEntry['state'] | 'SKIPPED';

/** One version, from the files, the history, or both. */
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

const NOTHING: HistoryEntries = new Map();

/** Every version of files and history, in order. */
export function historyOf(files: readonly MigrationFile[], entries: HistoryEntries = NOTHING): History {
  const latest = latestOrNone(entries);
  const byVersion = new Map(files.map((file) => [file.version, file]));
  const inBooks = [...entries.keys()].filter((key) => key !== CURRENT).map(Number);
  const versions = [...new Set([...byVersion.keys(), ...inBooks])].sort((a, b) => a - b);
  return {
    version: latest,
    versions: versions.map((version) => statusOf(version, byVersion.get(version), entries, latest)),
  };
}

function statusOf(
  version: number,
  file: MigrationFile | undefined,
  entries: HistoryEntries,
  latest: string,
): VersionStatus {
  const entry = entries.get(String(version));
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

/** Like `latestMigrated`; inconsistent history have none. */
function latestOrNone(entries: HistoryEntries): string {
  try {
    return latestMigrated(entries);
  } catch (error) {
    if (error instanceof PaystreamError && error.code === 'HISTORY_INCONSISTENT') return NO_VERSION;
    throw error;
  }
}
