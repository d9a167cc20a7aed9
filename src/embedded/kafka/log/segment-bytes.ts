import { fsyncSync, ftruncateSync, readSync, statSync, unlinkSync, writeSync } from 'node:fs';
import type { FileHandles } from './file-handles.js';

/** The bytes of a segment: consecutive whole batches. */
export interface SegmentBytes {
  readonly size: number;
  /** With `isOwned`, the buffer may be kept without a copy: nobody changes it later. */
  append(batch: Buffer, isOwned: boolean): void;
  /**
   * At most `maxBytes` from `position`, fewer where that saves a copy, but at least one byte before the end.
   * The result may be a view: it is not changed later.
   */
  read(position: number, maxBytes: number): Buffer;
  truncate(size: number): void;
  sync(): void;
  /** Releases memory that can be read from disk again. */
  close(): void;
  remove(): void;
}

interface Chunk {
  readonly start: number;
  readonly data: Buffer;
  used: number;
}

const smallestChunk = 4096;
/** Owned buffers of at least this size are kept without a copy. Smaller ones would retain a whole request. */
const keptFrom = 32 * 1024;

/** Stores bytes in chunks that never move, so that readers get views. Batches never span two chunks. */
class Chunks {
  readonly #list: Chunk[] = [];
  readonly #largest: number;

  constructor(largest: number) {
    this.#largest = largest;
  }

  /** Returns the number of newly allocated bytes. */
  append(position: number, batch: Buffer, isOwned: boolean): number {
    if (isOwned && batch.length >= keptFrom) {
      this.#list.push({ start: position, data: batch, used: batch.length });
      return batch.length;
    }
    let last = this.#list.at(-1);
    let allocated = 0;
    if (last === undefined || last.data.length - last.used < batch.length) {
      const grown = Math.min(last === undefined ? smallestChunk : last.data.length * 4, this.#largest);
      allocated = Math.max(grown, batch.length);
      last = { start: position, data: Buffer.allocUnsafeSlow(allocated), used: 0 };
      this.#list.push(last);
    }
    last.data.set(batch, last.used);
    last.used += batch.length;
    return allocated;
  }

  read(position: number, maxBytes: number): Buffer | undefined {
    const list = this.#list;
    if (list.length === 0 || position < list[0]!.start) return undefined;
    let low = 0;
    let high = list.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if (list[middle]!.start <= position) low = middle;
      else high = middle - 1;
    }
    const chunk = list[low]!;
    const from = position - chunk.start;
    return chunk.data.subarray(from, Math.min(chunk.used, from + maxBytes));
  }

  /** Drops the oldest chunk and returns its size. */
  shift(): number {
    return this.#list.shift()?.data.length ?? 0;
  }

  truncate(size: number): void {
    while (this.#list.length > 0 && this.#list.at(-1)!.start >= size) this.#list.pop();
    const last = this.#list.at(-1);
    // Readers may still hold views of the truncated bytes, so start a new chunk instead of overwriting them.
    if (last !== undefined && size < last.start + last.used) {
      const kept = Buffer.from(last.data.subarray(0, size - last.start));
      this.#list[this.#list.length - 1] = { start: last.start, data: kept, used: kept.length };
    }
  }

  clear(): number {
    let freed = 0;
    for (const chunk of this.#list) freed += chunk.data.length;
    this.#list.length = 0;
    return freed;
  }
}

export class MemoryBytes implements SegmentBytes {
  size = 0;
  readonly #chunks = new Chunks(1024 * 1024);

  append(batch: Buffer, isOwned: boolean): void {
    this.#chunks.append(this.size, batch, isOwned);
    this.size += batch.length;
  }

  read(position: number, maxBytes: number): Buffer {
    return this.#chunks.read(position, maxBytes) ?? Buffer.alloc(0);
  }

  truncate(size: number): void {
    this.#chunks.truncate(size);
    this.size = size;
  }

  sync(): void {}
  close(): void {}

  remove(): void {
    this.#chunks.clear();
    this.size = 0;
  }
}

/** Limits the memory in which all file-backed segments cache their newest bytes. */
export class TailBudget {
  readonly #queue: FileBytes[] = [];
  readonly #limit: number;
  #head = 0;
  #used = 0;

  constructor(limitBytes: number) {
    this.#limit = limitBytes;
  }

  grew(owner: FileBytes, bytes: number): void {
    this.#queue.push(owner);
    this.#used += bytes;
    while (this.#used > this.#limit && this.#head < this.#queue.length - 1) {
      this.#used -= this.#queue[this.#head++]!.dropOldestChunk();
    }
    if (this.#head > 1024) {
      this.#queue.splice(0, this.#head);
      this.#head = 0;
    }
  }

  shrank(bytes: number): void {
    this.#used -= bytes;
  }
}

/** A segment in a file. Writes go straight to the page cache. The newest bytes are also cached for readers. */
export class FileBytes implements SegmentBytes {
  readonly path: string;
  size: number;
  readonly #handles: FileHandles;
  readonly #budget: TailBudget;
  readonly #tail = new Chunks(256 * 1024);

  constructor(path: string, handles: FileHandles, budget: TailBudget) {
    this.path = path;
    this.#handles = handles;
    this.#budget = budget;
    this.size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  }

  append(batch: Buffer, isOwned: boolean): void {
    writeFully(this.#handles.get(this.path), batch, this.size);
    const allocated = this.#tail.append(this.size, batch, isOwned);
    this.size += batch.length;
    if (allocated > 0) this.#budget.grew(this, allocated);
  }

  read(position: number, maxBytes: number): Buffer {
    const cached = this.#tail.read(position, maxBytes);
    if (cached !== undefined) return cached;
    const length = Math.min(maxBytes, this.size - position);
    if (length <= 0) return Buffer.alloc(0);
    const data = Buffer.allocUnsafeSlow(length);
    const count = readSync(this.#handles.get(this.path), data, 0, length, position);
    return count === length ? data : data.subarray(0, count);
  }

  dropOldestChunk(): number {
    return this.#tail.shift();
  }

  truncate(size: number): void {
    this.#budget.shrank(this.#tail.clear());
    ftruncateSync(this.#handles.get(this.path), size);
    this.size = size;
  }

  sync(): void {
    fsyncSync(this.#handles.get(this.path));
  }

  close(): void {
    this.#budget.shrank(this.#tail.clear());
    this.#handles.close(this.path);
  }

  remove(): void {
    this.close();
    try {
      unlinkSync(this.path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
    this.size = 0;
  }
}

/** Writes all of `data` at `position`, in several writes if the system accepts only a part. */
export function writeFully(handle: number, data: Uint8Array, position: number): void {
  let written = 0;
  while (written < data.length) {
    written += writeSync(handle, data, written, data.length - written, position + written);
  }
}
