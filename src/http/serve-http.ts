import { createServer, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PaystreamError } from '../errors/paystream-error.js';

export interface ServeHttpOptions {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** What the server is called in errors, such as `the console`. */
  readonly name: string;
}

export interface HttpServer {
  /** Where clients on this machine reach it. */
  readonly url: string;
  /** Stops listening. Requests in progress get `graceMs` milliseconds (default: 0) before they are cut off. */
  close(graceMs?: number): Promise<void>;
}

/**
 * Starts an HTTP server.
 *
 * @throws HTTP_LISTEN when the address cannot be used.
 */
export async function serveHttp(answer: RequestListener, options: ServeHttpOptions): Promise<HttpServer> {
  const { host, port, name } = options;
  const server = createServer(answer);
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) => {
      const message = `Cannot start ${name}: ${cause.message}.`;
      const hint = 'Choose another port, or 0 for any free port.';
      reject(new PaystreamError('HTTP_LISTEN', message, { where: `${host}:${port}`, hint, cause }));
    });
    server.listen(port, host, resolve);
  });
  const reachable = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  const { port: bound } = server.address() as AddressInfo;
  return {
    url: `http://${reachable.includes(':') ? `[${reachable}]` : reachable}:${bound}`,
    close: (graceMs = 0) =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeIdleConnections();
        if (graceMs === 0) server.closeAllConnections();
        else setTimeout(() => server.closeAllConnections(), graceMs).unref();
      }),
  };
}

/** Sends a whole body. The content type is JSON unless the headers name another. */
export function send(
  response: ServerResponse,
  status: number,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    ...headers,
  });
  response.end(body);
}
