import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { PaystreamError } from '../errors/paystream-error.js';
import type { ConfigFile } from './config-schema.js';
import { parseProperties } from './java-properties.js';

/**
 * Reads the configuration of Confluent's ksql-migrations, so that a team can switch tools without changing files.
 *
 * Source: https://docs.ksqldb.io/en/latest/operate-and-deploy/migrations-tool/#config
 *
 * @throws CONFIG_INVALID
 */
export function readMigrationsProperties(path: string): ConfigFile {
  const properties = parseProperties(readFileSync(path, 'utf8'));
  const get = (name: string) => properties.get(name)?.trim() || undefined;
  const invalid = (message: string, hint: string) =>
    new PaystreamError('CONFIG_INVALID', message, { where: path, hint });
  const url = get('ksql.server.url');
  if (url === undefined) {
    throw invalid('ksql.server.url is missing.', 'Add it, such as ksql.server.url=http://127.0.0.1:8088.');
  }
  if (get('bearer.auth.issuer.endpoint.url') !== undefined) {
    throw invalid(
      'bearer.auth.* (an OAuth issuer) is not supported.',
      'Fetch a token and set ksqldb.token or ksqldb.tokenFile in paystream.yaml.',
    );
  }
  const replicas = get('ksql.migrations.topic.replicas');
  if (replicas !== undefined && !(Number.isInteger(Number(replicas)) && Number(replicas) > 0)) {
    throw invalid(
      `ksql.migrations.topic.replicas: '${replicas}' is not a positive whole number.`,
      'Use a number such as 3.',
    );
  }
  // Of Java's store formats, OpenSSL reads only PKCS #12, and only as a key store.
  const truststore = get('ssl.truststore.location');
  const keystore = get('ssl.keystore.location');
  if (truststore !== undefined && /\.(jks|p12|pfx)$/i.test(truststore)) {
    throw invalid(
      `${truststore}: trusted certificates must be in PEM format.`,
      'Export them with `keytool -exportcert -rfc`, and set ssl.truststore.location to that file.',
    );
  }
  if (keystore !== undefined && /\.jks$/i.test(keystore)) {
    throw invalid(
      `${keystore}: Node cannot read Java key stores.`,
      'Convert it with `keytool -importkeystore -deststoretype PKCS12`, and set ssl.keystore.location to that file.',
    );
  }
  const metadata = {
    stream: get('ksql.migrations.stream.name'),
    table: get('ksql.migrations.table.name'),
    streamTopic: get('ksql.migrations.stream.topic.name'),
    tableTopic: get('ksql.migrations.table.topic.name'),
    replicas: replicas === undefined ? undefined : Number(replicas),
  };
  return {
    ksqldb: {
      url,
      username: get('ksql.auth.basic.username'),
      password: get('ksql.auth.basic.password'),
      tls: {
        ca: truststore,
        pfx: keystore,
        passphrase: get('ssl.keystore.password') ?? get('ssl.key.password'),
        verifyHost: get('ssl.verify.host')?.toLowerCase() === 'false' ? false : undefined,
      },
    },
    migrations: {
      directory: get('ksql.migrations.dir.override') ?? join(dirname(path), 'migrations'),
      // An undefined name would replace a default.
      metadata: Object.fromEntries(Object.entries(metadata).filter(([, value]) => value !== undefined)),
    },
  };
}
