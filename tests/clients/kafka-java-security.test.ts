import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  compileJava,
  JAVA_CLIENT_ARTIFACTS,
  type JavaRunner,
  KAFKA_VERSIONS,
  kafkaClassPath,
  startJavaRunner,
} from '../../scripts/java-clients.js';
import { Broker } from '../../src/embedded/kafka/broker.js';
import { javaIsHere } from './kafka-behaviour-java.js';
import { hasTool, run } from './kafka-support.js';

const isHere = (await javaIsHere()) && hasTool('openssl', ['version']);
const folder = mkdtempSync(join(tmpdir(), 'kafka-java-security-'));
const users = { alice: 'wonder=land,1' };
const messages: string[] = [];
let java: JavaRunner;
let tls: { cert: string; key: string };

afterAll(() => {
  java?.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** kafka-topics --list with security settings of its own. */
async function listTopics(broker: Broker, settings: Readonly<Record<string, string>>) {
  const file = join(folder, 'client.properties');
  const all = { 'request.timeout.ms': '10000', 'default.api.timeout.ms': '20000', ...settings };
  writeFileSync(
    file,
    Object.entries(all)
      .map(([key, value]) => `${key}=${value.replaceAll('\n', '\\n')}\n`)
      .join(''),
  );
  return await java.run('org.apache.kafka.tools.TopicCommand', [
    ...['--bootstrap-server', `localhost:${broker.port}`, '--command-config', file, '--list'],
  ]);
}

function login(mechanism: string, password: string, protocol: string): Record<string, string> {
  const module = mechanism === 'PLAIN' ? 'plain.PlainLoginModule' : 'scram.ScramLoginModule';
  return {
    'security.protocol': protocol,
    'sasl.mechanism': mechanism,
    'sasl.jaas.config': `org.apache.kafka.common.security.${module} required username="alice" password="${password}";`,
    ...(protocol === 'SASL_SSL'
      ? { 'ssl.truststore.type': 'PEM', 'ssl.truststore.certificates': tls.cert }
      : {}),
  };
}

describe.skipIf(!isHere)('the Java clients with a login', () => {
  beforeAll(async () => {
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
    await run('openssl', [
      ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '1', '-subj', '/CN=localhost'],
      ...['-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1', '-keyout', key, '-out', cert],
    ]);
    tls = { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') };
    const jars = await kafkaClassPath(KAFKA_VERSIONS.at(-1)!, JAVA_CLIENT_ARTIFACTS);
    const sources = join(import.meta.dirname, 'java');
    await compileJava(
      readdirSync(sources).map((name) => join(sources, name)),
      jars,
      folder,
    );
    java = startJavaRunner(`${folder}:${jars}`);
  }, 600_000);

  it.each([
    ['PLAIN', 'SASL_PLAINTEXT'],
    ['SCRAM-SHA-256', 'SASL_PLAINTEXT'],
    ['SCRAM-SHA-512', 'SASL_SSL'],
  ])('get in with %s over %s and the right password only', async (mechanism, protocol) => {
    const broker = await Broker.start({
      sasl: { users },
      host: 'localhost',
      log: (_level, message) => messages.push(message),
      ...(protocol === 'SASL_SSL' ? { tls } : {}),
    });
    try {
      broker.store.createTopic('secured', { partitions: 1 });
      const welcome = await listTopics(broker, login(mechanism, users.alice, protocol));
      expect(welcome.output.split('\n'), welcome.errors).toContain('secured');
      const refused = await listTopics(broker, login(mechanism, 'wrong', protocol));
      expect(refused.status).not.toBe(0);
      expect(refused.output + refused.errors).toContain('Authentication failed');
      expect(messages.join('\n')).toContain('wrong password for user alice');
    } finally {
      await broker.stop();
    }
  });
});
