import { Kafka, logLevel } from 'kafkajs';
import { PaystreamError } from '../errors/paystream-error.js';
import type { KafkaConnection } from './kafka-connection.js';

interface ErrorLike {
  readonly name?: string;
  readonly code?: unknown;
  readonly message?: string;
  readonly cause?: unknown;
  readonly originalError?: unknown;
}

function chain(error: unknown): readonly ErrorLike[] {
  const errors: ErrorLike[] = [];
  for (
    let next = error as ErrorLike | undefined;
    next !== undefined && next !== null && errors.length < 8;
  ) {
    errors.push(next);
    next = (next.cause ?? next.originalError) as ErrorLike | undefined;
  }
  return errors;
}

// https://nodejs.org/api/errors.html#openssl-error-codes, and what OpenSSL says of a peer that sends an alert.
const tlsCode = /CERT|ALTNAME|SELF_SIGNED|UNABLE_TO|^ERR_SSL|^ERR_TLS|^EPROTO|^CRL_/;

/** Says whether Kafka will not let us in, now or ever; undefined for what may pass. */
export function refusalOf(error: unknown, where: string): PaystreamError | undefined {
  for (const link of chain(error)) {
    if (link instanceof PaystreamError) return link;
    const code = typeof link.code === 'string' ? link.code : '';
    if (tlsCode.test(code)) {
      return new PaystreamError('KAFKA_TLS', `The TLS connection to Kafka failed: ${link.message ?? code}.`, {
        where,
        hint: 'Check kafka.tls in paystream.yaml: the CA, the client certificate, their dates, and that the address is in the broker’s certificate.',
        cause: error,
      });
    }
    if (link.name?.startsWith('KafkaJSSASLAuthentication') === true) {
      return new PaystreamError('KAFKA_UNAUTHORIZED', `Kafka refused the login: ${link.message}.`, {
        where,
        hint: 'Check kafka.sasl in paystream.yaml: mechanism, user name and password.',
        cause: error,
      });
    }
  }
  return undefined;
}

/**
 * Tries the way in once, before anything runs: certificates and credentials that are wrong end the command at once
 * with what is wrong. Brokers that do not answer are no error here: they are waited for.
 *
 * @throws KAFKA_TLS, KAFKA_UNAUTHORIZED
 */
export async function checkKafkaAccess(
  brokers: readonly string[],
  connection: KafkaConnection,
): Promise<void> {
  if (connection.ssl === undefined && connection.sasl === undefined) return;
  const admin = new Kafka({
    clientId: 'paystream-preflight',
    brokers: [...brokers],
    logLevel: logLevel.NOTHING,
    connectionTimeout: 3_000,
    authenticationTimeout: 5_000,
    retry: { retries: 0 },
    ...connection,
  }).admin();
  try {
    await admin.connect();
  } catch (error) {
    const refusal = refusalOf(error, brokers.join(','));
    if (refusal !== undefined) throw refusal;
  } finally {
    await admin.disconnect().catch(() => undefined);
  }
}
