import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TestCluster, testCluster } from '../support/test-cluster.js';
import { type Certificates, makeCertificates } from './support/certificates.js';
import { KSQLDB_PASSWORD, KSQLDB_TOKEN, KSQLDB_USER, withGateway } from './support/ksqldb-gateway.js';
import { configIn, startPaystream } from './support/paystream-process.js';

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

  async function status(url: string, ksqldb: object) {
    const config = configIn(certificates.folder, { ksqldb: { url, ...ksqldb } });
    const ended = await startPaystream(['migrate', 'status', '--config', config]).refused();
    expect(ended.output).not.toContain(KSQLDB_PASSWORD);
    expect(ended.output).not.toContain(KSQLDB_TOKEN);
    return ended;
  }

  it('lets it in with user and password, or a token, and says when they are wrong', async () => {
    const tls = { ca: certificates.caFile };
    await withGateway(cluster.ksqldbUrl, certificates.server, async (url) => {
      expect((await status(url, { tls, username: KSQLDB_USER, password: KSQLDB_PASSWORD })).code).toBe(0);
      expect((await status(url, { tls, token: KSQLDB_TOKEN })).code).toBe(0);
      for (const wrong of [{ username: KSQLDB_USER, password: 'wrong' }, { token: 'wrong' }, {}]) {
        const { code, output } = await status(url, { tls, ...wrong });
        expect(output).toContain('error KSQLDB_UNAUTHORIZED: ');
        expect(code).toBe(5);
      }
    });
  });

  it('shows its certificate where one is wanted', async () => {
    const { caFile, ca, client, server: certificate } = certificates;
    await withGateway(
      cluster.ksqldbUrl,
      certificate,
      async (url) => {
        const own = { cert: client.certFile, key: client.keyFile };
        expect((await status(url, { tls: { ca: caFile, ...own }, token: KSQLDB_TOKEN })).code).toBe(0);
        const { code, output } = await status(url, { tls: { ca: caFile }, token: KSQLDB_TOKEN });
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
    await withGateway(cluster.ksqldbUrl, certificates[name], async (url) => {
      const { code, output } = await status(url, { tls: { ca: certificates.caFile }, token: KSQLDB_TOKEN });
      expect(output).toMatch(message);
      expect(code).toBe(5);
    });
  });
});
