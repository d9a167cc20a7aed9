/**
 * Cuts a stream of bytes into frames, each with its length in front. Bytes are kept as they come until a
 * frame is whole: a length alone, however large, costs no memory.
 */
export class FrameReader {
  readonly #chunks: Buffer[] = [];
  #buffered = 0;
  #needed = -1;

  /** Bytes that wait for the rest of their frame. */
  get buffered(): number {
    return this.#buffered;
  }

  /** A frame was begun and is not whole. */
  get isPartial(): boolean {
    return this.#buffered > 0 || this.#needed >= 0;
  }

  push(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#buffered += chunk.length;
  }

  /** The next whole frame, or undefined. `checkSize` sees each length first, and throws to refuse it. */
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
