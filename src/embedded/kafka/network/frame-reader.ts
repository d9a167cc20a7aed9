/**
 * Splits a stream of bytes into length-prefixed frames. It buffers only the bytes that have arrived, so announcing a
 * large frame costs no memory.
 */
export class FrameReader {
  readonly #chunks: Buffer[] = [];
  #buffered = 0;
  #needed = -1;

  /** The number of buffered bytes. */
  get buffered(): number {
    return this.#buffered;
  }

  /** Whether a frame has started and is not complete. */
  get isPartial(): boolean {
    return this.#buffered > 0 || this.#needed >= 0;
  }

  push(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#buffered += chunk.length;
  }

  /** Returns the next complete frame, if any. `checkSize` is called with each length first, and throws to reject it. */
  next(checkSize: (bytes: number) => void): Buffer | undefined {
    if (this.#needed < 0) {
      if (this.#buffered < 4) return undefined;
      this.#needed = this.#take(4).readInt32BE(0);
      checkSize(this.#needed);
    }
    if (this.#buffered < this.#needed) return undefined;
    const frame = this.#take(this.#needed);
    this.#needed = -1;
    return frame;
  }

  #take(length: number): Buffer {
    this.#buffered -= length;
    const first = this.#chunks[0];
    if (first === undefined || length === 0) return Buffer.alloc(0);
    if (first.length >= length) {
      if (first.length === length) this.#chunks.shift();
      else this.#chunks[0] = first.subarray(length);
      return first.subarray(0, length);
    }
    const taken = Buffer.allocUnsafe(length);
    let at = 0;
    let used = 0;
    while (at < length) {
      const chunk = this.#chunks[used]!;
      const wanted = Math.min(chunk.length, length - at);
      taken.set(wanted === chunk.length ? chunk : chunk.subarray(0, wanted), at);
      at += wanted;
      if (wanted === chunk.length) used++;
      else this.#chunks[used] = chunk.subarray(wanted);
    }
    this.#chunks.splice(0, used);
    return taken;
  }
}
