import { readFileSync } from 'node:fs';
import type { OauthbearerProviderResponse, SASLOptions } from 'kafkajs';
import type { KafkaConfig } from '../config/config.js';
import { PaystreamError } from '../errors/paystream-error.js';
import { createTokenSource } from './oauth-token.js';

/** What kafkajs needs to be let in, besides addresses. */
export interface KafkaConnection {
  readonly ssl?: boolean | Readonly<Record<string, unknown>>;
  readonly sasl?: SASLOptions;
}

function pem(path: string | undefined, key: string): string | undefined {
  if (path === undefined) return undefined;
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new PaystreamError(
      'CONFIG_TLS',
      `kafka.tls.${key}: the file cannot be read (${(cause as NodeJS.ErrnoException).code}).`,
      {
        where: path,
        hint: 'Check kafka.tls in paystream.yaml.',
        cause,
      },
    );
  }
}

function incomplete(what: string, hint: string): PaystreamError {
  return new PaystreamError('CONFIG_INVALID', `kafka.sasl ${what}.`, { hint });
}

function saslOf(sasl: NonNullable<KafkaConfig['sasl']>): SASLOptions {
  const { mechanism, username, password } = sasl;
  if (mechanism === 'oauthbearer') {
    if (sasl.token === undefined && sasl.oauth === undefined) {
      throw incomplete('needs a token', 'Set kafka.sasl.tokenFile, or kafka.sasl.oauth, in paystream.yaml.');
    }
    const source = createTokenSource(sasl);
    return {
      mechanism,
      oauthBearerProvider: async (): Promise<OauthbearerProviderResponse> => ({ value: await source() }),
    };
  }
  if (username === undefined || password === undefined) {
    throw incomplete(
      'needs a user name and a password',
      'Set kafka.sasl.username and kafka.sasl.passwordFile in paystream.yaml.',
    );
  }
  // One literal each: kafkajs' type has one for each mechanism.
  if (mechanism === 'plain') return { mechanism, username, password };
  if (mechanism === 'scram-sha-256') return { mechanism, username, password };
  return { mechanism, username, password };
}

/** Certificates and credentials as kafkajs takes them. Throws CONFIG_INVALID, CONFIG_TLS. */
export function kafkaConnectionOf({ ssl, tls, sasl }: KafkaConfig): KafkaConnection {
  return {
    ...(tls === undefined
      ? ssl === undefined
        ? {}
        : { ssl }
      : { ssl: { ca: pem(tls.ca, 'ca'), cert: pem(tls.cert, 'cert'), key: pem(tls.key, 'key') } }),
    ...(sasl === undefined ? {} : { sasl: saslOf(sasl) }),
  };
}
