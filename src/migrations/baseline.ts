import { PaystreamError } from '../errors/paystream-error.js';
import type { KsqldbClient } from '../ksqldb/ksqldb-client.js';
import { type BookNames, Books, CURRENT, latestMigrated, NO_ERROR, NO_VERSION, unfinished } from './books.js';
import { type MigrationFile, readMigrationFiles } from './migration-file.js';

export interface BaselineOptions {
  readonly client: KsqldbClient;
  readonly directory: string;
  readonly books?: Partial<BookNames>;
  /** The newest version that the cluster already has. */
  readonly at: number;
}

/**
 * Writes into the books that the files up to a version are applied, and runs nothing: for a cluster on which their
 * statements were run by hand. Throws BASELINE_NOT_EMPTY if the books have a version already.
 */
export async function baseline(options: BaselineOptions): Promise<readonly MigrationFile[]> {
  const { client, directory, at } = options;
  const files = readMigrationFiles(directory).filter((file) => file.version <= at);
  if (files.at(-1)?.version !== at) {
    throw new PaystreamError('USAGE_VERSION', `There is no migration with version ${at}.`, {
      where: directory,
    });
  }
  const books = new Books(client, options.books);
  await books.initialise();
  const entries = await books.read();
  const latest = latestMigrated(entries);
  if (latest !== NO_VERSION || unfinished(entries) !== undefined) {
    throw new PaystreamError('BASELINE_NOT_EMPTY', `The books have a version already: ${latest}.`, {
      hint: 'A baseline is for a cluster without books; `paystream migrate status` shows them.',
    });
  }
  const now = String(Date.now());
  let previous = NO_VERSION;
  for (const file of files) {
    const entry = {
      version: String(file.version),
      name: file.name,
      state: 'MIGRATED' as const,
      checksum: file.checksum,
      startedOn: now,
      completedOn: now,
      previous,
      errorReason: NO_ERROR,
    };
    await books.writeAll(
      [
        [CURRENT, entry],
        [entry.version, entry],
      ],
      file === files.at(-1),
    );
    previous = entry.version;
  }
  return files;
}
