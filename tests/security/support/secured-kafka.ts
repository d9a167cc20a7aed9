import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { KafkaConfig } from 'kafkajs';
import { KAFKA_VERSIONS, kafkaClassPath } from '../../../scripts/java-clients.js';
import { type RealKafka, startRealKafka } from '../../../scripts/real-kafka.js';
import type { Certificates } from './certificates.js';

const run = promisify(execFile);
const ADMIN = 'admin';
const ADMIN_PASSWORD = 'admin-password';
const JAAS = 'org.apache.kafka.common.security';

export interface SecuredKafka extends RealKafka {
  /** kafkajs' way in for the administrator. */
  readonly admin: Partial<KafkaConfig>;
  /** Client properties of the administrator, for Kafka's own tools. */
  readonly adminFile: string;
  /** Runs one of Kafka's own tools. */
  tool(mainClass: string, args: readonly string[]): Promise<string>;
  /** An unsecured token for alice (Kafka takes them unless told otherwise), and an endpoint that gives such. */
  tokens(): Promise<{ readonly tokenFile: string; readonly endpoint: string; stop(): Promise<void> }>;
}

function jaasText(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"');
}

/** A header, claims and no signature (RFC 7519, section 6). */
function unsecuredToken(subject: string): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const now = Math.floor(Date.now() / 1_000);
  return `${part({ alg: 'none' })}.${part({ sub: subject, iat: now, exp: now + 3_600, scope: 'kafka' })}.`;
}

/** A real Kafka that wants TLS with a client certificate and a login, and has an authorizer if asked. */
export async function startSecuredKafka(
  certificates: Certificates,
  users: Readonly<Record<string, string>>,
  properties: Readonly<Record<string, string>> = {},
  { scram = true } = {},
): Promise<SecuredKafka> {
  const { server, client, caFile, folder } = certificates;
  const keystore = join(folder, 'server-keystore.pem');
  writeFileSync(keystore, `${server.key}${server.cert}`);
  const passwords = Object.entries({ ...users, [ADMIN]: ADMIN_PASSWORD })
    .map(([user, password]) => `user_${user}="${jaasText(password)}"`)
    .join(' ');
  const listener = (mechanism: string) => `listener.name.plaintext.${mechanism}.sasl.jaas.config`;
  const kafka = await startRealKafka({
    properties: {
      // The listener keeps the name that the script gave it; the protocol behind it is another.
      'listener.security.protocol.map': 'CONTROLLER:PLAINTEXT,PLAINTEXT:SASL_SSL',
      'inter.broker.listener.name': 'PLAINTEXT',
      'sasl.mechanism.inter.broker.protocol': 'PLAIN',
      'sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER',
      [listener('plain')]:
        `${JAAS}.plain.PlainLoginModule required username="${ADMIN}" password="${ADMIN_PASSWORD}" ${passwords};`,
      [listener('scram-sha-256')]: `${JAAS}.scram.ScramLoginModule required;`,
      [listener('scram-sha-512')]: `${JAAS}.scram.ScramLoginModule required;`,
      [listener('oauthbearer')]:
        `${JAAS}.oauthbearer.OAuthBearerLoginModule required unsecuredLoginStringClaim_sub="${ADMIN}";`,
      'ssl.keystore.type': 'PEM',
      'ssl.keystore.location': keystore,
      'ssl.truststore.type': 'PEM',
      'ssl.truststore.location': caFile,
      // With SASL it holds only for a listener by name (KIP-684).
      'listener.name.plaintext.ssl.client.auth': 'required',
      ...properties,
    },
  });
  const clientKeystore = join(folder, 'client-keystore.pem');
  writeFileSync(clientKeystore, `${client.key}${client.cert}`);
  const adminFile = join(folder, 'admin.properties');
  writeFileSync(
    adminFile,
    `security.protocol=SASL_SSL
sasl.mechanism=PLAIN
sasl.jaas.config=${JAAS}.plain.PlainLoginModule required username="${ADMIN}" password="${ADMIN_PASSWORD}";
ssl.truststore.type=PEM
ssl.truststore.location=${caFile}
ssl.keystore.type=PEM
ssl.keystore.location=${clientKeystore}
`,
  );
  const classPath = await kafkaClassPath(KAFKA_VERSIONS[0], ['kafka_2.13']);
  const tool = async (mainClass: string, args: readonly string[]) => {
    const { stdout } = await run('java', [
      ...[
        '-XX:TieredStopAtLevel=1',
        '-Xmx128m',
        '-cp',
        classPath,
        mainClass,
        '--bootstrap-server',
        kafka.brokers,
      ],
      ...['--command-config', adminFile, ...args],
    ]);
    return stdout;
  };
  for (const [user, password] of scram ? Object.entries(users) : []) {
    // In brackets a comma would end the password.
    const plain = password.replaceAll(',', '\\,');
    for (const mechanism of ['SCRAM-SHA-256', 'SCRAM-SHA-512']) {
      await tool('kafka.admin.ConfigCommand', [
        ...['--alter', '--add-config', `${mechanism}=[iterations=4096,password=${plain}]`],
        ...['--entity-type', 'users', '--entity-name', user],
      ]);
    }
  }
  return {
    ...kafka,
    adminFile,
    tool,
    admin: {
      ssl: { ca: [certificates.ca], cert: client.cert, key: client.key },
      sasl: { mechanism: 'plain', username: ADMIN, password: ADMIN_PASSWORD },
    },
    async tokens() {
      const tokenFile = join(folder, 'token');
      writeFileSync(tokenFile, `${unsecuredToken('alice')}\n`);
      const server = createServer((request, response) => {
        const [, basic = ''] = (request.headers.authorization ?? '').split(' ');
        const [id, secret] = Buffer.from(basic, 'base64').toString().split(':').map(decodeURIComponent);
        const known = id !== undefined && users[id] !== undefined && users[id] === secret;
        response.writeHead(known ? 200 : 401, { 'content-type': 'application/json' });
        response.end(
          known
            ? JSON.stringify({ access_token: unsecuredToken(id), token_type: 'Bearer', expires_in: 3_600 })
            : '{}',
        );
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      return {
        tokenFile,
        endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`,
        stop: () => new Promise<void>((resolve) => server.close(() => resolve())),
      };
    },
  };
}
