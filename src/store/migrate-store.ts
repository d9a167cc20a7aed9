import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PaystreamError } from '../errors/paystream-error.js';
import type { Store, StoreConnection } from './store.js';
import { classifyStoreFailure, fatalStoreError, sqlState } from './store-failure.js';

const folder = join(import.meta.dirname, 'schema');
/** Any fixed number: who holds this advisory lock may change the schema. */
const LOCK = 7_290_000_001n;
const UNDEFINED_TABLE = '42P01';

interface SchemaFile {
  readonly version: number;
  readonly name: string;
  readonly text: string;
  readonly checksum: string;
}

export interface StoreMigration {
  readonly version: number;
  readonly name: string;
}

export interface MigrateStoreResult {
  /** What this call applied, in order; empty if the schema was complete. */
  readonly applied: readonly StoreMigration[];
  /** The schema's version afterwards. */
  readonly version: number;
}

function schemaFiles(): readonly SchemaFile[] {
  const files: SchemaFile[] = [];
  for (const file of readdirSync(folder).sort()) {
    const version = Number(file.slice(0, 3));
    if (!file.endsWith('.sql') || !Number.isInteger(version)) continue;
    const text = readFileSync(join(folder, file), 'utf8').replaceAll('\r\n', '\n');
    const checksum = createHash('sha256').update(text).digest('hex');
    files.push({ version, name: file.slice(4, -4), text, checksum });
  }
  return files;
}

interface AppliedRow {
  readonly version: number;
  readonly checksum: string;
}

/** The files that are still to be applied. Refuses a schema that was made by other files than these. */
function pending(files: readonly SchemaFile[], applied: readonly AppliedRow[], where: string) {
  for (const row of applied) {
    const file = files.find(({ version }) => version === row.version);
    if (file === undefined) {
      throw new PaystreamError(
        'STORE_SCHEMA_NEWER',
        `The store has schema version ${row.version}, unknown here.`,
        {
          where,
          hint: 'Use the version of Paystream that migrated this store, or a later one.',
        },
      );
    }
    if (file.checksum !== row.checksum) {
      throw new PaystreamError(
        'STORE_SCHEMA_CHANGED',
        `Schema file ${row.version} differs from the one applied.`,
        {
          where,
          hint: 'Applied schema files must not change: restore the file, and put the change into a new one.',
        },
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

/** The schema's state without changing anything: what is applied and what is still missing. */
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
 * Brings the store's schema up to date: each numbered file once, all of them in one transaction, under a lock, so
 * that several processes may start at once. A complete schema is only read, which needs no privilege to change it.
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

/**
 * Gives a role exactly what the sink needs: read and write its tables, nothing else. Makes the role (without
 * login: grant it to a user, or give it a password) if the server has none of this name.
 */
export async function grantSinkRole(store: Store, role: string): Promise<void> {
  await store.transaction(async (tx) => {
    const { rows } = await tx.query<{
      name: string;
      exists: boolean;
      schema: string;
      superuser: boolean;
    }>(
      `SELECT quote_ident($1) AS name, EXISTS (SELECT FROM pg_roles WHERE rolname = $1) AS exists,
        quote_ident(current_schema()) AS schema, current_setting('is_superuser')::boolean AS superuser`,
      [role],
    );
    const { name, exists, schema, superuser } = rows[0]!;
    if (!exists) await tx.script(`CREATE ROLE ${name} NOLOGIN`);
    await tx.script(`
      GRANT USAGE ON SCHEMA ${schema} TO ${name};
      GRANT SELECT, INSERT, UPDATE, DELETE ON customer_payment TO ${name};
      GRANT SELECT, INSERT, UPDATE ON sink_offset TO ${name};
      GRANT SELECT, INSERT ON sink_dead_letter TO ${name};
      GRANT SELECT ON customer_last_five, store_schema TO ${name};
      GRANT EXECUTE ON FUNCTION paystream_refuse(text),
        paystream_read_payments(bigint[], bigint[], bigint[], bigint[], text) TO ${name};`);
    // Where a server logs its statements it logs their parameters too: for the sink these are customers' payments.
    // Only a superuser may say so.
    if (superuser) await tx.script(`ALTER ROLE ${name} SET log_parameter_max_length = 0`);
  });
}
