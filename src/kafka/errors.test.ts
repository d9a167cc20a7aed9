import { describe, expect, it } from 'vitest';
import { PaystreamError } from '../errors/paystream-error.js';
import { accessError, classifyKafkaError, type KafkaFailure } from './errors.js';

function kafkaError(fields: { name?: string; type?: string; code?: unknown; cause?: unknown }): Error {
  return Object.assign(new Error('from the broker'), fields);
}
const wrapped = (cause: unknown) => kafkaError({ name: 'KafkaJSNumberOfRetriesExceeded', cause });
const expired = Object.assign(new Error('certificate has expired'), { code: 'CERT_HAS_EXPIRED' });

describe('classifyKafkaError', () => {
  it.each<[KafkaFailure, Error]>([
    ['login', kafkaError({ name: 'KafkaJSSASLAuthenticationError' })],
    ['login', kafkaError({ name: 'KafkaJSProtocolError', type: 'SASL_AUTHENTICATION_FAILED' })],
    ['login', kafkaError({ name: 'KafkaJSProtocolError', type: 'UNSUPPORTED_SASL_MECHANISM' })],
    ['forbidden', kafkaError({ name: 'KafkaJSProtocolError', type: 'TOPIC_AUTHORIZATION_FAILED' })],
    ['forbidden', kafkaError({ name: 'KafkaJSProtocolError', type: 'GROUP_AUTHORIZATION_FAILED' })],
    ['forbidden', kafkaError({ name: 'KafkaJSNotImplemented' })],
    ['missing-topic', kafkaError({ name: 'KafkaJSProtocolError', type: 'UNKNOWN_TOPIC_OR_PARTITION' })],
    ['unreachable', kafkaError({ name: 'KafkaJSConnectionError', code: 'ECONNREFUSED' })],
    ['unreachable', kafkaError({ name: 'KafkaJSConnectionClosedError' })],
    ['unreachable', kafkaError({ name: 'KafkaJSRequestTimeoutError' })],
    ['unreachable', kafkaError({ name: 'KafkaJSBrokerNotFound' })],
    ['tls', kafkaError({ name: 'KafkaJSConnectionError', cause: expired })],
    ['tls', kafkaError({ name: 'KafkaJSConnectionError', code: 'EPROTO' })],
    ['other', kafkaError({ name: 'KafkaJSProtocolError', type: 'NOT_COORDINATOR_FOR_GROUP' })],
    ['other', new Error('anything else')],
  ])('classifies as %s: %o', (failure, error) => {
    expect(classifyKafkaError(error)).toBe(failure);
    expect(classifyKafkaError(wrapped(wrapped(error)))).toBe(failure);
  });

  it('classifies a value that is not an error as other', () => {
    for (const value of [undefined, null, 'text', 7]) expect(classifyKafkaError(value)).toBe('other');
  });
});

describe('accessError', () => {
  it('reports a rejected certificate with its own message', () => {
    const error = accessError(
      wrapped(kafkaError({ name: 'KafkaJSConnectionError', cause: expired })),
      'b:9092',
    );
    expect(error).toMatchObject({ code: 'KAFKA_TLS', where: 'b:9092' });
    expect(error?.message).toContain('certificate has expired');
  });

  it('reports rejected credentials with the message of the broker', () => {
    const login = Object.assign(new Error('invalid password'), { name: 'KafkaJSSASLAuthenticationError' });
    const error = accessError(wrapped(login), 'b:9092');
    expect(error).toMatchObject({ code: 'KAFKA_UNAUTHORIZED', where: 'b:9092' });
    expect(error?.message).toContain('invalid password');
  });

  it('returns a Paystream error from the chain unchanged', () => {
    const own = new PaystreamError('KAFKA_UNAUTHORIZED', 'Cannot get a token for Kafka.');
    expect(accessError(wrapped(own), 'b:9092')).toBe(own);
  });

  it('returns nothing for an unreachable broker', () => {
    const refused = kafkaError({ name: 'KafkaJSConnectionError', code: 'ECONNREFUSED' });
    expect(accessError(wrapped(refused), 'b:9092')).toBeUndefined();
  });
});
