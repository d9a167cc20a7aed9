import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { PaystreamError } from '../errors/paystream-error.js';
import type { ConfigFile } from './config-schema.js';
import { parseProperties } from './java-properties.js';

/**
 * Reads the configuration of Confluent's ksql-migrations, so that a team can change tool without changing files.
 *
 * Source: https://docs.ksqldb.io/en/latest/operate-and-deploy/migrations-tool/#config
 */
export function readMigrationsProperties(path: string): ConfigFile {
  const properties = parseProperties(readFileSync(path, 'utf8'));
  const get = (name: string) => {
    const value = properties.get(name)?.trim();
    return value === undefined || value === '' ? undefined : value;
  };
  const url = get('ksql.server.url');
  if (url === undefined) {
    throw new PaystreamError('CONFIG_INVALID', 'ksql.server.url is missing.', {
      where: path,
      hint: 'Give the address of the ksqlDB server, such as ksql.server.url=http://127.0.0.1:8088.',
    });
  }
  if (get('bearer.auth.issuer.endpoint.url') !== undefined) {
    throw new PaystreamError('CONFIG_INVALID', 'bearer.auth.* (an OAuth issuer) is not supported.', {
      where: path,
      hint: 'Fetch a token beforehand and give it as ksqldb.token or ksqldb.tokenFile in paystream.yaml.',
    });
  }
  const username = get('ksql.auth.basic.username');
  const password = get('ksql.auth.basic.password');
  const replicas = get('ksql.migrations.topic.replicas');
  const metadata = {
    stream: get('ksql.migrations.stream.name'),
    table: get('ksql.migrations.table.name'),
    streamTopic: get('ksql.migrations.stream.topic.name'),
    tableTopic: get('ksql.migrations.table.topic.name'),
    replicas: replicas === undefined ? undefined : Number(replicas),
  };
  if (metadata.replicas !== undefined && !(Number.isInteger(metadata.replicas) && metadata.replicas > 0)) {
    throw new PaystreamError(
      'CONFIG_INVALID',
      `ksql.migrations.topic.replicas: '${replicas}' is no number.`,
      {
        where: path,
      },
    );
  }
  const tls = tlsOf(path, get);
  return {
    ksqldb: {
      url,
      ...(username === undefined ? {} : { username }),
      ...(password === undefined ? {} : { password }),
      ...(Object.keys(tls).length === 0 ? {} : { tls }),
    },
    migrations: {
      directory: get('ksql.migrations.dir.override') ?? join(dirname(path), 'migrations'),
      metadata: Object.fromEntries(Object.entries(metadata).filter(([, value]) => value !== undefined)),
    },
  };
}

type Tls = NonNullable<NonNullable<ConfigFile['ksqldb']>['tls']>;

/** Java's stores, as far as they are in a format that OpenSSL reads. */
function tlsOf(path: string, get: (name: string) => string | undefined): Tls {
  const truststore = get('ssl.truststore.location');
  const keystore = get('ssl.keystore.location');
  const passphrase = get('ssl.keystore.password') ?? get('ssl.key.password');
  if (truststore !== undefined && /\.(jks|p12|pfx)$/i.test(truststore)) {
    throw new PaystreamError('CONFIG_INVALID', `${truststore}: trusted certificates are read as PEM only.`, {
      where: path,
      hint: 'Export them with `keytool -exportcert -rfc` and name that file as ssl.truststore.location.',
    });
  }
  if (keystore !== undefined && /\.jks$/i.test(keystore)) {
    throw new PaystreamError('CONFIG_INVALID', `${keystore} is a Java key store, which only Java can read.`, {
      where: path,
      hint: 'Convert it with `keytool -importkeystore -deststoretype PKCS12` and name the new file.',
    });
  }
  return {
    ...(truststore === undefined ? {} : { ca: truststore }),
    ...(keystore === undefined ? {} : { pfx: keystore }),
    ...(passphrase === undefined ? {} : { passphrase }),
    ...(get('ssl.verify.host')?.toLowerCase() === 'false' ? { verifyHost: false } : {}),
  };
}
