import type { KsqldbClient } from '../ksqldb/ksqldb-client.js';
import { type HistoryNames, HistoryStore } from './history-store.js';
import { readMigrationFiles } from './migration-file.js';
import { type LockHolder, readLock } from './migration-lock.js';
import { type Problem, validateHistory } from './validate-history.js';
import { historyOf, type VersionStatus } from './version-status.js';

export interface StatusOptions {
  readonly client: KsqldbClient;
  readonly directory: string;
  readonly history?: Partial<HistoryNames>;
}

export interface MigrationStatus {
  /** The newest migrated version, or `<none>`. */
  readonly version: string;
  readonly versions: readonly VersionStatus[];
  readonly problems: readonly Problem[];
  /** Undefined if nobody holds the lock. */
  readonly lock: LockHolder | undefined;
}

/** Reads the state of every version from the files and the cluster's history. Changes nothing. */
export async function readStatus(options: StatusOptions): Promise<MigrationStatus> {
  const { client, directory } = options;
  const files = readMigrationFiles(directory);
  const history = new HistoryStore(client, options.history);
  const [entries, lock] = await Promise.all([history.readOrEmpty(), readLock(client)]);
  return { ...historyOf(files, entries), problems: validateHistory(files, entries), lock };
}
