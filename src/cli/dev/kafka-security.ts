import { readFileSync } from 'node:fs';
import { readTlsFile } from '../../config/tls-file.js';
import { PaystreamError } from '../../errors/paystream-error.js';
import type { KafkaConnection } from '../../kafka/connection.js';

interface SecurityFlags {
  readonly kafkaUsersFile?: string;
  readonly kafkaTlsCert?: string;
  readonly kafkaTlsKey?: string;
  readonly kafkaTlsCa?: string;
}

/** How the embedded broker is secured, and the credentials of this process's own clients. */
export interface KafkaSecurity {
  readonly server: {
    readonly kafkaUsers?: Readonly<Record<string, string>>;
    readonly kafkaTls?: { readonly cert: string; readonly key: string; readonly ca?: string };
  };
  readonly client: Omit<KafkaConnection, 'brokers'>;
}

/** Reads the security flags of `paystream dev`, which let a service test its Kafka credentials against it. */
export function kafkaSecurity(flags: SecurityFlags): KafkaSecurity {
  const { kafkaUsersFile, kafkaTlsCert, kafkaTlsKey, kafkaTlsCa } = flags;
  const users = kafkaUsersFile === undefined ? undefined : readUsers(kafkaUsersFile);
  const first = users === undefined ? undefined : Object.entries(users)[0];
  if ((kafkaTlsCert === undefined) !== (kafkaTlsKey === undefined)) {
    throw new PaystreamError('USAGE_TLS', 'Kafka over TLS needs a certificate and a key.', {
      hint: 'Set both --kafka-tls-cert and --kafka-tls-key.',
    });
  }
  const tls =
    kafkaTlsCert === undefined || kafkaTlsKey === undefined
      ? undefined
      : {
          cert: readPem(kafkaTlsCert, '--kafka-tls-cert'),
          key: readPem(kafkaTlsKey, '--kafka-tls-key'),
          ca: kafkaTlsCa === undefined ? undefined : readPem(kafkaTlsCa, '--kafka-tls-ca'),
        };
  return {
    server: { kafkaUsers: users, kafkaTls: tls },
    client: {
      sasl: first === undefined ? undefined : { mechanism: 'plain', username: first[0], password: first[1] },
      // The broker runs in this process, so the name in its certificate does not matter.
      ssl: tls === undefined ? undefined : { rejectUnauthorized: false, cert: tls.cert, key: tls.key },
    },
  };
}

function readPem(path: string, flag: string): string {
  return readTlsFile(path, flag).toString('utf8');
}

function readUsers(file: string): Readonly<Record<string, string>> {
  const users = readFileSync(file, 'utf8')
    .split(/\r?\n/)
    .filter((line) => line.trim() !== '')
    .map((line, i) => {
      const colon = line.indexOf(':');
      if (colon < 1) {
        throw new PaystreamError('USAGE_USERS', 'A line in the users file is not `user:password`.', {
          where: `${file}:${i + 1}`,
          hint: 'Put one `user:password` on each line.',
        });
      }
      return [line.slice(0, colon).trim(), line.slice(colon + 1)] as const;
    });
  return Object.fromEntries(users);
}
