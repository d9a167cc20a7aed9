import { type Cluster, startCluster } from '../../src/embedded/cluster.js';
import { KsqldbClient } from '../../src/ksqldb/ksqldb-client.js';
import { checksumOf, parseFileName } from '../../src/migrations/migration-file.js';

export interface Bench {
  readonly cluster: Cluster;
  readonly client: KsqldbClient;
  stop(): Promise<void>;
}

/** A clean cluster in memory, without a store. */
export async function openBench(): Promise<Bench> {
  const cluster = await startCluster({ dataDir: null, withStore: false });
  const client = new KsqldbClient({ url: cluster.ksqldbUrl });
  return {
    cluster,
    client,
    stop: async () => {
      client.close();
      await cluster.stop();
    },
  };
}

export const stream = (name: string) =>
  `CREATE STREAM ${name} (ID STRING KEY, V BIGINT) WITH (KAFKA_TOPIC='${name}', PARTITIONS=2, VALUE_FORMAT='JSON');\n`;

/** Three small migrations with undo files for the last two. */
export const THREE = {
  'V000001__first.sql': stream('A'),
  'V000002__second.sql': `${stream('B')}CREATE STREAM B2 AS SELECT * FROM B EMIT CHANGES;\n`,
  'V000003__third.sql': stream('C'),
  'U000002__second.sql': 'DROP STREAM B2;\nDROP STREAM B;\n',
  'U000003__third.sql': 'DROP STREAM C;\n',
} as const;

export async function sourceNames(client: KsqldbClient): Promise<readonly string[]> {
  const entities = await client.execute('LIST STREAMS; LIST TABLES;');
  return entities
    .flatMap(({ raw }) => (raw.streams ?? raw.tables ?? []) as readonly { readonly name: string }[])
    .map(({ name }) => name)
    .filter((name) => name !== 'KSQL_PROCESSING_LOG')
    .sort();
}

/** The names in `own`, as far as the cluster has them. */
export async function have(client: KsqldbClient, ...own: readonly string[]): Promise<readonly string[]> {
  return (await sourceNames(client)).filter((name) => own.includes(name));
}

/** The history as `ksql-migrations initialize-metadata` makes them, its own statements' text. */
export async function confluentInit(client: KsqldbClient): Promise<void> {
  const { ksqlServiceId } = await client.info();
  await client.executeAndWait(`CREATE STREAM MIGRATION_EVENTS (
  version_key  STRING KEY, version STRING, name STRING, state STRING, checksum STRING,
  started_on STRING, completed_on STRING, previous STRING, error_reason STRING
) WITH (KAFKA_TOPIC='${ksqlServiceId}ksql_MIGRATION_EVENTS', VALUE_FORMAT='JSON', PARTITIONS=1, REPLICAS= 1);`);
  await client.executeAndWait(`CREATE TABLE MIGRATION_SCHEMA_VERSIONS
  WITH (KAFKA_TOPIC='${ksqlServiceId}ksql_MIGRATION_SCHEMA_VERSIONS') AS SELECT
  version_key, latest_by_offset(version) as version, latest_by_offset(name) AS name,
  latest_by_offset(state) AS state, latest_by_offset(checksum) AS checksum,
  latest_by_offset(started_on) AS started_on, latest_by_offset(completed_on) AS completed_on,
  latest_by_offset(previous) AS previous, latest_by_offset(error_reason) AS error_reason
  FROM MIGRATION_EVENTS GROUP BY version_key;`);
}

/** A row pair as ksql-migrations writes it: CURRENT, then the version. */
export async function confluentWrite(
  client: KsqldbClient,
  fileName: string,
  sql: string,
  state: string,
  previous: string,
  errorReason = 'N/A',
): Promise<void> {
  const { version, name } = parseFileName(fileName)!;
  const done = state === 'MIGRATED' || state === 'ERROR';
  for (const key of ['CURRENT', String(version)]) {
    const values = [
      key,
      String(version),
      name,
      state,
      checksumOf(sql),
      '1795132800000',
      done ? '1795132800500' : '',
      previous,
      errorReason,
    ].map((text) => `'${text.replaceAll("'", "''")}'`);
    await client.execute(
      `INSERT INTO MIGRATION_EVENTS (VERSION_KEY, VERSION, NAME, STATE, CHECKSUM, STARTED_ON, COMPLETED_ON, PREVIOUS, ERROR_REASON) VALUES (${values.join(', ')});`,
    );
  }
}

/** What ksql-migrations would take for the newest migrated version, by its own rules; throws where it would refuse. */
export async function confluentLatest(client: KsqldbClient): Promise<string> {
  const get = async (key: string) => {
    const [row] = await client.pull(
      `SELECT VERSION, CHECKSUM, PREVIOUS, STATE, NAME, STARTED_ON, COMPLETED_ON, ERROR_REASON FROM MIGRATION_SCHEMA_VERSIONS WHERE VERSION_KEY = '${key}';`,
    );
    return row?.map((value) => {
      // Its reader takes no NULL, and times are numbers or empty.
      if (value === null) throw new Error(`a NULL in the row of ${key}`);
      return String(value);
    });
  };
  const state = (row: readonly string[] | undefined, key: string) => {
    if (row === undefined) throw new Error(`no row for ${key}`);
    if (!['PENDING', 'RUNNING', 'MIGRATED', 'ERROR'].includes(row[3]!)) throw new Error(`state ${row[3]}`);
    for (const time of [row[5]!, row[6]!]) {
      if (time !== '' && time !== 'N/A' && !/^\d+$/.test(time)) throw new Error(`time ${time}`);
    }
    return row[3];
  };
  const current = (await get('CURRENT'))?.[0] ?? '<none>';
  if (current === '<none>') return current;
  const row = await get(current);
  if (state(row, current) === 'MIGRATED') return current;
  const previous = row![2]!;
  if (previous === '<none>') return previous;
  if (state(await get(previous), previous) !== 'MIGRATED') throw new Error(`${previous} is not migrated`);
  return previous;
}
