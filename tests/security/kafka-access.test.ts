import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import kafkajs from 'kafkajs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { canRunRealKafka, startRealKafka } from '../../scripts/real-kafka.js';
import { Broker } from '../../src/embedded/kafka/broker.js';
import { checkKafkaAccess } from '../../src/kafka/check-access.js';
import { kafkaConnectionOf } from '../../src/kafka/connection.js';
import { type Certificates, makeCertificates } from './support/certificates.js';
import { configIn, type Ended, startPaystream, waitUntilReady } from './support/paystream-process.js';
import { startSecuredKafka } from './support/secured-kafka.js';

const PASSWORD = 'pa55-word=with+signs';
const TOPIC = 'PAYMENT-TRX-AGGR';
const haveOpenssl = spawnSync('openssl', ['version']).status === 0;
const haveJava = process.env.PAYSTREAM_SKIP_REAL_KAFKA !== '1' && (await canRunRealKafka());

interface KafkaSection {
  readonly brokers: string;
  readonly tls?: { readonly ca?: string; readonly cert?: string; readonly key?: string };
  readonly sasl?: Readonly<Record<string, unknown>>;
}

let certificates: Certificates;

beforeAll(() => {
  if (haveOpenssl) certificates = makeCertificates();
});
afterAll(() => certificates?.remove());

function sinkWith(kafka: KafkaSection) {
  const config = configIn(certificates.folder, {
    kafka: { ...kafka, brokers: [kafka.brokers] },
    store: { url: 'pglite:memory' },
    sink: { groupId: 'secured', http: { port: 0 } },
  });
  return startPaystream(['sink', '--config', config]);
}

async function isLetIn(kafka: KafkaSection): Promise<void> {
  const sink = sinkWith(kafka);
  await waitUntilReady(await sink.line(/payments at (http\S+)/));
  const { code, output } = await sink.stop();
  expect(code).toBe(0);
  expect(output).not.toContain(PASSWORD);
}

async function isRefused(kafka: KafkaSection, code: string, message: RegExp): Promise<Ended> {
  const ended = await sinkWith(kafka).refused();
  expect(ended.output).toContain(`error ${code}: `);
  expect(ended.output).toMatch(message);
  expect(ended.code).toBe(5);
  // What happened, where and what next; no stack, no password.
  expect(ended.output).not.toMatch(/^\s+at .*\(.*:\d+:\d+\)/m);
  expect(ended.output).not.toContain(PASSWORD);
  return ended;
}

async function createTopic(brokers: string, connection: Partial<kafkajs.KafkaConfig>): Promise<void> {
  const admin = new kafkajs.Kafka({
    brokers: [brokers],
    logLevel: kafkajs.logLevel.NOTHING,
    ...connection,
  }).admin();
  await admin.connect();
  await admin.createTopics({ topics: [{ topic: TOPIC, numPartitions: 1 }], waitForLeaders: true });
  await admin.disconnect();
}

const login = (mechanism: string, password = PASSWORD) => ({ mechanism, username: 'alice', password });

describe.skipIf(!haveOpenssl)('the sink and the embedded broker', () => {
  const users = { alice: PASSWORD };
  let broker: Broker;
  const start = async (certificate: 'server' | 'expired' | 'elsewhere', mutual = false) => {
    const { cert, key } = certificates[certificate];
    broker = await Broker.start({
      tls: {
        cert,
        key,
        ...(mutual ? { ca: certificates.ca, requestCert: true, rejectUnauthorized: true } : {}),
      },
      sasl: { users },
      log: () => {},
    });
  };

  it('lets it in with each mechanism, and says what is wrong with a password', async () => {
    await start('server');
    try {
      const tls = { ca: certificates.caFile };
      const { brokers } = broker;
      await createTopic(brokers, {
        ssl: { ca: [certificates.ca] },
        sasl: { mechanism: 'plain', username: 'alice', password: PASSWORD },
      });
      for (const mechanism of ['plain', 'scram-sha-256', 'scram-sha-512']) {
        await isLetIn({ brokers, tls, sasl: login(mechanism) });
        await isRefused(
          { brokers, tls, sasl: login(mechanism, 'wrong') },
          'KAFKA_UNAUTHORIZED',
          /refused the login/,
        );
      }
    } finally {
      await broker.stop();
    }
  });

  it('wants a certificate of the authority that it was told', async () => {
    await start('server');
    try {
      const { brokers } = broker;
      const sasl = login('plain');
      await isRefused({ brokers, tls: { ca: certificates.otherCaFile }, sasl }, 'KAFKA_TLS', /certificate/);
    } finally {
      await broker.stop();
    }
  });

  it.each([
    ['expired', /certificate has expired/],
    ['elsewhere', /does not match certificate's altnames/],
  ] as const)('refuses a broker whose certificate is %s', async (certificate, message) => {
    await start(certificate);
    try {
      const tls = { ca: certificates.caFile };
      await isRefused({ brokers: broker.brokers, tls, sasl: login('plain') }, 'KAFKA_TLS', message);
    } finally {
      await broker.stop();
    }
  });

  it('shows its own certificate where the broker wants one', async () => {
    await start('server', true);
    try {
      const { brokers } = broker;
      const { ca, client, caFile } = certificates;
      const sasl = login('scram-sha-512');
      await createTopic(brokers, {
        ssl: { ca: [ca], cert: client.cert, key: client.key },
        sasl: { mechanism: 'plain', username: 'alice', password: PASSWORD },
      });
      await isLetIn({ brokers, tls: { ca: caFile, cert: client.certFile, key: client.keyFile }, sasl });
      await isRefused({ brokers, tls: { ca: caFile }, sasl }, 'KAFKA_TLS', /certificate/);
    } finally {
      await broker.stop();
    }
  });
});

/** Without the time that a process takes to start on a busy machine. */
describe.skipIf(!haveOpenssl)('checkKafkaAccess', () => {
  it.each([
    ['server', 'wrong', 'KAFKA_UNAUTHORIZED'],
    ['expired', PASSWORD, 'KAFKA_TLS'],
    ['elsewhere', PASSWORD, 'KAFKA_TLS'],
  ] as const)(
    'fails within ten seconds: certificate %s, password %s',
    { timeout: 10_000 },
    async (name, password, code) => {
      const { cert, key } = certificates[name];
      const broker = await Broker.start({
        tls: { cert, key },
        sasl: { users: { alice: PASSWORD } },
        log: () => {},
      });
      try {
        const connection = kafkaConnectionOf({
          brokers: [broker.brokers],
          tls: { ca: certificates.caFile },
          sasl: { mechanism: 'scram-sha-256', username: 'alice', password },
        });
        await expect(checkKafkaAccess(connection)).rejects.toMatchObject({ code });
      } finally {
        await broker.stop();
      }
    },
  );

  it('accepts an unreachable broker, which may become reachable later', { timeout: 10_000 }, async () => {
    await checkKafkaAccess({ brokers: ['127.0.0.1:1'], ssl: true });
  });
});

describe.skipIf(!haveOpenssl || !haveJava)('the sink and a real Kafka with mTLS', () => {
  let kafka: Awaited<ReturnType<typeof startSecuredKafka>>;

  beforeAll(async () => {
    kafka = await startSecuredKafka(certificates, { alice: PASSWORD });
    await createTopic(kafka.brokers, kafka.admin);
  });
  afterAll(() => kafka?.stop());

  const tls = () => ({
    ca: certificates.caFile,
    cert: certificates.client.certFile,
    key: certificates.client.keyFile,
  });

  it.each(['plain', 'scram-sha-256', 'scram-sha-512'])('logs in with %s', async (mechanism) => {
    await isLetIn({ brokers: kafka.brokers, tls: tls(), sasl: login(mechanism) });
    const wrong = { brokers: kafka.brokers, tls: tls(), sasl: login(mechanism, 'wrong') };
    await isRefused(wrong, 'KAFKA_UNAUTHORIZED', /refused the login/);
  });

  it('logs in with a token of a file, and of an endpoint that asks for client and secret', async () => {
    const { tokenFile, endpoint, stop } = await kafka.tokens();
    try {
      const { brokers } = kafka;
      await isLetIn({ brokers, tls: tls(), sasl: { mechanism: 'oauthbearer', tokenFile } });
      const oauth = { tokenEndpoint: endpoint, clientId: 'alice', clientSecret: PASSWORD, scope: 'kafka' };
      await isLetIn({ brokers, tls: tls(), sasl: { mechanism: 'oauthbearer', oauth } });
      const wrong = { mechanism: 'oauthbearer', oauth: { ...oauth, clientSecret: 'wrong' } };
      await isRefused(
        { brokers, tls: tls(), sasl: wrong },
        'KAFKA_UNAUTHORIZED',
        /the endpoint answered 401/,
      );
    } finally {
      await stop();
    }
  });

  // Brokers refuse such a certificate among themselves when they start; on a listener for clients they show it.
  it('refuses a broker whose certificate has expired', async () => {
    const { expired, folder, caFile } = certificates;
    const keystore = join(folder, 'expired-keystore.pem');
    writeFileSync(keystore, `${expired.key}${expired.cert}`);
    const other = await startRealKafka({
      listeners: { CLIENTS: 'SSL' },
      properties: {
        'listener.name.clients.ssl.keystore.type': 'PEM',
        'listener.name.clients.ssl.keystore.location': keystore,
      },
    });
    try {
      const brokers = other.addressOf('CLIENTS');
      await isRefused({ brokers, tls: { ca: caFile } }, 'KAFKA_TLS', /certificate has expired/);
    } finally {
      await other.stop();
    }
  });

  it('refuses a broker whose certificate is of another host', async () => {
    const shown = { ...certificates, server: certificates.elsewhere };
    const other = await startSecuredKafka(shown, { alice: PASSWORD }, {}, { scram: false });
    try {
      const { brokers } = other;
      await isRefused({ brokers, tls: tls(), sasl: login('plain') }, 'KAFKA_TLS', /does not match/);
    } finally {
      await other.stop();
    }
  });

  it('is refused without a client certificate', async () => {
    const { brokers } = kafka;
    await isRefused(
      { brokers, tls: { ca: certificates.caFile }, sasl: login('plain') },
      'KAFKA_TLS',
      /certificate/,
    );
  });
});
