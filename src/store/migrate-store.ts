import { PaystreamError } from '../errors/paystream-error.js';
import { type SchemaFile, schemaFiles, supersededVersions } from './schema-files.js';
import type { Store, StoreConnection } from './store.js';
import { classifyStoreFailure, fatalStoreError, sqlState } from './store-failure.js';

/** The advisory lock that guards schema changes. The number is arbitrary. */
const LOCK = 7_290_000_001n;
const UNDEFINED_TABLE = '42P01';

export interface StoreMigration {
  readonly version: number;
  readonly name: string;
}

export interface MigrateStoreResult {
  /** The files that this call applied, in order; empty if the schema was up to date. */
  readonly applied: readonly StoreMigration[];
  /** The schema's version afterwards. */
  readonly version: number;
}

interface AppliedRow {
  readonly version: number;
  readonly checksum: string;
}

/**
 * Finds the files that the store has not applied yet.
 *
 * @throws STORE_SCHEMA_NEWER, STORE_SCHEMA_CHANGED if the store was migrated with other files than these
 */
function pending(
  files: readonly SchemaFile[],
  applied: readonly AppliedRow[],
  where: string,
): readonly SchemaFile[] {
  for (const row of applied) {
    if (supersededVersions.has(row.version)) continue;
    const file = files.find(({ version }) => version === row.version);
    if (file === undefined) {
      throw new PaystreamError(
        'STORE_SCHEMA_NEWER',
        `The store has schema version ${row.version}, which this version of Paystream does not know.`,
        { where, hint: 'Use the version of Paystream that migrated this store, or a later one.' },
      );
    }
    if (file.checksum !== row.checksum && !file.formerChecksums.includes(row.checksum)) {
      throw new PaystreamError(
        'STORE_SCHEMA_CHANGED',
        `Schema file ${row.version} differs from the one that was applied.`,
        { where, hint: 'Restore the file, and put the change into a new one.' },
      );
    }
  }
  return files.filter(({ version }) => !applied.some((row) => row.version === version));
}

async function appliedRows(connection: StoreConnection): Promise<readonly AppliedRow[]> {
  const { rows } = await connection.query<AppliedRow>(
    'SELECT version, checksum FROM store_schema ORDER BY version',
  );
  return rows;
}

/**
 * Reads the schema's version and the files that are not applied yet. Changes nothing.
 *
 * @throws STORE_SCHEMA_NEWER, STORE_SCHEMA_CHANGED
 */
export async function storeSchemaStatus(
  store: Store,
): Promise<{ readonly version: number; readonly pending: readonly StoreMigration[] }> {
  const files = schemaFiles();
  let applied: readonly AppliedRow[] = [];
  try {
    applied = await appliedRows(store);
  } catch (error) {
    if (sqlState(error) !== UNDEFINED_TABLE) throw error;
  }
  const missing = pending(files, applied, store.address);
  return {
    version: applied.at(-1)?.version ?? 0,
    pending: missing.map(({ version, name }) => ({ version, name })),
  };
}

/**
 * Applies the pending schema files in order, in one transaction. A lock lets several processes start at once. If
 * nothing is pending, the store is only read, so that a role without DDL privileges can call this.
 *
 * @throws STORE_SCHEMA_NEWER, STORE_SCHEMA_CHANGED, STORE_PRIVILEGE_MISSING and other fatal store errors
 */
export async function migrateStore(store: Store): Promise<MigrateStoreResult> {
  const files = schemaFiles();
  const latest = files.at(-1)?.version ?? 0;
  try {
    if ((await storeSchemaStatus(store)).pending.length === 0) return { applied: [], version: latest };
    return await store.transaction(async (tx) => {
      await tx.query('SELECT pg_advisory_xact_lock($1)', [LOCK]);
      await tx.script(`CREATE TABLE IF NOT EXISTS store_schema (
        version integer PRIMARY KEY,
        name text NOT NULL,
        checksum text NOT NULL,
        applied_at timestamptz NOT NULL DEFAULT clock_timestamp()
      )`);
      const missing = pending(files, await appliedRows(tx), store.address);
      for (const { version, name, text, checksum } of missing) {
        await tx.script(text);
        await tx.query('INSERT INTO store_schema (version, name, checksum) VALUES ($1, $2, $3)', [
          version,
          name,
          checksum,
        ]);
      }
      return { applied: missing.map(({ version, name }) => ({ version, name })), version: latest };
    });
  } catch (error) {
    if (classifyStoreFailure(error) === 'fatal') throw fatalStoreError(error, store.address);
    throw error;
  }
}
