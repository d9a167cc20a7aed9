import { PaystreamError } from '../errors/paystream-error.js';
import type { KsqldbClient } from '../ksqldb/ksqldb-client.js';
import { KsqldbError } from '../ksqldb/ksqldb-error.js';
import { type BookEntry, Books, latestMigrated, NO_ERROR, NO_VERSION } from './books.js';
import { type MigrationFile, readMigrationFiles } from './migration-file.js';
import { statementAt } from './statement-place.js';

export interface ApplyOptions {
  readonly client: KsqldbClient;
  readonly directory: string;
  readonly variables?: Readonly<Record<string, string>>;
  /** Called before and after each file. */
  readonly onFile?: (file: MigrationFile, state: 'started' | 'migrated', tookMs: number) => void;
}

export interface ApplyResult {
  readonly applied: readonly MigrationFile[];
  /** The newest version after the run, or `<none>`. */
  readonly version: string;
}

/** Applies the pending files in order, each as one request, and keeps the books. Stops at the first that fails. */
export async function applyMigrations(options: ApplyOptions): Promise<ApplyResult> {
  const { client, directory, variables = {} } = options;
  const files = readMigrationFiles(directory);
  const books = new Books(client);
  await books.initialise();
  const entries = await books.read();
  checkApplied(files, entries);
  let previous = latestMigrated(entries);
  const applied: MigrationFile[] = [];
  for (const file of files) {
    if (previous !== NO_VERSION && file.version <= Number(previous)) continue;
    options.onFile?.(file, 'started', 0);
    const started = Date.now();
    await applyFile(client, books, file, previous, variables);
    options.onFile?.(file, 'migrated', Date.now() - started);
    previous = String(file.version);
    applied.push(file);
  }
  return { applied, version: previous };
}

/** A file that was applied must be there, unchanged. */
function checkApplied(files: readonly MigrationFile[], books: ReadonlyMap<string, BookEntry>): void {
  const byVersion = new Map(files.map((file) => [String(file.version), file]));
  for (let version = latestMigrated(books); version !== NO_VERSION; ) {
    const entry = books.get(version);
    if (entry === undefined) return;
    const file = byVersion.get(version);
    if (file === undefined) {
      throw new PaystreamError('MIGRATION_MISSING', `Version ${version} was applied, but its file is gone.`, {
        hint: `Restore the file of '${entry.name}'.`,
      });
    }
    if (file.checksum !== entry.checksum) {
      throw new PaystreamError(
        'MIGRATION_CHANGED',
        `The file of version ${version} was changed after it was applied.`,
        {
          where: file.path,
          hint: 'Restore the file and write a new migration instead.',
        },
      );
    }
    version = entry.previous;
  }
}

async function applyFile(
  client: KsqldbClient,
  books: Books,
  file: MigrationFile,
  previous: string,
  variables: Readonly<Record<string, string>>,
): Promise<void> {
  const base = {
    version: String(file.version),
    name: file.name,
    checksum: file.checksum,
    startedOn: String(Date.now()),
    previous,
  };
  await books.write({ ...base, state: 'RUNNING', completedOn: '', errorReason: NO_ERROR });
  try {
    // A line end after the text: the server's parser wants one after a last comment.
    await client.executeAndWait(`${file.sql}\n`, { variables });
  } catch (error) {
    await books.write({
      ...base,
      state: 'ERROR',
      completedOn: String(Date.now()),
      errorReason: error instanceof Error ? error.message : String(error),
    });
    if (!(error instanceof KsqldbError)) throw error;
    const place = statementAt(file.sql, error.statementText, new Map(Object.entries(variables)));
    throw new PaystreamError('MIGRATION_FAILED', error.message, {
      where: place === undefined ? file.path : `${file.path}:${place.line}`,
      hint: `The statement that failed: ${place?.text ?? error.statementText ?? 'unknown'}`,
      cause: error,
    });
  }
  await books.write({ ...base, state: 'MIGRATED', completedOn: String(Date.now()), errorReason: NO_ERROR });
}
