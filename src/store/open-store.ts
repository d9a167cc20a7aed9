import { PaystreamError } from '../errors/paystream-error.js';
import { openPostgresStore, type PostgresStoreOptions } from './postgres-store.js';
import type { Store } from './store.js';

export type OpenStoreOptions = PostgresStoreOptions;

function parse(url: string): URL {
  try {
    return new URL(url);
  } catch (cause) {
    // The text itself is not repeated: it may hold a password.
    throw new PaystreamError('STORE_URL_INVALID', 'The database URL cannot be read.', {
      hint: 'Use postgres://user:password@host:port/database, pglite:<folder> or pglite:memory.',
      cause,
    });
  }
}

/**
 * Opens the customer store. Nothing is sent to a PostgreSQL server before the first query.
 *
 * @param url `postgres://user:password@host:port/database` (PostgreSQL 14 or later), `pglite:<folder>`, or
 * `pglite:memory` for a store that lives only as long as it is open
 */
export async function openStore(url: string, options: OpenStoreOptions = {}): Promise<Store> {
  const parsed = parse(url);
  if (parsed.protocol === 'postgres:' || parsed.protocol === 'postgresql:') {
    return openPostgresStore(
      {
        kind: 'postgres',
        address: `${parsed.hostname}:${parsed.port || '5432'}${parsed.pathname}`,
        config: { connectionString: url },
      },
      options,
    );
  }
  if (parsed.protocol === 'pglite:') {
    const folder = decodeURIComponent(url.slice('pglite:'.length)).replace(/^\/\/(?=\/)/, '');
    // Loaded only here: PGlite is 10 MB of WebAssembly.
    const { openPgliteStore } = await import('./embedded-store.js');
    return openPgliteStore(folder === 'memory' || folder === '//memory' || folder === '' ? null : folder);
  }
  throw new PaystreamError('STORE_URL_INVALID', `No store is known for ${parsed.protocol}//.`, {
    hint: 'Use postgres://user:password@host:port/database, pglite:<folder> or pglite:memory.',
  });
}
