import type { KafkaConfig } from '../config/config.js';
import { readPemFiles } from '../config/tls-file.js';
import { PaystreamError } from '../errors/paystream-error.js';
import { createTokenSource } from './oauth-token.js';

/** How a client logs in. */
export type KafkaLogin =
  | {
      readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
      readonly username: string;
      readonly password: string;
    }
  | {
      readonly mechanism: 'oauthbearer';
      /** Called at each login. */
      readonly token: () => Promise<string>;
    };

/** The addresses of the brokers and the credentials for them. */
export interface KafkaConnection {
  /** `host:port` of each bootstrap broker. */
  readonly brokers: readonly string[];
  /** TLS: true to trust the system's certificate authorities, or options of Node's `tls.connect`. */
  readonly ssl?: boolean | Readonly<Record<string, unknown>>;
  readonly sasl?: KafkaLogin;
}

function incomplete(what: string, hint: string): PaystreamError {
  return new PaystreamError('CONFIG_INVALID', `kafka.sasl ${what}.`, { hint });
}

function loginOf(sasl: NonNullable<KafkaConfig['sasl']>): KafkaLogin {
  const { mechanism, username, password } = sasl;
  if (mechanism === 'oauthbearer') {
    if (sasl.token === undefined && sasl.oauth === undefined) {
      throw incomplete('needs a token', 'Set kafka.sasl.tokenFile or kafka.sasl.oauth in paystream.yaml.');
    }
    return { mechanism, token: createTokenSource(sasl) };
  }
  if (username === undefined || password === undefined) {
    throw incomplete(
      'needs a user name and a password',
      'Set kafka.sasl.username and kafka.sasl.passwordFile in paystream.yaml.',
    );
  }
  return { mechanism, username, password };
}

/**
 * Reads the certificates and credentials that the configuration names.
 *
 * @throws CONFIG_INVALID when the credentials are incomplete, CONFIG_TLS when a certificate cannot be read
 */
export function kafkaConnectionOf({ brokers, ssl, tls, sasl }: KafkaConfig): KafkaConnection {
  const encryption = tls === undefined ? ssl : readPemFiles(tls, 'kafka.tls');
  return {
    brokers,
    ...(encryption === undefined ? {} : { ssl: encryption }),
    ...(sasl === undefined ? {} : { sasl: loginOf(sasl) }),
  };
}
