import type { KsqldbClient } from '../ksqldb/ksqldb-client.js';
import {
  appliedChain,
  CURRENT,
  type HistoryEntries,
  type HistoryEntry,
  type HistoryRow,
  NO_ERROR,
  NO_VERSION,
  rowsOf,
  rowsWithout,
  unfinished,
} from './history-entry.js';
import { type HistoryNames, HistoryStore } from './history-store.js';
import { type MigrationFile, readMigrationFiles } from './migration-file.js';

export interface RepairOptions {
  readonly client: KsqldbClient;
  readonly directory: string;
  readonly history?: Partial<HistoryNames>;
  /** Accept the files as they are now: record their current checksums. */
  readonly checksums: boolean;
  /** Treat the unfinished version as never started. */
  readonly clearError: boolean;
}

/** One correction of the history. */
export interface Repair {
  readonly version: number;
  /** What the repair does, as an instruction. */
  readonly what: string;
  readonly rows: readonly HistoryRow[];
}

/** Finds the repairs that the history needs, in order. Writes nothing. */
export async function planRepair(options: RepairOptions): Promise<readonly Repair[]> {
  const files = readMigrationFiles(options.directory);
  const entries = await new HistoryStore(options.client, options.history).readOrEmpty();
  return [
    ...completeRows(entries),
    ...(options.clearError ? clearUnfinished(entries) : []),
    ...(options.checksums ? acceptChecksums(files, entries) : []),
  ];
}

/** Writes repairs to the history. */
export async function applyRepairs(options: RepairOptions, repairs: readonly Repair[]): Promise<void> {
  const history = new HistoryStore(options.client, options.history);
  for (const repair of repairs) await history.write(repair.rows);
}

/** Repairs what a run left that died between two rows: CURRENT and the version's own row disagree. */
function completeRows(entries: HistoryEntries): readonly Repair[] {
  const current = entries.get(CURRENT);
  if (current === undefined || current.version === NO_VERSION) return [];
  const version = Number(current.version);
  const repairs: Repair[] = [];
  const own = entries.get(current.version);
  if (own === undefined || (own.state !== current.state && isNewer(current, own))) {
    const what = `write the row of version ${version}, which is ${current.state} according to CURRENT`;
    repairs.push({ version, what, rows: [[current.version, current]] });
  }
  const entry = own ?? current;
  const before = entries.get(entry.previous);
  if (entry.state !== 'MIGRATED' && entry.previous !== NO_VERSION && before?.state !== 'MIGRATED') {
    const previous = newestMigrated(entries, version) ?? NO_VERSION;
    const what = `record ${previous}, the newest version that is MIGRATED, as the one before version ${version}`;
    repairs.push({ version, what, rows: rowsOf({ ...entry, previous }) });
  }
  return repairs;
}

function isNewer(a: HistoryEntry, b: HistoryEntry): boolean {
  return Number(a.completedOn || a.startedOn) >= Number(b.completedOn || b.startedOn);
}

function newestMigrated(entries: HistoryEntries, below: number): string | undefined {
  return [...entries]
    .filter(([key, entry]) => key !== CURRENT && entry.state === 'MIGRATED' && Number(key) < below)
    .sort(([a], [b]) => Number(b) - Number(a))[0]?.[1].version;
}

function clearUnfinished(entries: HistoryEntries): readonly Repair[] {
  const open = unfinished(entries);
  if (open === undefined) return [];
  const what = `treat version ${open.version}, which is ${open.state}, as never started`;
  return [{ version: Number(open.version), what, rows: rowsWithout(entries, open) }];
}

function acceptChecksums(files: readonly MigrationFile[], entries: HistoryEntries): readonly Repair[] {
  const byVersion = new Map(files.map((file) => [String(file.version), file]));
  let chain: readonly HistoryEntry[];
  try {
    chain = appliedChain(entries);
  } catch {
    // An inconsistent history is repaired first; the next repair handles the checksums.
    return [];
  }
  return chain.flatMap((entry) => {
    const file = byVersion.get(entry.version);
    if (file === undefined || file.checksum === entry.checksum) return [];
    const accepted = { ...entry, checksum: file.checksum, name: file.name, errorReason: NO_ERROR };
    const isCurrent = entries.get(CURRENT)?.version === entry.version;
    const rows = rowsOf(accepted).filter(([key]) => key !== CURRENT || isCurrent);
    return [{ version: file.version, what: `accept the current file of version ${file.version}`, rows }];
  });
}
