import type { StoreConfig } from '../config/config.js';
import { readPemFiles } from '../config/tls-file.js';
import type { OpenStoreOptions } from '../store/open-store.js';

/** Reads the store's certificates. Throws CONFIG_TLS. */
export function storeTls({ tls }: StoreConfig): OpenStoreOptions {
  return tls === undefined ? {} : { tls: readPemFiles(tls, 'store.tls') };
}
