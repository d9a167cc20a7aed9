import { readFileSync } from 'node:fs';
import * as oauth from 'oauth4webapi';
import type { KafkaConfig } from '../config/config.js';
import { PaystreamError } from '../errors/paystream-error.js';

type SaslConfig = NonNullable<KafkaConfig['sasl']>;

const REQUEST_TIMEOUT_MS = 5_000;
/** A token is renewed after this share of its lifetime. */
const RENEW_AFTER = 0.8;
/** Lifetime of a token when the endpoint does not state one. */
const DEFAULT_LIFETIME_S = 60;

function tokenFailed(where: string, message: string, cause?: unknown): PaystreamError {
  return new PaystreamError('KAFKA_UNAUTHORIZED', `Cannot get a token for Kafka: ${message}.`, {
    where,
    hint: 'Check the endpoint, client ID, secret and scope in kafka.sasl.oauth of paystream.yaml.',
    cause,
  });
}

/**
 * Requests a token with the client credentials grant (RFC 6749, section 4.4).
 *
 * @throws KAFKA_UNAUTHORIZED
 */
async function requestToken(
  settings: NonNullable<SaslConfig['oauth']>,
): Promise<oauth.TokenEndpointResponse> {
  const { tokenEndpoint, clientId, clientSecret = '', scope } = settings;
  const client = { client_id: clientId };
  try {
    const { origin, protocol } = new URL(tokenEndpoint);
    const server = { issuer: origin, token_endpoint: tokenEndpoint };
    const response = await oauth.clientCredentialsGrantRequest(
      server,
      client,
      oauth.ClientSecretBasic(clientSecret),
      scope === undefined ? {} : { scope },
      {
        signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
        // Only an endpoint that is configured as http: is asked without TLS.
        [oauth.allowInsecureRequests]: protocol === 'http:',
      },
    );
    if (!response.ok) throw tokenFailed(tokenEndpoint, `the endpoint answered ${response.status}`);
    return await oauth.processClientCredentialsResponse(server, client, response);
  } catch (error) {
    if (error instanceof PaystreamError) throw error;
    // fetch says only "fetch failed"; the reason is in its cause.
    const { message, cause } = error as Error;
    throw tokenFailed(tokenEndpoint, cause instanceof Error ? cause.message : message, error);
  }
}

/**
 * Returns a function that provides the token for OAUTHBEARER.
 *
 * A token file is read again each time, since another process may renew it. A token from an endpoint is cached for
 * 80% of its lifetime.
 */
export function createTokenSource(sasl: SaslConfig): () => Promise<string> {
  const { token, tokenPath, oauth: settings } = sasl;
  if (tokenPath !== undefined) return async () => readFileSync(tokenPath, 'utf8').trim();
  if (settings === undefined) return async () => token ?? '';
  let cached: { readonly value: string; readonly until: number } | undefined;
  return async () => {
    if (cached !== undefined && Date.now() < cached.until) return cached.value;
    const { access_token: value, expires_in: lifetime } = await requestToken(settings);
    cached = { value, until: Date.now() + (lifetime ?? DEFAULT_LIFETIME_S) * 1_000 * RENEW_AFTER };
    return value;
  };
}
