import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { PaystreamError } from '../errors/paystream-error.js';

const LOCK_FILE = 'paystream.lock';
const TEMPORARY_PREFIX = 'paystream-store-';
const TAR_BLOCK = 512;
const TAR_FILE = 0x30;
const TAR_FOLDER = 0x35;

/**
 * Writes a fresh database cluster into `folder`: the archive that initdb made when PGlite was built.
 *
 * PGlite can load it itself, but through the WASM file system in memory: 300 MB of the process, against 180 MB.
 */
async function unpackCluster(folder: string): Promise<void> {
  const { dataDir } = await import('@electric-sql/pglite-prepopulatedfs');
  const archive = Buffer.from(await (await dataDir()).arrayBuffer());
  const tar = await promisify(gunzip)(archive);
  for (let at = 0; at + TAR_BLOCK <= tar.length && tar[at] !== 0; ) {
    const text = (from: number, length: number) => {
      const end = tar.indexOf(0, at + from);
      return tar.toString('utf8', at + from, Math.min(end < 0 ? Infinity : end, at + from + length));
    };
    const prefix = text(345, 155);
    const name = prefix === '' ? text(0, 100) : `${prefix}/${text(0, 100)}`;
    const size = Number.parseInt(text(124, 12).trim() || '0', 8);
    const type = tar[at + 156];
    const path = join(folder, name);
    at += TAR_BLOCK;
    if (type === TAR_FOLDER) mkdirSync(path, { recursive: true });
    else if (type === TAR_FILE || type === 0) {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, tar.subarray(at, at + size));
    }
    at += Math.ceil(size / TAR_BLOCK) * TAR_BLOCK;
  }
  // PostgreSQL wants these; the archive leaves out folders that were empty.
  for (const empty of [
    'pg_commit_ts',
    'pg_dynshmem',
    'pg_notify',
    'pg_replslot',
    'pg_serial',
    'pg_snapshots',
  ]) {
    mkdirSync(join(folder, empty), { recursive: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Two processes on one folder would destroy it: the first one's process id stands in a lock file. */
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
      // Left behind by a process that was killed.
      rmSync(file, { force: true });
    }
  }
  throw new PaystreamError('STORE_FOLDER_IN_USE', 'Another process has the store folder open.', {
    where: folder,
    hint: `Stop that process, choose another folder, or remove ${file} if no such process runs.`,
  });
}

/** Folders of processes that were killed before they could tidy up. */
function removeAbandoned(): void {
  for (const name of readdirSync(tmpdir())) {
    if (!name.startsWith(TEMPORARY_PREFIX)) continue;
    const pid = Number(name.slice(TEMPORARY_PREFIX.length).split('-')[0]);
    if (Number.isInteger(pid) && pid > 0 && !isAlive(pid)) {
      rmSync(join(tmpdir(), name), { recursive: true, force: true });
    }
  }
}

export interface PgliteFolder {
  readonly path: string;
  /** Gives the folder free, and removes it if it was temporary. */
  release(): void;
}

/**
 * Makes a folder ready for PGlite and takes it for this process.
 *
 * @param dataDir the folder, made if missing; `null` for a temporary one that goes with the store
 */
export async function preparePgliteFolder(dataDir: string | null): Promise<PgliteFolder> {
  if (dataDir === null) {
    removeAbandoned();
    const path = mkdtempSync(join(tmpdir(), `${TEMPORARY_PREFIX}${process.pid}-`));
    await unpackCluster(path);
    return { path, release: () => rmSync(path, { recursive: true, force: true }) };
  }
  const path = resolve(dataDir);
  mkdirSync(path, { recursive: true });
  const unlock = lock(path);
  try {
    // The marker is written last: a folder without it was interrupted while it was being unpacked.
    const marker = join(path, 'paystream.ready');
    if (!existsSync(marker)) {
      if (existsSync(join(path, 'PG_VERSION')) && !existsSync(join(path, 'global', 'pg_control'))) {
        throw new PaystreamError('STORE_FOLDER_FOREIGN', 'The store folder is not one of Paystream.', {
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
