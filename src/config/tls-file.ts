import { readFileSync } from 'node:fs';
import { PaystreamError } from '../errors/paystream-error.js';

/**
 * Reads a certificate, a key or a PKCS #12 file.
 *
 * @param setting where the path was given, such as `kafka.tls.ca`
 * @throws CONFIG_TLS when the file cannot be read
 */
export function readTlsFile(path: string, setting: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new PaystreamError('CONFIG_TLS', `${setting}: the file cannot be read (${code}).`, {
      where: path,
      hint: `Set ${setting} to a file that this user may read.`,
      cause,
    });
  }
}

/**
 * Reads the certificate files of one section of the configuration.
 *
 * @param paths paths by key, such as `{ ca: '/etc/ssl/ca.pem' }`
 * @param section such as `kafka.tls`
 * @returns PEM text by key
 * @throws CONFIG_TLS when a file cannot be read
 */
export function readPemFiles<K extends string>(
  paths: Readonly<Partial<Record<K, string>>>,
  section: string,
): Partial<Record<K, string>> {
  const texts: Partial<Record<K, string>> = {};
  for (const [key, path] of Object.entries(paths) as [K, string | undefined][]) {
    if (path !== undefined) texts[key] = readTlsFile(path, `${section}.${key}`).toString('utf8');
  }
  return texts;
}
