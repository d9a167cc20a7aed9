import type { Socket } from 'node:net';
import type { Api, BrokerServices, ClientConnection, Reply } from '../protocol/api.js';
import { apiVersions, writeUnsupportedApiVersions } from '../protocol/apis/api-versions.js';
import type { SaslSession } from '../protocol/sasl-session.js';
import { MalformedRequest, Reader } from '../records/reader.js';
import { Writer } from '../records/writer.js';
import { FrameReader } from './frame-reader.js';
import type { BrokerLimits } from './limits.js';

/** Counts the memory that all connections of a broker use for unfinished requests. */
export interface SharedBudget {
  bufferedBytes: number;
}

export interface ConnectionOptions {
  readonly socket: Socket;
  readonly peer: string;
  readonly peerHost: string;
  readonly advertised: { readonly host: string; readonly port: number };
  readonly sasl: SaslSession | undefined;
  readonly broker: BrokerServices;
  readonly limits: BrokerLimits;
  readonly budget: SharedBudget;
}

const mostQueuedRequests = 100;
/** After this many milliseconds of one client's requests, other clients get a turn. */
const longestTurn = 5;
const writeBacklog = 1024 * 1024;

/**
 * A client connection. Requests are handled in order, one at a time, as in Kafka: while one waits (a long poll, a
 * rebalance), the next ones wait as well. A violation of the protocol or of a limit closes only this connection.
 */
export class Connection implements ClientConnection {
  readonly peer: string;
  readonly peerHost: string;
  readonly advertised: { readonly host: string; readonly port: number };
  readonly sasl: SaslSession | undefined;
  readonly #socket: Socket;
  readonly #broker: BrokerServices;
  readonly #limits: BrokerLimits;
  readonly #budget: SharedBudget;
  readonly #frames = new FrameReader();
  readonly #queue: Buffer[] = [];
  readonly #closeListeners = new Set<() => void>();
  #counted = 0;
  #isBusy = false;
  #isYielding = false;
  #isClosed = false;
  #requestTimer: NodeJS.Timeout | undefined;
  #slowTimer: NodeJS.Timeout | undefined;

  constructor(options: ConnectionOptions) {
    this.peer = options.peer;
    this.peerHost = options.peerHost;
    this.advertised = options.advertised;
    this.sasl = options.sasl;
    this.#socket = options.socket;
    this.#broker = options.broker;
    this.#limits = options.limits;
    this.#budget = options.budget;
    const socket = this.#socket;
    socket.setNoDelay(true);
    socket.setKeepAlive(true, 60_000);
    socket.setTimeout(this.#limits.idleTimeoutMs, () => {
      if (!this.#isBusy) this.#abort(undefined);
    });
    socket.on('data', (chunk: Buffer) => this.#receive(chunk));
    socket.on('drain', () => this.#drained());
    // A reset by the client is not an error. The 'close' event follows.
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.#closed());
  }

  onClose(listener: () => void): () => void {
    this.#closeListeners.add(listener);
    return () => this.#closeListeners.delete(listener);
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #receive(chunk: Buffer): void {
    if (this.#isClosed) return;
    this.#frames.push(chunk);
    try {
      for (;;) {
        const frame = this.#frames.next((size) => this.#checkSize(size));
        if (frame === undefined) break;
        this.#queue.push(frame);
      }
    } catch (error) {
      this.#abort(describe(error));
      return;
    }
    this.#watchPartialRequest();
    this.#count();
    if (this.#budget.bufferedBytes > this.#limits.maxBufferedBytes) {
      this.#abort(
        `all clients together have over ${this.#limits.maxBufferedBytes} bytes of unfinished requests`,
      );
      return;
    }
    if (this.#queue.length > mostQueuedRequests) this.#socket.pause();
    this.#pump();
  }

  #checkSize(size: number): void {
    const { maxRequestBytes, maxRequestBytesBeforeLogin } = this.#limits;
    const limit =
      this.sasl === undefined || this.sasl.user !== undefined ? maxRequestBytes : maxRequestBytesBeforeLogin;
    if (size >= 0 && size <= limit) return;
    throw new MalformedRequest(
      `a request of ${size} bytes was announced, the limit is ${limit} (is the client speaking Kafka, with the same TLS setting?)`,
    );
  }

  #watchPartialRequest(): void {
    if (!this.#frames.isPartial) {
      clearTimeout(this.#requestTimer);
      this.#requestTimer = undefined;
      return;
    }
    if (this.#requestTimer !== undefined && this.#queue.length === 0) return;
    clearTimeout(this.#requestTimer);
    const { requestTimeoutMs } = this.#limits;
    this.#requestTimer = setTimeout(() => {
      // While the socket is paused, the rest of the request cannot arrive.
      if (this.#socket.isPaused()) this.#requestTimer?.refresh();
      else this.#abort(`a request was incomplete after ${requestTimeoutMs} ms`);
    }, requestTimeoutMs);
    this.#requestTimer.unref();
  }

  /** Updates this connection's share of the common budget. */
  #count(): void {
    let bytes = this.#frames.buffered;
    for (const frame of this.#queue) bytes += frame.length;
    this.#budget.bufferedBytes += bytes - this.#counted;
    this.#counted = bytes;
  }

  #pump(): void {
    const since = performance.now();
    while (!this.#isBusy && !this.#isYielding && !this.#isClosed && this.#queue.length > 0) {
      if (performance.now() - since > longestTurn) {
        this.#isYielding = true;
        setImmediate(() => {
          this.#isYielding = false;
          this.#pump();
        });
        break;
      }
      if (this.#socket.writableLength > writeBacklog) {
        this.#watchSlowClient();
        break;
      }
      this.#handle(this.#queue.shift()!);
    }
    this.#count();
    if (this.#queue.length <= mostQueuedRequests && this.#socket.isPaused() && !this.#isClosed) {
      this.#socket.resume();
    }
  }

  #handle(frame: Buffer): void {
    if (this.sasl?.expectsRawBytes === true) {
      this.#handleRawLogin(this.sasl, frame);
      return;
    }
    let name = 'a request';
    try {
      const header = new Reader(frame, 0, false);
      const key = header.int16();
      const version = header.int16();
      const correlationId = header.int32();
      const clientId = header.nullableString();
      const api = this.#broker.apis.get(key);
      if (api === undefined) throw new MalformedRequest(`the API key ${key} is not served`);
      name = `${api.name} ${version}`;
      if (this.sasl !== undefined && this.sasl.user === undefined && api.isBeforeLogin !== true) {
        throw new MalformedRequest('the client has not logged in');
      }
      const [first, last] = api.versions;
      if (version < first || version > last) {
        if (api !== apiVersions) throw new MalformedRequest(`version ${version} is not served`);
        this.#send(api, 0, correlationId, (writer) => writeUnsupportedApiVersions(writer, this.#broker.apis));
        return;
      }
      const reader = new Reader(frame, header.position, version >= api.flexibleFrom);
      reader.tags();
      const request = { version, clientId, reader, connection: this, broker: this.#broker };
      const reply = api.handle(request);
      if (reply instanceof Promise) {
        this.#await(reply, api, version, correlationId);
      } else {
        this.#send(api, version, correlationId, reply);
      }
      if (this.sasl?.isFailed === true) this.#socket.end();
    } catch (error) {
      this.#abort(`${name}: ${describe(error)}`);
    }
  }

  #await(reply: Promise<Reply>, api: Api, version: number, correlationId: number): void {
    this.#isBusy = true;
    reply.then(
      (body) => {
        this.#isBusy = false;
        if (this.#isClosed) return;
        try {
          this.#send(api, version, correlationId, body);
        } catch (error) {
          this.#abort(`${api.name} ${version}: ${describe(error)}`);
          return;
        }
        this.#pump();
      },
      (error) => this.#abort(`${api.name} ${version}: ${describe(error)}`),
    );
  }

  #handleRawLogin(sasl: SaslSession, frame: Buffer): void {
    const { code, answer } = sasl.authenticate(frame);
    if (code !== 0) {
      this.#abort(undefined);
      return;
    }
    const size = Buffer.alloc(4);
    size.writeInt32BE(answer.length);
    this.#socket.write(Buffer.concat([size, answer]));
  }

  #send(api: Api, version: number, correlationId: number, reply: Reply): void {
    if (reply === null) return;
    const isFlexible = version >= api.flexibleFrom;
    const writer = new Writer(isFlexible).int32(0).int32(correlationId);
    if (isFlexible && api !== apiVersions) writer.tags();
    reply(writer);
    const parts = writer.finish();
    parts[0]!.writeInt32BE(writer.length - 4, 0);
    if (parts.length === 1) {
      this.#socket.write(parts[0]!);
      return;
    }
    this.#socket.cork();
    for (const part of parts) this.#socket.write(part);
    this.#socket.uncork();
  }

  #watchSlowClient(): void {
    if (this.#slowTimer !== undefined) return;
    let left = this.#socket.writableLength;
    this.#slowTimer = setInterval(() => {
      if (this.#socket.writableLength < left) left = this.#socket.writableLength;
      else this.#abort(`it has read no response for ${this.#limits.slowClientTimeoutMs} ms`);
    }, this.#limits.slowClientTimeoutMs);
    this.#slowTimer.unref();
  }

  #drained(): void {
    clearInterval(this.#slowTimer);
    this.#slowTimer = undefined;
    this.#pump();
  }

  /** Closes the connection. A reason is logged; without one, the close is routine. */
  #abort(reason: string | undefined): void {
    if (this.#isClosed) return;
    if (reason !== undefined) this.#broker.log('warn', `Closed the connection of ${this.peer}: ${reason}`);
    this.#socket.destroy();
    this.#closed();
  }

  #closed(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearTimeout(this.#requestTimer);
    clearInterval(this.#slowTimer);
    this.#queue.length = 0;
    this.#budget.bufferedBytes -= this.#counted;
    this.#counted = 0;
    for (const listener of [...this.#closeListeners]) listener();
    this.#closeListeners.clear();
  }
}

function describe(error: unknown): string {
  if (error instanceof MalformedRequest) return error.message;
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
