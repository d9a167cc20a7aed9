import { PaystreamError } from '../errors/paystream-error.js';
import { openPostgresStore, type PostgresStoreOptions } from './postgres-store.js';
import type { Store } from './store.js';

export type OpenStoreOptions = PostgresStoreOptions;

const HINT = 'Use postgres://user:password@host:port/database, pglite:<folder> or pglite:memory.';

function parse(url: string): URL {
  try {
    return new URL(url);
  } catch (cause) {
    // Leave the URL out of the message: it may hold a password.
    throw new PaystreamError('STORE_URL_INVALID', 'The database URL cannot be parsed.', {
      hint: HINT,
      cause,
    });
  }
}

/**
 * Opens the customer store on a PostgreSQL server (14 or later). Connects on the first query, not before.
 *
 * @param url `postgres://user:password@host:port/database`
 * @throws STORE_URL_INVALID
 * @example
 * const store = await openStore('postgres://sink:secret@db.internal:5432/payments');
 * await migrateStore(store);
 * await store.close();
 */
export async function openStore(url: string, options: OpenStoreOptions = {}): Promise<Store> {
  const parsed = parse(url);
  if (parsed.protocol !== 'postgres:' && parsed.protocol !== 'postgresql:') {
    throw new PaystreamError('STORE_URL_INVALID', `The store cannot be opened over ${parsed.protocol}`, {
      hint: HINT,
    });
  }
  return openPostgresStore(
    {
      kind: 'postgres',
      address: `${parsed.hostname}:${parsed.port || '5432'}${parsed.pathname}`,
      config: { connectionString: url },
    },
    options,
  );
}
