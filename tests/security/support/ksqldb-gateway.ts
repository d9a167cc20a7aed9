import { request } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Certificate } from './certificates.js';

export const KSQLDB_USER = 'ops';
export const KSQLDB_PASSWORD = 'k5ql-pa55word';
export const KSQLDB_TOKEN = 'a.bearer.token';
const allowed = [
  `Basic ${Buffer.from(`${KSQLDB_USER}:${KSQLDB_PASSWORD}`).toString('base64')}`,
  `Bearer ${KSQLDB_TOKEN}`,
];

/** TLS and a login in front of a ksqlDB, as a gateway or ksqlDB's own listener has them. */
async function gateway(target: string, { cert, key }: Certificate, clientCa?: string): Promise<Server> {
  const server = createServer(
    {
      cert,
      key,
      ...(clientCa === undefined ? {} : { ca: clientCa, requestCert: true, rejectUnauthorized: true }),
    },
    (incoming, outgoing) => {
      if (!allowed.includes(incoming.headers.authorization ?? '')) {
        incoming.resume();
        outgoing
          .writeHead(401, { 'content-type': 'application/json' })
          .end('{"error_code":40100,"message":"Unauthorized"}');
        return;
      }
      const onward = request(
        new URL(incoming.url ?? '/', target),
        { method: incoming.method, headers: incoming.headers },
        (answer) => {
          outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
          answer.pipe(outgoing);
        },
      );
      onward.on('error', () => outgoing.destroy());
      incoming.pipe(onward);
    },
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

/** Runs something while a gateway with this certificate stands before a ksqlDB; gives it the gateway's address. */
export async function withGateway(
  target: string,
  certificate: Certificate,
  work: (url: string) => Promise<void>,
  clientCa?: string,
): Promise<void> {
  const server = await gateway(target, certificate, clientCa);
  try {
    await work(`https://127.0.0.1:${(server.address() as AddressInfo).port}`);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}
