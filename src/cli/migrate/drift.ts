import { startCluster } from '../../embedded/cluster.js';
import { PaystreamError } from '../../errors/paystream-error.js';
import { KsqldbClient } from '../../ksqldb/ksqldb-client.js';
import { appliedChain, Books } from '../../migrations/books.js';
import { compareObjects, type Difference } from '../../migrations/drift.js';
import { type MigrationFile, readMigrationFiles } from '../../migrations/migration-file.js';
import { readServerObjects, type ServerObjects } from '../../migrations/server-objects.js';
import { EXIT } from '../exit-codes.js';
import { note, out, styled } from '../output.js';
import { Progress } from '../progress.js';
import { replayFile } from '../replay.js';
import { tableLines } from '../table.js';
import { type ConnectedSession, type MigrateFlags, withServer } from './migrate-session.js';

export interface DriftFlags extends MigrateFlags {
  readonly exitCode?: boolean;
}

export interface Drift {
  /** How many applied migrations were replayed. */
  readonly replayed: number;
  readonly differences: readonly Difference[];
}

export async function runDrift(flags: DriftFlags): Promise<void> {
  await withServer(flags, async (session) => {
    const progress = new Progress();
    progress.start('replaying the applied migrations on an embedded cluster');
    const { replayed, differences } = await readDrift(session).finally(() => progress.stop());
    if (flags.json === true) out(JSON.stringify({ drifted: differences.length > 0, differences }));
    else {
      showDifferences(differences);
      note(
        differences.length === 0
          ? `${session.client.url} is as its ${replayed} applied migrations make it.`
          : `${session.client.url} has drifted: ${differences.length} ${differences.length === 1 ? 'difference' : 'differences'}.`,
      );
    }
    if (flags.exitCode === true && differences.length > 0) process.exitCode = EXIT.pending;
  });
}

/** Compares a cluster with what its applied files make on an embedded one. The console shows the same. */
export async function readDrift(
  session: Pick<ConnectedSession, 'client' | 'directory' | 'variables' | 'books'>,
): Promise<Drift> {
  const { client, directory, variables } = session;
  const files = readMigrationFiles(directory);
  const books = new Books(client, session.books);
  const applied = new Set(
    (await books.exist()) ? appliedChain(await books.read()).map((entry) => entry.version) : [],
  );
  const replayed = files.filter((file) => applied.has(String(file.version)));
  const actual = await readServerObjects(client);
  const expected = await replay(replayed, variables, actual);
  return { replayed: replayed.length, differences: compareObjects(expected, actual, books.names) };
}

/** What the files make on a cluster of their own. */
async function replay(
  files: readonly MigrationFile[],
  variables: Readonly<Record<string, string>>,
  actual: ServerObjects,
): Promise<ServerObjects> {
  const cluster = await startCluster({ dataDir: null, withStore: false });
  const client = new KsqldbClient({ url: cluster.ksqldbUrl });
  try {
    for (const file of files) {
      try {
        await replayFile(client, file, variables, (topic) => actual.topics.get(topic));
      } catch (error) {
        if (!(error instanceof PaystreamError)) throw error;
        throw new PaystreamError(
          'DRIFT_REPLAY',
          `The embedded cluster refuses version ${file.version}: ${error.message}`,
          {
            where: file.path,
            hint: 'Does it need something that is not in the files, such as a registered schema?',
            cause: error,
          },
        );
      }
    }
    return await readServerObjects(client);
  } finally {
    client.close();
    await cluster.stop();
  }
}

function showDifferences(differences: readonly Difference[]): void {
  if (differences.length === 0) return;
  const rows = differences.map(({ kind, what, name, detail }) => [kind, what, name, detail ?? '']);
  const columns = [{ name: 'drift' }, { name: 'what' }, { name: 'name' }, { name: 'detail' }];
  const lines = tableLines(columns, rows, (cell, column, row) => {
    if (row === -1) return styled('dim', cell);
    return column === 0 ? styled(differences[row]?.kind === 'extra' ? 'yellow' : 'red', cell) : cell;
  });
  for (const line of lines) out(line);
}
