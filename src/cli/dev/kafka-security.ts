import { readFileSync } from 'node:fs';
import { PaystreamError } from '../../errors/paystream-error.js';

interface SecurityFlags {
  readonly kafkaUsersFile?: string;
  readonly kafkaTlsCert?: string;
  readonly kafkaTlsKey?: string;
  readonly kafkaTlsCa?: string;
}

/** How the embedded broker is secured, and how this process's own clients get in. */
export interface KafkaSecurity {
  readonly server: {
    readonly kafkaUsers?: Readonly<Record<string, string>>;
    readonly kafkaTls?: { readonly cert: string; readonly key: string; readonly ca?: string };
  };
  readonly client: {
    readonly sasl?: { readonly mechanism: 'plain'; readonly username: string; readonly password: string };
    readonly ssl?: Readonly<Record<string, unknown>>;
  };
}

/** Reads the security flags of `paystream dev`, so that a service's own settings can be tried against it. */
export function kafkaSecurity(flags: SecurityFlags): KafkaSecurity {
  const { kafkaUsersFile, kafkaTlsCert, kafkaTlsKey, kafkaTlsCa } = flags;
  const users = kafkaUsersFile === undefined ? undefined : readUsers(kafkaUsersFile);
  const first = users === undefined ? undefined : Object.entries(users)[0];
  if ((kafkaTlsCert === undefined) !== (kafkaTlsKey === undefined)) {
    throw new PaystreamError('USAGE_TLS', 'Kafka over TLS needs a certificate and its key.', {
      hint: 'Give both --kafka-tls-cert and --kafka-tls-key.',
    });
  }
  const tls =
    kafkaTlsCert === undefined || kafkaTlsKey === undefined
      ? undefined
      : {
          cert: readFileSync(kafkaTlsCert, 'utf8'),
          key: readFileSync(kafkaTlsKey, 'utf8'),
          ...(kafkaTlsCa === undefined ? {} : { ca: readFileSync(kafkaTlsCa, 'utf8') }),
        };
  return {
    server: {
      ...(users === undefined ? {} : { kafkaUsers: users }),
      ...(tls === undefined ? {} : { kafkaTls: tls }),
    },
    client: {
      ...(first === undefined
        ? {}
        : { sasl: { mechanism: 'plain', username: first[0], password: first[1] } }),
      // The broker is in this very process: whose name is in its certificate does not matter to us.
      ...(tls === undefined ? {} : { ssl: { rejectUnauthorized: false, cert: tls.cert, key: tls.key } }),
    },
  };
}

function readUsers(file: string): Readonly<Record<string, string>> {
  const users = readFileSync(file, 'utf8')
    .split(/\r?\n/)
    .filter((line) => line.trim() !== '')
    .map((line, i) => {
      const colon = line.indexOf(':');
      if (colon < 1) {
        throw new PaystreamError('USAGE_USERS', 'A line of the users file is not `user:password`.', {
          where: `${file}:${i + 1}`,
        });
      }
      return [line.slice(0, colon).trim(), line.slice(colon + 1)] as const;
    });
  return Object.fromEntries(users);
}
