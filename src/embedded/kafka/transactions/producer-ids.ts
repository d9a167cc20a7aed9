import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const blockSize = 1000;
const fileName = 'producer-ids.json';

/** Assigns producer ids that are never reused, even after a restart. Ids are reserved on disk in blocks. */
export class ProducerIds {
  readonly #path: string | null;
  #next: number;
  #reserved: number;

  constructor(dataDir: string | null) {
    this.#path = dataDir === null ? null : join(dataDir, fileName);
    this.#next = this.#path === null ? 0 : load(this.#path);
    this.#reserved = this.#next;
  }

  next(): number {
    if (this.#path !== null && this.#next === this.#reserved) {
      this.#reserved += blockSize;
      writeFileSync(`${this.#path}.new`, JSON.stringify({ reserved: this.#reserved }), { flush: true });
      renameSync(`${this.#path}.new`, this.#path);
    }
    return this.#next++;
  }
}

function load(path: string): number {
  try {
    return (JSON.parse(readFileSync(path, 'utf8')) as { reserved: number }).reserved;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0;
    throw error;
  }
}
