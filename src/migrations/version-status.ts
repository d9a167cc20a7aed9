import { PaystreamError } from '../errors/paystream-error.js';
import { parseNote } from './failure-note.js';
import {
  CURRENT,
  type HistoryEntries,
  latestMigrated,
  type MigrationState,
  NO_VERSION,
} from './history-entry.js';
import { hasUndo, type MigrationFile } from './migration-file.js';

/** `SKIPPED`: never applied, although a newer version was migrated. */
export type VersionState = MigrationState | 'SKIPPED';

/** What is known about one version from the files, the history, or both. */
export interface VersionStatus {
  readonly version: number;
  readonly name: string;
  readonly state: VersionState;
  readonly startedOn?: Date;
  readonly completedOn?: Date;
  readonly previous?: string;
  /** Why it failed, without the note for the next run. */
  readonly error?: string;
  /** The statement at which it stopped, counted from 1, and how many there are. */
  readonly failedAt?: { readonly statement: number; readonly of: number };
  readonly undo: boolean;
  readonly path?: string;
}

export interface History {
  /** The newest migrated version, or `<none>`. */
  readonly version: string;
  readonly versions: readonly VersionStatus[];
}

/** Combines files and history into the status of every version, in order. */
export function historyOf(files: readonly MigrationFile[], entries: HistoryEntries = new Map()): History {
  const latest = latestOrNone(entries);
  const byVersion = new Map(files.map((file) => [file.version, file]));
  const recorded = [...entries.keys()].filter((key) => key !== CURRENT).map(Number);
  const versions = [...new Set([...byVersion.keys(), ...recorded])].sort((a, b) => a - b);
  return {
    version: latest,
    versions: versions.map((version) => statusOf(version, byVersion.get(version), entries, latest)),
  };
}

/** Tells whether `migrate` still has work to do for a version. */
export function isPending({ state }: VersionStatus): boolean {
  return state === 'PENDING' || state === 'RUNNING' || state === 'ERROR';
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
  const { message, note } = parseNote(entry.errorReason);
  return {
    ...base,
    state: entry.state,
    ...dateAt('startedOn', entry.startedOn),
    ...dateAt('completedOn', entry.completedOn),
    previous: entry.previous,
    ...(entry.state === 'ERROR' || entry.state === 'RUNNING' ? { error: message } : {}),
    ...(note === undefined || note.statement === 0
      ? {}
      : { failedAt: { statement: note.statement, of: note.of } }),
  };
}

function dateAt<K extends string>(key: K, text: string): { readonly [P in K]?: Date } {
  const value = Number(text);
  if (text === '' || !Number.isFinite(value)) return {};
  return { [key]: new Date(value) } as { readonly [P in K]?: Date };
}

/** Like `latestMigrated`, but an inconsistent history has no newest version. */
function latestOrNone(entries: HistoryEntries): string {
  try {
    return latestMigrated(entries);
  } catch (error) {
    if (error instanceof PaystreamError && error.code === 'HISTORY_INCONSISTENT') return NO_VERSION;
    throw error;
  }
}
