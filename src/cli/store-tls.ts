import { readFileSync } from 'node:fs';
import type { StoreConfig } from '../config/config.js';
import { PaystreamError } from '../errors/paystream-error.js';
import type { OpenStoreOptions } from '../store/open-store.js';

/** The store's certificates, read from their files. Throws CONFIG_TLS. */
export function storeTls({ tls }: StoreConfig): OpenStoreOptions {
  if (tls === undefined) return {};
  const texts = Object.entries(tls).map(([key, path]) => {
    try {
      return [key, readFileSync(path, 'utf8')] as const;
    } catch (cause) {
      throw new PaystreamError(
        'CONFIG_TLS',
        `store.tls.${key}: the file cannot be read (${(cause as NodeJS.ErrnoException).code}).`,
        { where: path, hint: 'Check store.tls in paystream.yaml.', cause },
      );
    }
  });
  return { tls: Object.fromEntries(texts) };
}
