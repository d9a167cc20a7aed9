import type { StoreConfig } from '../config/config.js';
import type { Store } from '../store/store.js';
import { storeTls } from './store-tls.js';

/** Opens the store that the configuration names. The embedded PostgreSQL is loaded only for a `pglite:` URL. */
export async function openConfiguredStore(config: StoreConfig): Promise<Store> {
  if (config.url.startsWith('pglite:')) {
    const { openEmbeddedStore } = await import('../embedded/cluster.js');
    return await openEmbeddedStore(config.url);
  }
  const { openStore } = await import('../store/open-store.js');
  return openStore(config.url, storeTls(config));
}
