import { spawnSync } from 'node:child_process';
import { request } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TestCluster, testCluster } from '../support/test-cluster.js';
import { type Certificate, type Certificates, makeCertificates } from './support/certificates.js';
import { configIn, startPaystream } from './support/paystream-process.js';

const PASSWORD = 'k5ql-pa55word';
const TOKEN = 'a.bearer.token';
const allowed = [`Basic ${Buffer.from(`ops:${PASSWORD}`).toString('base64')}`, `Bearer ${TOKEN}`];

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

describe.skipIf(spawnSync('openssl', ['version']).status !== 0)('ksqlDB over TLS', () => {
  let certificates: Certificates;
  let cluster: TestCluster;

  beforeAll(async () => {
    certificates = makeCertificates();
    cluster = await testCluster();
  });
  afterAll(async () => {
    await cluster?.stop();
    certificates?.remove();
  });

  async function status(server: Server, ksqldb: object) {
    const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const config = configIn(certificates.folder, { ksqldb: { url, ...ksqldb } });
    const ended = await startPaystream(['migrate', 'status', '--config', config]).refused();
    expect(ended.output).not.toContain(PASSWORD);
    expect(ended.output).not.toContain(TOKEN);
    return ended;
  }

  async function withGateway(
    certificate: Certificate,
    work: (server: Server) => Promise<void>,
    clientCa?: string,
  ) {
    const server = await gateway(cluster.ksqldbUrl, certificate, clientCa);
    try {
      await work(server);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  }

  it('lets it in with user and password, or a token, and says when they are wrong', async () => {
    const tls = { ca: certificates.caFile };
    await withGateway(certificates.server, async (server) => {
      expect((await status(server, { tls, username: 'ops', password: PASSWORD })).code).toBe(0);
      expect((await status(server, { tls, token: TOKEN })).code).toBe(0);
      for (const wrong of [{ username: 'ops', password: 'wrong' }, { token: 'wrong' }, {}]) {
        const { code, output } = await status(server, { tls, ...wrong });
        expect(output).toContain('error KSQLDB_UNAUTHORIZED: ');
        expect(code).toBe(5);
      }
    });
  });

  it('shows its certificate where one is wanted', async () => {
    const { caFile, ca, client, server: certificate } = certificates;
    await withGateway(
      certificate,
      async (server) => {
        const own = { cert: client.certFile, key: client.keyFile };
        expect((await status(server, { tls: { ca: caFile, ...own }, token: TOKEN })).code).toBe(0);
        const { code, output } = await status(server, { tls: { ca: caFile }, token: TOKEN });
        expect(output).toMatch(/error KSQLDB_(TLS|UNREACHABLE): /);
        expect(code).toBe(5);
      },
      ca,
    );
  });

  it.each([
    ['expired', /error KSQLDB_TLS: .*certificate has expired/],
    ['elsewhere', /error KSQLDB_TLS: .*does not match certificate's altnames/],
  ] as const)('refuses a server whose certificate is %s', async (name, message) => {
    await withGateway(certificates[name], async (server) => {
      const { code, output } = await status(server, { tls: { ca: certificates.caFile }, token: TOKEN });
      expect(output).toMatch(message);
      expect(code).toBe(5);
    });
  });
});
