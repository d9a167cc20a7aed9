import { createHash, createHmac, pbkdf2Sync } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { errorCode } from '../errors/error-codes.js';
import { SaslSession } from './sasl-session.js';
import { type SaslMechanism, SaslUsers } from './sasl-users.js';

const FAILED = errorCode('SASL_AUTHENTICATION_FAILED');
const ILLEGAL = errorCode('ILLEGAL_SASL_STATE');

const log: string[] = [];
let session: SaslSession;

function start(mechanisms?: readonly SaslMechanism[]): SaslSession {
  const users = new SaslUsers({
    users: { app: 'secret', 'a,b=c': 'other' },
    ...(mechanisms === undefined ? {} : { mechanisms }),
  });
  return new SaslSession(users, (_level, text) => log.push(text), 'peer');
}

beforeEach(() => {
  log.length = 0;
  session = start();
});

const plain = (text: string) => session.authenticate(Buffer.from(text));

/** The client's side of SCRAM (RFC 5802). `change` may spoil the final message. */
function scram(
  mechanism: 'SCRAM-SHA-256' | 'SCRAM-SHA-512',
  user: string,
  password: string,
  change = (final: string) => final,
) {
  const hash = mechanism === 'SCRAM-SHA-256' ? 'sha256' : 'sha512';
  const hmac = (key: Buffer, text: string) => createHmac(hash, key).update(text).digest();
  expect(session.choose(mechanism, false)).toBe(0);
  const bare = `n=${user.replaceAll('=', '=3D').replaceAll(',', '=2C')},r=nonce`;
  const first = session.authenticate(Buffer.from(`n,,${bare}`));
  expect(first.code).toBe(0);
  const serverFirst = first.answer.toString();
  const [, nonce, salt, iterations] = /^r=(nonce.+),s=(.+),i=(\d+)$/.exec(serverFirst)!;
  const salted = pbkdf2Sync(
    password,
    Buffer.from(salt!, 'base64'),
    Number(iterations),
    hash === 'sha256' ? 32 : 64,
    hash,
  );
  const clientKey = hmac(salted, 'Client Key');
  const withoutProof = `c=biws,r=${nonce}`;
  const message = `${bare},${serverFirst},${withoutProof}`;
  const signature = hmac(createHash(hash).update(clientKey).digest(), message);
  const proof = Buffer.from(clientKey.map((byte, i) => byte ^ signature[i]!)).toString('base64');
  const final = session.authenticate(Buffer.from(change(`${withoutProof},p=${proof}`)));
  return { final, serverSignature: hmac(hmac(salted, 'Server Key'), message).toString('base64') };
}

describe('SaslHandshake', () => {
  it.each([
    ['an unknown mechanism', 'GSSAPI', undefined],
    ['a mechanism that is not enabled', 'PLAIN', ['SCRAM-SHA-256'] as const],
  ])('refuses %s and stays open for another', (_what, mechanism, enabled) => {
    session = start(enabled);
    expect(session.choose(mechanism, false)).toBe(errorCode('UNSUPPORTED_SASL_MECHANISM'));
    expect(session.choose('SCRAM-SHA-256', false)).toBe(0);
    expect(session.isFailed).toBe(false);
  });

  it('is refused after a successful login', () => {
    session.choose('PLAIN', false);
    plain('\0app\0secret');
    expect(session.choose('PLAIN', false)).toBe(ILLEGAL);
    expect(session.user).toBe('app');
  });

  it('of version 0 announces a login without request headers, until it has succeeded', () => {
    expect(session.expectsRawBytes).toBe(false);
    session.choose('PLAIN', true);
    expect(session.expectsRawBytes).toBe(true);
    plain('\0app\0secret');
    expect(session.expectsRawBytes).toBe(false);
  });
});

describe('PLAIN', () => {
  beforeEach(() => {
    session.choose('PLAIN', false);
  });

  it.each([
    ['user and password', '\0app\0secret', 0],
    ['the same authorization identity', 'app\0app\0secret', 0],
    ['another authorization identity', 'root\0app\0secret', FAILED],
    ['a wrong password', '\0app\0wrong', FAILED],
    ['an empty password', '\0app\0', FAILED],
    ['an unknown user', '\0nobody\0secret', FAILED],
    ['an unknown user with an empty password', '\0nobody\0', FAILED],
    ['too few fields', 'app', FAILED],
    ['too many fields', '\0app\0secret\0', FAILED],
  ])('with %s', (_what, message, code) => {
    expect(plain(message).code).toBe(code);
    expect(session.user).toBe(code === 0 ? 'app' : undefined);
    expect(session.isFailed).toBe(code !== 0);
  });

  it('tells the client nothing about the reason, and the log no password', () => {
    const replies = ['\0app\0wrong', '\0nobody\0wrong'].map((message) => {
      session = start();
      session.choose('PLAIN', false);
      return plain(message).message;
    });
    expect(new Set(replies).size).toBe(1);
    expect(log).toHaveLength(2);
    expect(log.join()).not.toMatch(/\0|secret/);
  });

  it('accepts nothing more after a failure', () => {
    plain('\0app\0wrong');
    expect(plain('\0app\0secret').code).toBe(ILLEGAL);
    expect(session.user).toBeUndefined();
  });
});

describe.each(['SCRAM-SHA-256', 'SCRAM-SHA-512'] as const)('%s', (mechanism) => {
  it.each([
    ['app', 'secret'],
    ['a,b=c', 'other'],
  ])('logs %s in and proves that the server knows the password', (user, password) => {
    const { final, serverSignature } = scram(mechanism, user, password);
    expect(final).toMatchObject({ code: 0, message: null });
    expect(final.answer.toString()).toBe(`v=${serverSignature}`);
    expect(session.user).toBe(user);
  });

  it.each([
    ['a wrong password', 'app', 'wrong', undefined],
    ['an unknown user, only in the last step', 'nobody', 'secret', undefined],
    ['another nonce', 'app', 'secret', (final: string) => final.replace(/r=[^,]+/, 'r=nonce')],
    ['a proof of another length', 'app', 'secret', (final: string) => final.replace(/p=.*/, 'p=AAAA')],
    ['no proof', 'app', 'secret', (final: string) => final.replace(/,p=.*/, '')],
    ['a changed binding', 'app', 'secret', (final: string) => final.replace('biws', 'eSws')],
  ])('refuses %s', (_what, user, password, change) => {
    expect(scram(mechanism, user, password, change).final.code).toBe(FAILED);
    expect(session).toMatchObject({ user: undefined, isFailed: true });
  });

  it.each([
    ['channel binding', 'p=tls-unique,,n=app,r=nonce'],
    ['no user', 'n,,r=nonce'],
    ['no nonce', 'n,,n=app'],
    ['noise', '\u0000'],
  ])('refuses a first message with %s', (_what, message) => {
    session.choose(mechanism, false);
    expect(session.authenticate(Buffer.from(message)).code).toBe(FAILED);
  });
});

it('authentication before the handshake is illegal', () => {
  expect(plain('\0app\0secret').code).toBe(ILLEGAL);
});
