import { describe, expect, it } from 'vitest';
import { errorChain } from './error-chain.js';
import { tlsFailure } from './tls-failure.js';

const withCode = (code: string) => Object.assign(new Error(`failed with ${code}`), { code });

describe('tlsFailure', () => {
  it.each([
    'CERT_HAS_EXPIRED',
    'ERR_TLS_CERT_ALTNAME_INVALID',
    'DEPTH_ZERO_SELF_SIGNED_CERT',
    'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED',
    'ERR_SSL_WRONG_VERSION_NUMBER',
    'EPROTO',
    'CRL_HAS_EXPIRED',
  ])('recognizes %s', (code) => {
    const error = withCode(code);
    expect(tlsFailure(error)).toBe(error);
    expect(tlsFailure(new Error('outer', { cause: new Error('middle', { cause: error }) }))).toBe(error);
  });

  it.each(['ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT', 'ENOTFOUND', '08P01'])('ignores %s', (code) => {
    expect(tlsFailure(withCode(code))).toBeUndefined();
  });

  it.each([[undefined], [null], ['text'], [{ code: 7 }]])('ignores %j', (error) => {
    expect(tlsFailure(error)).toBeUndefined();
  });
});

describe('errorChain', () => {
  it('follows originalError where there is no cause', () => {
    const inner = new Error('inner');
    const outer = Object.assign(new Error('outer'), { originalError: inner });
    expect(errorChain(outer)).toEqual([outer, inner]);
  });

  it('ends on a circular chain', () => {
    const error: Error & { cause?: unknown } = new Error('circular');
    error.cause = error;
    expect(errorChain(error)).toHaveLength(8);
  });
});
