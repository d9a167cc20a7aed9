import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { PaystreamError } from '../../errors/paystream-error.js';

const LOCK_FILE = 'paystream.lock';
const TEMPORARY_PREFIX = 'paystream-pglite-';
const TAR_BLOCK = 512;
const SLICE = 65_536;
const TAR_FOLDER = 0x35;

/** The fields of a tar header (POSIX ustar) that the archive uses; the two zero blocks at its end are no files. */
function readTarHead(block: Buffer): { name: string; size: number; type: 'file' | 'folder' | 'other' } {
  const text = (from: number, length: number) => {
    const field = block.subarray(from, from + length);
    const end = field.indexOf(0);
    return field.toString('utf8', 0, end < 0 ? length : end);
  };
  const prefix = text(345, 155);
  const type = block[0] === 0 ? 'other' : block[156] === TAR_FOLDER ? 'folder' : 'file';
  return {
    name: prefix === '' ? text(0, 100) : `${prefix}/${text(0, 100)}`,
    size: Number.parseInt(text(124, 12).trim() || '0', 8),
    type,
  };
}

function* slices(bytes: Buffer): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += SLICE) yield bytes.subarray(at, at + SLICE);
}

/**
 * Writes a fresh database cluster into `folder`: the archive that initdb made when PGlite was built.
 *
 * PGlite can load it itself, but through the WASM file system in memory: 300 MB of the process, against 180 MB.
 */
async function unpackCluster(folder: string): Promise<void> {
  const { dataDir } = await import('@electric-sql/pglite-prepopulatedfs');
  const packed = Buffer.from(await (await dataDir()).arrayBuffer());
  // Unpacked piece by piece: at once it would be 40 MB that the process keeps.
  let pending: Buffer = Buffer.alloc(0);
  let file: { readonly fd: number; left: number; padding: number } | undefined;
  for await (const piece of Readable.from(slices(packed)).pipe(createGunzip()) as AsyncIterable<Buffer>) {
    pending = pending.length === 0 ? piece : Buffer.concat([pending, piece]);
    for (;;) {
      if (file !== undefined) {
        const part = pending.subarray(0, file.left);
        if (part.length > 0) writeSync(file.fd, part);
        file.left -= part.length;
        pending = pending.subarray(part.length);
        if (file.left > 0 || pending.length < file.padding) break;
        pending = pending.subarray(file.padding);
        closeSync(file.fd);
        file = undefined;
      }
      if (pending.length < TAR_BLOCK) break;
      const head = readTarHead(pending);
      pending = pending.subarray(TAR_BLOCK);
      const path = join(folder, head.name);
      if (head.type === 'folder') mkdirSync(path, { recursive: true });
      else if (head.type === 'file') {
        mkdirSync(dirname(path), { recursive: true });
        const padding = (TAR_BLOCK - (head.size % TAR_BLOCK)) % TAR_BLOCK;
        file = { fd: openSync(path, 'w'), left: head.size, padding };
      }
    }
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

/** Containers may share a temporary folder and not their process numbers: names the set that this process sees. */
function processSpace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid').replaceAll(/\D/g, '');
  } catch {
    return '0';
  }
}

/** Folders of processes that were killed before they could tidy up. */
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
