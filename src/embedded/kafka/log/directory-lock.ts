import { readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { PaystreamError } from '../../../errors/paystream-error.js';

const held = new Set<string>();

/** Locks a data folder against other processes. A lock is reclaimed if its owner is gone (kill -9, power loss). */
export class DirectoryLock {
  readonly #path: string;

  /** Locks a folder. Throws PaystreamError DATA_DIR_IN_USE. */
  static take(dir: string): DirectoryLock {
    const path = resolve(join(dir, 'lock'));
    if (held.has(path)) throw inUse(dir, process.pid);
    for (let attempt = 0; attempt < 3; attempt++) {
      try {
        writeFileSync(path, JSON.stringify(identify(process.pid)), { flag: 'wx' });
        held.add(path);
        return new DirectoryLock(path);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      }
      const owner = readOwner(path);
      if (owner !== undefined && isRunning(owner)) throw inUse(dir, owner.pid);
      unlinkSync(path);
    }
    throw inUse(dir, undefined);
  }

  private constructor(path: string) {
    this.#path = path;
  }

  release(): void {
    held.delete(this.#path);
    unlinkSync(this.#path);
  }
}

interface Owner {
  readonly pid: number;
  /** When the process started, if the system tells. Process ids are reused after a restart. */
  readonly started: string | null;
}

function identify(pid: number): Owner {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return { pid, started: `${boot}/${stat.slice(stat.lastIndexOf(')')).split(' ')[20]}` };
  } catch {
    return { pid, started: null };
  }
}

function readOwner(path: string): Owner | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Owner;
  } catch {
    // A crash truncated the file, so nobody holds the lock.
    return undefined;
  }
}

function isRunning(owner: Owner): boolean {
  if (owner.pid === process.pid) return false;
  try {
    process.kill(owner.pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  return owner.started === null || identify(owner.pid).started === owner.started;
}

function inUse(dir: string, pid: number | undefined): PaystreamError {
  return new PaystreamError(
    'DATA_DIR_IN_USE',
    `The data folder is used by ${pid === undefined ? 'another process' : `process ${pid}`}`,
    {
      where: dir,
      hint: 'Stop that process, or choose another folder with --data-dir.',
    },
  );
}
