import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { PaystreamError } from '../../errors/paystream-error.js';
import { unpackCluster } from './unpack-cluster.js';

const LOCK_FILE = 'paystream.lock';
const TEMPORARY_PREFIX = 'paystream-pglite-';

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Keeps a second process out of the folder, which two would destroy. The lock file holds the owner's process id. */
function lock(folder: string): () => void {
  const file = join(folder, LOCK_FILE);
  for (let attempt = 0; attempt < 2; attempt++) {
    try {
      writeFileSync(file, String(process.pid), { flag: 'wx' });
      return () => rmSync(file, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      const owner = Number(readFileSync(file, 'utf8'));
      if (owner !== process.pid && owner > 0 && isAlive(owner)) break;
      // The owner was killed and left the file behind.
      rmSync(file, { force: true });
    }
  }
  throw new PaystreamError('STORE_FOLDER_IN_USE', 'Another process has the store folder open.', {
    where: folder,
    hint: `Stop that process, choose another folder, or remove ${file} if no such process is running.`,
  });
}

/** Names this process's PID namespace. Containers may share a temporary folder but not process ids. */
function processSpace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid').replaceAll(/\D/g, '');
  } catch {
    return '0';
  }
}

/** Removes the temporary folders of processes that were killed before they could clean up. */
function removeAbandoned(prefix: string): void {
  for (const name of readdirSync(tmpdir())) {
    if (!name.startsWith(prefix)) continue;
    const pid = Number(name.slice(prefix.length).split('-')[0]);
    if (Number.isInteger(pid) && pid > 0 && !isAlive(pid)) {
      rmSync(join(tmpdir(), name), { recursive: true, force: true });
    }
  }
}

export interface PgliteFolder {
  readonly path: string;
  /** Unlocks the folder, and removes it if it is temporary. */
  release(): void;
}

/**
 * Prepares a folder for PGlite and locks it for this process.
 *
 * @param dataDir the folder, created if missing; `null` for a temporary one that is removed on release
 * @throws STORE_FOLDER_IN_USE, STORE_FOLDER_FOREIGN
 */
export async function preparePgliteFolder(dataDir: string | null): Promise<PgliteFolder> {
  if (dataDir === null) {
    const prefix = `${TEMPORARY_PREFIX}${processSpace()}-`;
    removeAbandoned(prefix);
    const path = mkdtempSync(join(tmpdir(), `${prefix}${process.pid}-`));
    await unpackCluster(path);
    return { path, release: () => rmSync(path, { recursive: true, force: true }) };
  }
  const path = resolve(dataDir);
  mkdirSync(path, { recursive: true });
  const unlock = lock(path);
  try {
    // The marker is written last, so a folder without it was only partly unpacked.
    const marker = join(path, 'paystream.ready');
    if (!existsSync(marker)) {
      if (existsSync(join(path, 'PG_VERSION')) && !existsSync(join(path, 'global', 'pg_control'))) {
        throw new PaystreamError('STORE_FOLDER_FOREIGN', 'Paystream did not create this store folder.', {
          where: path,
          hint: 'Choose an empty folder for the store.',
        });
      }
      await unpackCluster(path);
      writeFileSync(marker, '');
    }
  } catch (error) {
    unlock();
    throw error;
  }
  return { path, release: unlock };
}
