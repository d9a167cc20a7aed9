import { type ErrorLink, errorChain } from '../errors/error-chain.js';
import { PaystreamError } from '../errors/paystream-error.js';
import { tlsFailure } from '../errors/tls-failure.js';

/**
 * What an error from Kafka means.
 *
 * - `login`: the broker rejected the credentials
 * - `forbidden`: a request that no retry can make succeed: missing ACLs, an invalid group, an unknown codec
 * - `tls`: the handshake failed or a certificate was rejected
 * - `missing-topic`: the topic does not exist yet
 * - `unreachable`: no broker answers
 * - `other`: anything else, which may be temporary
 */
export type KafkaFailure = 'login' | 'forbidden' | 'tls' | 'missing-topic' | 'unreachable' | 'other';

/** Failures by the name of Kafka's error code or of kafkajs' error class, the most specific first. */
const failures: readonly (readonly [KafkaFailure, readonly string[]])[] = [
  [
    'login',
    [
      'KafkaJSSASLAuthenticationError',
      'SASL_AUTHENTICATION_FAILED',
      'ILLEGAL_SASL_STATE',
      'UNSUPPORTED_SASL_MECHANISM',
    ],
  ],
  [
    'forbidden',
    [
      'KafkaJSNotImplemented',
      'TOPIC_AUTHORIZATION_FAILED',
      'GROUP_AUTHORIZATION_FAILED',
      'CLUSTER_AUTHORIZATION_FAILED',
      'INVALID_GROUP_ID',
    ],
  ],
  ['missing-topic', ['UNKNOWN_TOPIC_OR_PARTITION']],
  [
    'unreachable',
    [
      'KafkaJSConnectionError',
      'KafkaJSConnectionClosedError',
      'KafkaJSRequestTimeoutError',
      'KafkaJSBrokerNotFound',
    ],
  ],
];

function isNamed({ name, type }: ErrorLink, names: readonly string[]): boolean {
  return (name !== undefined && names.includes(name)) || (type !== undefined && names.includes(type));
}

/** Classifies an error by itself and its causes. */
export function classifyKafkaError(error: unknown): KafkaFailure {
  const chain = errorChain(error);
  for (const [failure, names] of failures) {
    if (!chain.some((link) => isNamed(link, names))) continue;
    // kafkajs wraps a rejected certificate in a connection error, but waiting does not fix it.
    return failure === 'unreachable' && tlsFailure(error) !== undefined ? 'tls' : failure;
  }
  return tlsFailure(error) === undefined ? 'other' : 'tls';
}

/**
 * Turns an error into what to tell the user when Kafka refuses TLS or the credentials.
 *
 * @param where the addresses of the brokers
 * @returns undefined for an error that may be temporary
 */
export function accessError(error: unknown, where: string): PaystreamError | undefined {
  const chain = errorChain(error);
  const known = chain.find((link) => link instanceof PaystreamError);
  if (known instanceof PaystreamError) return known;
  const tls = tlsFailure(error);
  if (tls !== undefined) {
    return new PaystreamError('KAFKA_TLS', `The TLS connection to Kafka failed: ${tls.message}.`, {
      where,
      hint: 'Check kafka.tls in paystream.yaml: the CA, the client certificate, the expiry dates, and whether the broker’s certificate contains its address.',
      cause: error,
    });
  }
  if (classifyKafkaError(error) !== 'login') return undefined;
  const login = chain.find(({ name }) => name === 'KafkaJSSASLAuthenticationError') ?? chain[0];
  return new PaystreamError('KAFKA_UNAUTHORIZED', `Kafka refused the login: ${login?.message}.`, {
    where,
    hint: 'Check the mechanism, user name and password in kafka.sasl of paystream.yaml.',
    cause: error,
  });
}
