import type { KsqldbClient } from '../ksqldb/ksqldb-client.js';
import {
  appliedChain,
  type BookEntries,
  type BookEntry,
  type BookNames,
  Books,
  CURRENT,
  NO_ERROR,
  NO_VERSION,
  unfinished,
} from './books.js';
import { type MigrationFile, readMigrationFiles } from './migration-file.js';
import { rowsAfterUndo } from './undo.js';

export interface RepairOptions {
  readonly client: KsqldbClient;
  readonly directory: string;
  readonly books?: Partial<BookNames>;
  /** Take over the checksums of the files as they are. */
  readonly checksums: boolean;
  /** Take a version that was begun as never begun. */
  readonly clearError: boolean;
}

/** One correction of the books. */
export interface Repair {
  readonly version: number;
  readonly what: string;
  readonly rows: readonly (readonly [string, BookEntry])[];
}

/** The corrections that the books need, in order. Writes nothing. */
export async function planRepair(options: RepairOptions): Promise<readonly Repair[]> {
  const files = readMigrationFiles(options.directory);
  const books = new Books(options.client, options.books);
  if (!(await books.exist())) return [];
  const entries = await books.read();
  const repairs = completeRows(entries);
  if (options.clearError) repairs.push(...clearUnfinished(entries));
  if (options.checksums && repairs.every((repair) => repair.version >= 0))
    repairs.push(...acceptChecksums(files, entries));
  return repairs;
}

export async function applyRepairs(options: RepairOptions, repairs: readonly Repair[]): Promise<void> {
  const books = new Books(options.client, options.books);
  for (const repair of repairs) await books.writeAll(repair.rows);
}

/** A run that died between the two rows of one change, or between two changes, left CURRENT and its version apart. */
function completeRows(entries: BookEntries): Repair[] {
  const current = entries.get(CURRENT);
  if (current === undefined || current.version === NO_VERSION) return [];
  const repairs: Repair[] = [];
  const own = entries.get(current.version);
  if (own === undefined || (own.state !== current.state && newer(current, own))) {
    repairs.push({
      version: Number(current.version),
      what: `write the row of version ${current.version}, which CURRENT says is ${current.state}`,
      rows: [[current.version, current]],
    });
  }
  const entry = own ?? current;
  const before = entries.get(entry.previous);
  if (entry.state !== 'MIGRATED' && entry.previous !== NO_VERSION && before?.state !== 'MIGRATED') {
    const migrated = newestMigrated(entries, Number(current.version));
    const corrected = { ...entry, previous: migrated?.version ?? NO_VERSION };
    repairs.push({
      version: Number(current.version),
      what: `let version ${current.version} follow ${corrected.previous}, the newest that is MIGRATED`,
      rows: [
        [CURRENT, corrected],
        [current.version, corrected],
      ],
    });
  }
  return repairs;
}

function newer(a: BookEntry, b: BookEntry): boolean {
  return Number(a.completedOn === '' ? a.startedOn : a.completedOn) >= Number(b.completedOn || b.startedOn);
}

function newestMigrated(entries: BookEntries, below: number): BookEntry | undefined {
  return [...entries]
    .filter(([key, entry]) => key !== CURRENT && entry.state === 'MIGRATED' && Number(key) < below)
    .sort(([a], [b]) => Number(b) - Number(a))[0]?.[1];
}

function clearUnfinished(entries: BookEntries): readonly Repair[] {
  const open = unfinished(entries);
  if (open === undefined) return [];
  return [
    {
      version: Number(open.version),
      what: `take version ${open.version}, which is ${open.state}, as never begun`,
      rows: rowsAfterUndo(entries, open),
    },
  ];
}

function acceptChecksums(files: readonly MigrationFile[], entries: BookEntries): readonly Repair[] {
  const byVersion = new Map(files.map((file) => [String(file.version), file]));
  const current = entries.get(CURRENT);
  let chain: readonly BookEntry[];
  try {
    chain = appliedChain(entries);
  } catch {
    // Inconsistent books are corrected first; the next repair sees the rest.
    return [];
  }
  return chain.flatMap((entry) => {
    const file = byVersion.get(entry.version);
    if (file === undefined || file.checksum === entry.checksum) return [];
    const accepted: BookEntry = { ...entry, checksum: file.checksum, name: file.name, errorReason: NO_ERROR };
    const isCurrent = current?.version === entry.version;
    return [
      {
        version: file.version,
        what: `accept the file of version ${file.version} as it is now`,
        rows: [...(isCurrent ? [[CURRENT, accepted] as const] : []), [entry.version, accepted] as const],
      },
    ];
  });
}
