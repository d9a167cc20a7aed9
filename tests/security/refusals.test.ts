import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Broker } from '../../src/embedded/kafka/broker.js';
import { canRunPostgres } from '../sink/support/postgres-server.js';
import { applyPipeline } from '../support/pipeline.js';
import { type TestCluster, testCluster } from '../support/test-cluster.js';
import { type Certificates, makeCertificates } from './support/certificates.js';
import { KSQLDB_PASSWORD, KSQLDB_USER, withGateway } from './support/ksqldb-gateway.js';
import { configIn, startPaystream } from './support/paystream-process.js';
import { type SecuredPostgres, STORE_PASSWORD, startSecuredPostgres } from './support/secured-postgres.js';

const KAFKA_PASSWORD = 'k4fka-pa55word';
const here = spawnSync('openssl', ['version']).status === 0;

/** What is wrong, the server's certificate, whether the password is right, and what has to be said. */
const WRONGS = [
  ['password', 'server', false, /refused the (login|credentials)|Unauthorized|authentication/i],
  ['expired certificate', 'expired', true, /certificate has expired/],
  ['host name', 'elsewhere', true, /does not match certificate's altnames/],
] as const;

/** Each command that reaches a server ends by itself, not with 0, and says what is wrong with its way in. */
describe.skipIf(!here)('a way in that is wrong', () => {
  let certificates: Certificates;
  let cluster: TestCluster;
  let postgres: SecuredPostgres | undefined;

  beforeAll(async () => {
    certificates = makeCertificates();
    cluster = await testCluster();
    await applyPipeline(cluster);
    if (canRunPostgres) postgres = await startSecuredPostgres(certificates);
  });
  afterAll(async () => {
    await postgres?.stop();
    await cluster?.stop();
    certificates?.remove();
  });

  async function isRefused(command: readonly string[], config: object, message: RegExp) {
    const file = configIn(certificates.folder, { sink: { http: { port: 0 } }, ...config });
    const { code, output } = await startPaystream([...command, '--config', file]).refused();
    expect(output).toMatch(message);
    expect(code).toBeGreaterThan(0);
    for (const password of [KAFKA_PASSWORD, KSQLDB_PASSWORD, STORE_PASSWORD])
      expect(output).not.toContain(password);
  }

  describe.each(WRONGS)('by its %s', (_what, certificate, rightPassword, message) => {
    it('to ksqlDB: migrate, migrate plan, status', async () => {
      const tls = { ca: certificates.caFile };
      const password = rightPassword ? KSQLDB_PASSWORD : 'wrong';
      await withGateway(cluster.ksqldbUrl, certificates[certificate], async (url) => {
        const ksqldb = { url, tls, username: KSQLDB_USER, password };
        for (const command of [['migrate'], ['migrate', 'plan'], ['migrate', '--wait', '60'], ['status']])
          await isRefused(command, { ksqldb }, message);
      });
    });

    it('to Kafka: sink, status', async () => {
      const { cert, key } = certificates[certificate];
      const broker = await Broker.start({
        tls: { cert, key },
        sasl: { users: { alice: KAFKA_PASSWORD } },
        log: () => {},
      });
      try {
        const kafka = {
          brokers: [broker.brokers],
          tls: { ca: certificates.caFile },
          sasl: {
            mechanism: 'scram-sha-512',
            username: 'alice',
            password: rightPassword ? KAFKA_PASSWORD : 'wrong',
          },
        };
        const store = { url: 'pglite:memory' };
        await isRefused(['sink'], { kafka, store }, message);
        await isRefused(['status'], { ksqldb: { url: cluster.ksqldbUrl }, kafka, store }, message);
      } finally {
        await broker.stop();
      }
    });

    it.skipIf(!canRunPostgres)('to PostgreSQL: sink, status, store migrate', async () => {
      await postgres!.serveWith(certificates[certificate]);
      const url = postgres!.url('alice', rightPassword ? STORE_PASSWORD : 'wrong');
      const config = {
        ksqldb: { url: cluster.ksqldbUrl },
        kafka: { brokers: [cluster.brokers] },
        store: { url, tls: { ca: certificates.caFile } },
      };
      for (const command of [['sink'], ['store', 'migrate']]) await isRefused(command, config, message);
      await isRefused(['status'], config, message);
    });
  });
});
