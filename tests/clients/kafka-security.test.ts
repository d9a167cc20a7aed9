import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SASLOptions } from 'kafkajs';
import { afterEach, describe, expect, it } from 'vitest';
import { Broker } from '../../src/embedded/kafka/broker.js';
import { hasTool, kafka, run } from './kafka-support.js';

const users = { alice: 'wonder=land,1', bob: 'builder' };
const messages: string[] = [];
let broker: Broker;

afterEach(async () => {
  messages.length = 0;
  await broker.stop();
});

const start = async (options: object) => {
  broker = await Broker.start({ ...options, log: (_level, message) => messages.push(message) });
};

const roundTrip = async (config: object) => {
  const producer = kafka(broker.brokers, { retry: { retries: 0 }, ...config }).producer({
    retry: { retries: 1 },
  });
  await producer.connect();
  await producer.send({ topic: 'secured', messages: [{ value: 'x' }] });
  await producer.disconnect();
};

describe('a broker that asks for a login', () => {
  for (const mechanism of ['plain', 'scram-sha-256', 'scram-sha-512'] as const) {
    it(`lets kafkajs in with ${mechanism} and the right password only, and logs why not`, async () => {
      await start({ sasl: { users } });
      const login = (username: string, password: string) => ({
        sasl: { mechanism, username, password } as SASLOptions,
      });
      await roundTrip(login('alice', users.alice));
      await expect(roundTrip(login('alice', 'wrong'))).rejects.toThrow();
      expect(messages.join('\n')).toContain('wrong password for user alice');
      await expect(roundTrip(login('mallory', 'x'))).rejects.toThrow();
      expect(messages.join('\n')).toContain('unknown user mallory');
      expect(messages.join('\n')).not.toContain(users.alice);
    });
  }

  it('refuses clients without a login and mechanisms that are off', async () => {
    await start({ sasl: { users, mechanisms: ['SCRAM-SHA-256'] } });
    await expect(roundTrip({})).rejects.toThrow();
    expect(messages.join('\n')).toContain('has not logged in');
    const sasl = { mechanism: 'plain', username: 'bob', password: 'builder' };
    await expect(roundTrip({ sasl })).rejects.toThrow();
    expect(messages.join('\n')).toContain('PLAIN is not enabled');
  });

  it.skipIf(!hasTool('kcat', ['-V']))('lets kcat in', async () => {
    await start({ sasl: { users } });
    for (const mechanism of ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512']) {
      const listed = await run('kcat', [
        ...[
          '-b',
          broker.brokers,
          '-L',
          '-X',
          'security.protocol=sasl_plaintext',
          '-X',
          `sasl.mechanisms=${mechanism}`,
        ],
        ...['-X', 'sasl.username=bob', '-X', 'sasl.password=builder'],
      ]);
      expect(listed).toContain('broker 1');
    }
  });
});

describe.skipIf(!hasTool('openssl', ['version']))('a broker with TLS', () => {
  it('serves clients that trust its certificate, with a login on top', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'kafka-tls-'));
    const made = spawnSync('openssl', [
      ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '1', '-subj', '/CN=localhost'],
      ...['-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'],
      ...['-keyout', join(dir, 'key.pem'), '-out', join(dir, 'cert.pem')],
    ]);
    expect(made.status).toBe(0);
    const cert = readFileSync(join(dir, 'cert.pem'), 'utf8');
    const key = readFileSync(join(dir, 'key.pem'), 'utf8');
    rmSync(dir, { recursive: true });
    await start({ tls: { cert, key }, sasl: { users } });
    const sasl = { mechanism: 'scram-sha-256', username: 'bob', password: 'builder' };
    await roundTrip({ ssl: { ca: [cert] }, sasl });
    await expect(roundTrip({ ssl: true, sasl })).rejects.toThrow();
    await expect(roundTrip({ sasl, connectionTimeout: 500 })).rejects.toThrow();
  });
});
