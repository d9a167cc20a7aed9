import { startCluster } from '../embedded/cluster.js';
import { KsqldbClient } from '../ksqldb/ksqldb-client.js';
import { compareObjects, type Difference } from '../migrations/drift.js';
import type { Variables } from '../migrations/file-statements.js';
import { appliedChain } from '../migrations/history-entry.js';
import { type HistoryNames, HistoryStore } from '../migrations/history-store.js';
import { readMigrationFiles } from '../migrations/migration-file.js';
import { readServerObjects } from '../migrations/server-objects.js';
import { reapplyFiles } from './reapply-files.js';

export interface ReadDriftOptions {
  readonly client: KsqldbClient;
  readonly directory: string;
  readonly variables: Variables;
  readonly history: Partial<HistoryNames>;
}

export interface Drift {
  /** How many applied migrations were compared. */
  readonly replayed: number;
  readonly differences: readonly Difference[];
}

/**
 * Compares a ksqlDB cluster with what its applied migrations create on a fresh embedded cluster.
 *
 * @throws MIGRATION_FAILED when the embedded cluster refuses an applied migration; KsqldbError when the server fails.
 */
export async function readDrift({
  client,
  directory,
  variables,
  history: names,
}: ReadDriftOptions): Promise<Drift> {
  const history = new HistoryStore(client, names);
  const chain = appliedChain(await history.readOrEmpty());
  const applied = new Set(chain.map(({ version }) => version));
  const files = readMigrationFiles(directory).filter(({ version }) => applied.has(String(version)));
  const actual = await readServerObjects(client);
  const cluster = await startCluster({ dataDir: null, withStore: false });
  const embedded = new KsqldbClient({ url: cluster.ksqldbUrl });
  try {
    await reapplyFiles(embedded, files, variables, (topic) => actual.topics.get(topic));
    const expected = await readServerObjects(embedded);
    return { replayed: files.length, differences: compareObjects(expected, actual, history.names) };
  } finally {
    embedded.close();
    await cluster.stop();
  }
}
