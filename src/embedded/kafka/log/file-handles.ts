import { closeSync, openSync } from 'node:fs';

/**
 * Open files by path, the least recently used closed first, so that a store of thousands of partitions
 * stays within the limit of open files (256 on macOS).
 */
export class FileHandles {
  readonly #open = new Map<string, number>();
  readonly #limit: number;

  constructor(limit = 128) {
    this.#limit = limit;
  }

  /** Opens a file for reading and writing, and creates it if it does not exist. */
  get(path: string): number {
    const known = this.#open.get(path);
    if (known !== undefined) {
      this.#open.delete(path);
      this.#open.set(path, known);
      return known;
    }
    if (this.#open.size >= this.#limit) {
      for (const oldest of this.#open.keys()) {
        this.close(oldest);
        break;
      }
    }
    let handle: number;
    try {
      handle = openSync(path, 'r+');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      handle = openSync(path, 'wx+');
    }
    this.#open.set(path, handle);
    return handle;
  }

  close(path: string): void {
    const handle = this.#open.get(path);
    if (handle === undefined) return;
    this.#open.delete(path);
    closeSync(handle);
  }

  closeAll(): void {
    for (const path of [...this.#open.keys()]) this.close(path);
  }
}
