import { PaystreamError } from '../errors/paystream-error.js';

export type MigrationState = 'PENDING' | 'RUNNING' | 'MIGRATED' | 'ERROR';

/** What the history records about one version, with every value as text in the format of ksql-migrations. */
export interface HistoryEntry {
  readonly version: string;
  readonly name: string;
  readonly state: MigrationState;
  readonly checksum: string;
  /** Milliseconds since the epoch; empty if the version was never started. */
  readonly startedOn: string;
  /** Milliseconds since the epoch; empty while the version runs. */
  readonly completedOn: string;
  /** The version that was migrated before this one, or `<none>`. */
  readonly previous: string;
  /** `N/A` if there was no error. */
  readonly errorReason: string;
}

/** A row of the history: the key, which is `CURRENT` or a version, and the entry. */
export type HistoryRow = readonly [string, HistoryEntry];

/** The rows of the history by key. */
export type HistoryEntries = ReadonlyMap<string, HistoryEntry>;

export const NO_VERSION = '<none>';
export const NO_ERROR = 'N/A';
export const CURRENT = 'CURRENT';

/** The two rows that record an entry: one under `CURRENT`, one under its version. */
export function rowsOf(entry: HistoryEntry): readonly HistoryRow[] {
  return [
    [CURRENT, entry],
    [entry.version, entry],
  ];
}

/** The rows that make a version pending again and the version before it the current one. */
export function rowsWithout(entries: HistoryEntries, entry: HistoryEntry): readonly HistoryRow[] {
  const reset = { state: 'PENDING', startedOn: '', completedOn: '', errorReason: NO_ERROR } as const;
  const none = { ...reset, version: NO_VERSION, name: '', checksum: '', previous: NO_VERSION };
  return [
    [CURRENT, entries.get(entry.previous) ?? none],
    [entry.version, { ...entry, ...reset }],
  ];
}

/** The entry of the version that `CURRENT` names; undefined if no version was ever started. */
function currentEntry(entries: HistoryEntries): HistoryEntry | undefined {
  const current = entries.get(CURRENT);
  if (current === undefined || current.version === NO_VERSION) return undefined;
  // ksql-migrations trusts the row under the version's own key more than the copy under CURRENT.
  return entries.get(current.version) ?? current;
}

/**
 * Finds the newest version that is MIGRATED: the current one, or the one before it if the current one is unfinished.
 * Returns `<none>` if there is no such version. Throws HISTORY_INCONSISTENT if neither of the two is MIGRATED.
 */
export function latestMigrated(entries: HistoryEntries): string {
  const entry = currentEntry(entries);
  if (entry === undefined) return NO_VERSION;
  if (entry.state === 'MIGRATED') return entry.version;
  const { previous } = entry;
  if (previous === NO_VERSION) return NO_VERSION;
  const before = entries.get(previous);
  if (before?.state !== 'MIGRATED') {
    throw new PaystreamError(
      'HISTORY_INCONSISTENT',
      `Version ${entry.version} says that ${previous} was migrated before it, but ${previous} is ${before?.state ?? 'not in the history'}.`,
      { hint: 'Run `paystream migrate status`, then `paystream migrate repair`.' },
    );
  }
  return previous;
}

/** The entry of a version that was started and has neither succeeded nor been undone; undefined if there is none. */
export function unfinished(entries: HistoryEntries): HistoryEntry | undefined {
  const entry = currentEntry(entries);
  return entry === undefined || entry.state === 'MIGRATED' || entry.state === 'PENDING' ? undefined : entry;
}

/** The applied versions, oldest first. Follows `previous` from the newest migrated version back to `<none>`. */
export function appliedChain(entries: HistoryEntries): readonly HistoryEntry[] {
  const chain: HistoryEntry[] = [];
  const seen = new Set<string>();
  for (let version = latestMigrated(entries); version !== NO_VERSION && !seen.has(version); ) {
    seen.add(version);
    const entry = entries.get(version);
    if (entry === undefined) break;
    chain.unshift(entry);
    version = entry.previous;
  }
  return chain;
}
