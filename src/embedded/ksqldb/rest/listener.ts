/**
 * One port for HTTP/1.1 and for HTTP/2 with prior knowledge (RFC 9113, 3.3): the first bytes of a connection
 * decide which of Node's servers gets the socket.
 */
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import {
  createServer as createHttp2Server,
  type Http2ServerRequest,
  type Http2ServerResponse,
  type ServerHttp2Session,
} from 'node:http2';
import { type AddressInfo, createServer as createNetServer, type Socket } from 'node:net';

export type AnyRequest = IncomingMessage | Http2ServerRequest;
export type AnyResponse = ServerResponse | Http2ServerResponse;

export interface ListenerOptions {
  readonly host: string;
  /** 0 selects a free port. */
  readonly port: number;
  readonly onRequest: (request: AnyRequest, response: AnyResponse) => void;
  readonly onUpgrade: (request: IncomingMessage, socket: Socket, head: Buffer) => void;
  /** Milliseconds a client may take for its first byte and for the headers of a request. */
  readonly headersTimeoutMs: number;
  /** Milliseconds a client may take for a whole HTTP/1.1 request. */
  readonly requestTimeoutMs: number;
  readonly mostConnections: number;
}

export interface Listener {
  readonly host: string;
  readonly port: number;
  close(): Promise<void>;
}

/** The start of an HTTP/2 connection: `PRI * HTTP/2.0`. No HTTP/1.1 method starts like this. */
const prefaceStart = Buffer.from('PRI');
const maxHeaderBytes = 32 * 1024;

export function listen(options: ListenerOptions): Promise<Listener> {
  const http1 = createHttpServer(
    {
      headersTimeout: options.headersTimeoutMs,
      requestTimeout: options.requestTimeoutMs,
      connectionsCheckingInterval: Math.min(1000, options.headersTimeoutMs),
      keepAliveTimeout: 60_000,
      maxHeaderSize: maxHeaderBytes,
      noDelay: true,
    },
    options.onRequest,
  );
  http1.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => {
    if (request.headers.upgrade?.toLowerCase() === 'websocket') options.onUpgrade(request, socket, head);
    else {
      // Upgrade requests, such as h2c from curl and Java, may be ignored (RFC 9110, 7.8). The request is served as HTTP/1.1.
      socket.unshift(Buffer.concat([headWithoutUpgrade(request), head]));
      http1.emit('connection', socket);
    }
  });
  http1.on('clientError', (_error, socket) => refuseBadRequest(socket as Socket));
  // Node checks for slow requests only in servers that listen. This server receives its connections from another one.
  http1.emit('listening');

  const http2 = createHttp2Server({
    maxSessionMemory: 16,
    maxHeaderListPairs: 128,
    settings: {
      maxConcurrentStreams: 1000,
      maxHeaderListSize: maxHeaderBytes,
      initialWindowSize: 1024 * 1024,
    },
  });
  http2.on('request', options.onRequest);
  http2.on('session', (session) => endWhenIdle(session));
  http2.on('sessionError', () => {
    // The session and its streams have ended already.
  });

  const sockets = new Set<Socket>();
  const server = createNetServer({ noDelay: true, pauseOnConnect: false }, (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    sniff(socket, options.headersTimeoutMs, (isHttp2) => {
      (isHttp2 ? http2 : http1).emit('connection', socket);
    });
  });
  server.maxConnections = options.mostConnections;

  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, () => {
      server.off('error', reject);
      const address = server.address() as AddressInfo;
      resolve({
        host: options.host,
        port: address.port,
        close: () =>
          new Promise((closed) => {
            server.close(() => {
              http1.close();
              http2.close();
              closed();
            });
            for (const socket of sockets) socket.destroy();
          }),
      });
    });
  });
}

function sniff(socket: Socket, timeoutMs: number, decide: (isHttp2: boolean) => void): void {
  const timer = setTimeout(() => socket.destroy(), timeoutMs);
  socket.once('close', () => clearTimeout(timer));
  // Unshift the bytes only when there are enough of them, because unshifting triggers another read.
  let seen: Buffer = Buffer.alloc(0);
  const look = (): void => {
    const chunk = socket.read() as Buffer | null;
    if (chunk === null) {
      if (!socket.readableEnded && !socket.destroyed) socket.once('readable', look);
      return;
    }
    seen = seen.length === 0 ? chunk : Buffer.concat([seen, chunk]);
    const compared = Math.min(seen.length, prefaceStart.length);
    const isPreface = seen.subarray(0, compared).equals(prefaceStart.subarray(0, compared));
    if (isPreface && compared < prefaceStart.length) {
      socket.once('readable', look);
      return;
    }
    clearTimeout(timer);
    socket.unshift(seen);
    decide(isPreface);
  };
  socket.once('readable', look);
}

const upgradeHeaders = new Set(['upgrade', 'connection', 'http2-settings']);

function headWithoutUpgrade(request: IncomingMessage): Buffer {
  const lines = [`${request.method} ${request.url} HTTP/${request.httpVersion}`];
  for (let i = 0; i + 1 < request.rawHeaders.length; i += 2) {
    const name = request.rawHeaders[i]!;
    if (!upgradeHeaders.has(name.toLowerCase())) lines.push(`${name}: ${request.rawHeaders[i + 1]}`);
  }
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
}

/** Idle connections are closed after this. A connection with a silent push query is not idle. */
const idleSessionMs = 300_000;

function endWhenIdle(session: ServerHttp2Session): void {
  let open = 0;
  session.on('stream', (stream) => {
    open++;
    stream.on('close', () => {
      open--;
    });
  });
  session.setTimeout(idleSessionMs, () => {
    if (open === 0) session.close();
  });
}

function refuseBadRequest(socket: Socket): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
}
