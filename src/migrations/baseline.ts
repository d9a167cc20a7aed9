import { PaystreamError } from '../errors/paystream-error.js';
import type { KsqldbClient } from '../ksqldb/ksqldb-client.js';
import { latestMigrated, NO_ERROR, NO_VERSION, rowsOf, unfinished } from './history-entry.js';
import { type HistoryNames, HistoryStore } from './history-store.js';
import { type MigrationFile, readMigrationFiles } from './migration-file.js';

export interface BaselineOptions {
  readonly client: KsqldbClient;
  readonly directory: string;
  readonly history?: Partial<HistoryNames>;
  /** The newest version that the cluster already has. */
  readonly at: number;
}

/**
 * Records all files up to a version as applied without running them, for a cluster that was set up by hand.
 * Throws BASELINE_NOT_EMPTY if the history already has a version, and USAGE_VERSION if no file has the version `at`.
 */
export async function baseline(options: BaselineOptions): Promise<readonly MigrationFile[]> {
  const { client, directory, at } = options;
  const files = readMigrationFiles(directory).filter((file) => file.version <= at);
  if (files.at(-1)?.version !== at) {
    throw new PaystreamError('USAGE_VERSION', `There is no migration with version ${at}.`, {
      where: directory,
    });
  }
  const history = new HistoryStore(client, options.history);
  await history.initialize();
  const entries = await history.read();
  const latest = latestMigrated(entries);
  if (latest !== NO_VERSION || unfinished(entries) !== undefined) {
    throw new PaystreamError('BASELINE_NOT_EMPTY', `The history already has a version: ${latest}.`, {
      hint: 'A baseline needs a cluster without a history. Run `paystream migrate status` to see it.',
    });
  }
  const now = String(Date.now());
  let previous = NO_VERSION;
  for (const file of files) {
    const { name, checksum } = file;
    const version = String(file.version);
    const times = { startedOn: now, completedOn: now };
    const entry = {
      version,
      name,
      state: 'MIGRATED',
      checksum,
      ...times,
      previous,
      errorReason: NO_ERROR,
    } as const;
    await history.write(rowsOf(entry), file === files.at(-1));
    previous = version;
  }
  return files;
}
