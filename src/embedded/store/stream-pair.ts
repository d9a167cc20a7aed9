import { Duplex } from 'node:stream';

/** One end of an in-process connection, with the socket methods that the pg driver calls. */
class Endpoint extends Duplex {
  peer!: Endpoint;

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.peer.push(chunk);
    done();
  }

  override _final(done: (error?: Error | null) => void): void {
    this.peer.push(null);
    done();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    // The peer sees the end of the stream, as it would on a socket.
    if (!this.peer.destroyed && !this.peer.readableEnded) this.peer.push(null);
    done(error);
  }

  connect(): this {
    queueMicrotask(() => this.emit('connect'));
    return this;
  }

  setNoDelay(): this {
    return this;
  }

  setKeepAlive(): this {
    return this;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }
}

/** Creates two connected streams: data written to one is read from the other. */
export function createStreamPair(): readonly [Duplex, Duplex] {
  const [left, right] = [new Endpoint(), new Endpoint()];
  left.peer = right;
  right.peer = left;
  return [left, right];
}
