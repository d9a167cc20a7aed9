import { readFileSync } from 'node:fs';
import type { KafkaConfig } from '../config/config.js';
import { PaystreamError } from '../errors/paystream-error.js';

const ANSWER_WITHIN_MS = 5_000;
/** Renewed when this share of its life is over. */
const RENEW_AT = 0.8;

interface TokenAnswer {
  readonly access_token?: unknown;
  readonly expires_in?: unknown;
}

function failed(where: string, message: string, cause?: unknown): PaystreamError {
  return new PaystreamError('KAFKA_UNAUTHORIZED', `No token for Kafka: ${message}.`, {
    where,
    hint: 'Check kafka.sasl.oauth in paystream.yaml: endpoint, client, secret and scope.',
    cause,
  });
}

/**
 * Gives the token for OAUTHBEARER: as configured, from its file (read again each time, since it may be renewed by
 * others), or by the client credentials grant (RFC 6749, section 4.4), kept until most of its life is over.
 */
export function createTokenSource(sasl: NonNullable<KafkaConfig['sasl']>): () => Promise<string> {
  const { token, tokenPath, oauth } = sasl;
  if (tokenPath !== undefined) return async () => readFileSync(tokenPath, 'utf8').trim();
  if (oauth === undefined) return async () => token ?? '';
  let kept: { readonly value: string; readonly until: number } | undefined;
  return async () => {
    if (kept !== undefined && Date.now() < kept.until) return kept.value;
    let response: Response;
    try {
      response = await fetch(oauth.tokenEndpoint, {
        method: 'POST',
        headers: {
          authorization: `Basic ${Buffer.from(
            `${encodeURIComponent(oauth.clientId)}:${encodeURIComponent(oauth.clientSecret)}`,
          ).toString('base64')}`,
          accept: 'application/json',
        },
        body: new URLSearchParams({
          grant_type: 'client_credentials',
          ...(oauth.scope === undefined ? {} : { scope: oauth.scope }),
        }),
        signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
      });
    } catch (cause) {
      const { message, cause: inner } = cause as Error;
      throw failed(oauth.tokenEndpoint, inner instanceof Error ? inner.message : message, cause);
    }
    if (!response.ok) throw failed(oauth.tokenEndpoint, `the endpoint answered ${response.status}`);
    const { access_token: value, expires_in: seconds } = (await response.json()) as TokenAnswer;
    if (typeof value !== 'string') throw failed(oauth.tokenEndpoint, 'the answer has no access_token');
    const lifeMs = (typeof seconds === 'number' ? seconds : 60) * 1_000;
    kept = { value, until: Date.now() + lifeMs * RENEW_AT };
    return value;
  };
}
