/** One request and its response, with one interface for HTTP/1.1 and HTTP/2. */

import { errorCodes, genericError, type RestError } from '../rest-error.js';
import { jsonType } from './accept.js';
import type { AnyRequest, AnyResponse } from './listener.js';

export class Exchange {
  readonly method: string;
  /** The path as the client sent it, without the query string. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly accept: string | undefined;
  readonly isHttp2: boolean;
  readonly request: AnyRequest;
  readonly #response: AnyResponse;
  #isClosed = false;
  /** True while the socket's buffer is full. */
  #isFull = false;
  readonly #onClose: (() => void)[] = [];

  constructor(request: AnyRequest, response: AnyResponse) {
    const url = request.url ?? '/';
    const mark = url.indexOf('?');
    this.request = request;
    this.#response = response;
    this.method = request.method ?? 'GET';
    this.path = mark < 0 ? url : url.slice(0, mark);
    this.query = new URLSearchParams(mark < 0 ? '' : url.slice(mark + 1));
    this.accept = request.headers.accept;
    this.isHttp2 = request.httpVersionMajor === 2;
    response.on('close', () => {
      this.#isClosed = true;
      for (const listener of this.#onClose.splice(0)) listener();
    });
    response.on('drain', () => {
      this.#isFull = false;
    });
    request.on('error', () => {
      // The client disconnected while sending. The response's 'close' event handles that.
    });
    response.on('error', () => {
      // See above.
    });
  }

  /** True if the client has disconnected or the response is complete. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Calls `listener` once, as soon as the response is complete or the client has disconnected. */
  onClose(listener: () => void): void {
    if (this.#isClosed) listener();
    else this.#onClose.push(listener);
  }

  /** Reads the whole body as text. Throws a RestError 413 if it is longer than `most` bytes. */
  async readText(most: number): Promise<string> {
    const declared = Number(this.request.headers['content-length'] ?? 0);
    if (declared > most) throw tooLarge(most);
    const chunks: Buffer[] = [];
    let size = 0;
    for await (const chunk of this.request as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > most) throw tooLarge(most);
      chunks.push(chunk);
    }
    return Buffer.concat(chunks, size).toString('utf8');
  }

  /** Sends a complete response. `contentType` is optional because ksqlDB omits it for some errors. */
  send(status: number, body: string, contentType?: string): void {
    if (this.#isClosed || this.#response.headersSent) return;
    const bytes = Buffer.from(body, 'utf8');
    this.#response.statusCode = status;
    if (contentType !== undefined) this.#response.setHeader('content-type', contentType);
    this.#response.setHeader('content-length', bytes.length);
    if (!this.isHttp2 && this.#hasBody && !this.request.complete) {
      // The rest of the body is not read, so the connection cannot be reused.
      this.#response.setHeader('connection', 'close');
    }
    this.#end(bytes);
  }

  sendJson(status: number, entity: unknown): void {
    this.send(status, JSON.stringify(entity), jsonType);
  }

  sendError(error: RestError, contentType?: string): void {
    this.send(error.status, JSON.stringify(error.body), contentType);
  }

  redirect(location: string): void {
    this.#response.setHeader('location', location);
    this.send(307, '');
  }

  /** Starts a streaming response. */
  begin(contentType: string | undefined): void {
    if (this.#isClosed) return;
    this.#response.statusCode = 200;
    if (contentType !== undefined) this.#response.setHeader('content-type', contentType);
    flushHeaders(this.#response);
  }

  /** Returns false if the client reads too slowly. Wait for `drained` before writing more. */
  write(text: string): boolean {
    if (this.#isClosed) return true;
    if (text !== '' && !writeTo(this.#response, text)) this.#isFull = true;
    return !this.#isFull;
  }

  /** Resolves when more may be written or the client has disconnected. */
  drained(): Promise<void> {
    if (this.#isClosed || !this.#isFull) return Promise.resolve();
    return new Promise((resolve) => {
      const done = (): void => {
        this.#response.off('drain', done);
        this.#response.off('close', done);
        resolve();
      };
      this.#response.on('drain', done);
      this.#response.on('close', done);
    });
  }

  end(): void {
    if (!this.#isClosed) this.#end();
  }

  get #hasBody(): boolean {
    const { headers } = this.request;
    return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
  }

  #end(bytes?: Buffer): void {
    if (bytes === undefined) endOf(this.#response);
    else endOf(this.#response, bytes);
  }
}

function tooLarge(most: number): RestError {
  return genericError(413, errorCodes.requestTooLarge, `The request is larger than ${most} bytes`);
}

// TypeScript cannot call the two response types' methods on their union.
interface CommonResponse {
  write(text: string): boolean;
  end(bytes?: Buffer): unknown;
  flushHeaders(): void;
}

function writeTo(response: AnyResponse, text: string): boolean {
  return (response as CommonResponse).write(text);
}

function endOf(response: AnyResponse, bytes?: Buffer): void {
  (response as CommonResponse).end(bytes);
}

function flushHeaders(response: AnyResponse): void {
  (response as CommonResponse).flushHeaders();
}
