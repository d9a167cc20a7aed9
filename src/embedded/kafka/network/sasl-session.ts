import { createHash, createHmac, pbkdf2Sync, randomBytes, timingSafeEqual } from 'node:crypto';
import type { BrokerLog } from '../protocol/api.js';
import { errorCode } from '../protocol/error-codes.js';

export const saslMechanisms = ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'] as const;
export type SaslMechanism = (typeof saslMechanisms)[number];

export interface SaslOptions {
  /** Passwords by user name. */
  readonly users: Readonly<Record<string, string>>;
  /** Default: all that this broker knows. */
  readonly mechanisms?: readonly SaslMechanism[];
}

export interface SaslStep {
  readonly code: number;
  readonly message: string | null;
  readonly answer: Buffer;
}

const iterations = 4096;
const nothing = Buffer.alloc(0);

/** What a server keeps of a password for SCRAM (RFC 5802). */
interface ScramSecret {
  readonly salt: Buffer;
  readonly storedKey: Buffer;
  readonly serverKey: Buffer;
}

/** The users of a broker, with their SCRAM secrets once they were needed. */
export class SaslUsers {
  readonly mechanisms: readonly SaslMechanism[];
  readonly #passwords: ReadonlyMap<string, string>;
  readonly #secrets = new Map<string, ScramSecret>();

  constructor(options: SaslOptions) {
    this.mechanisms = options.mechanisms ?? saslMechanisms;
    this.#passwords = new Map(Object.entries(options.users));
  }

  isPassword(user: string, password: string): boolean {
    // Compared as digests, so that neither length nor content shows in the time it takes.
    const digest = (text: string) => createHash('sha256').update(text).digest();
    const known = this.#passwords.get(user);
    return timingSafeEqual(digest(known ?? ''), digest(password)) && known !== undefined;
  }

  has(user: string): boolean {
    return this.#passwords.has(user);
  }

  secret(user: string, hash: 'sha256' | 'sha512'): ScramSecret {
    const key = `${hash} ${user}`;
    let secret = this.#secrets.get(key);
    if (secret === undefined) {
      // Unknown users get a secret as well: whether a user exists shows only at the end, as a wrong password.
      const password = this.#passwords.get(user) ?? randomBytes(16).toString('hex');
      const salt = randomBytes(16);
      const salted = pbkdf2Sync(password, salt, iterations, hash === 'sha256' ? 32 : 64, hash);
      const clientKey = hmac(hash, salted, 'Client Key');
      secret = {
        salt,
        storedKey: createHash(hash).update(clientKey).digest(),
        serverKey: hmac(hash, salted, 'Server Key'),
      };
      if (this.#passwords.has(user)) this.#secrets.set(key, secret);
    }
    return secret;
  }
}

/** The login of one connection: PLAIN (RFC 4616) or SCRAM (RFC 5802). Refused logins are told to the log. */
export class SaslSession {
  readonly #users: SaslUsers;
  readonly #log: BrokerLog;
  readonly #peer: string;
  #mechanism: SaslMechanism | undefined;
  #scram:
    | { user: string; secret: ScramSecret; serverNonce: string; firstBare: string; serverFirst: string }
    | undefined;
  #user: string | undefined;
  #isRaw = false;
  #isFailed = false;

  constructor(users: SaslUsers, log: BrokerLog, peer: string) {
    this.#users = users;
    this.#log = log;
    this.#peer = peer;
  }

  get mechanisms(): readonly SaslMechanism[] {
    return this.#users.mechanisms;
  }

  /** Who has logged in. */
  get user(): string | undefined {
    return this.#user;
  }

  /** After SaslHandshake 0 the login's bytes come without request headers. */
  get expectsRawBytes(): boolean {
    return this.#isRaw && this.#user === undefined;
  }

  /** Nothing more is accepted on this connection. */
  get isFailed(): boolean {
    return this.#isFailed;
  }

  /** Returns the error code. */
  choose(mechanism: string, isRaw: boolean): number {
    const known = this.mechanisms.find((name) => name === mechanism);
    if (known === undefined) {
      this.#log('warn', `Login from ${this.#peer} refused: the mechanism ${mechanism} is not enabled`);
      return errorCode('UNSUPPORTED_SASL_MECHANISM');
    }
    if (this.#user !== undefined) return errorCode('ILLEGAL_SASL_STATE');
    this.#mechanism = known;
    this.#isRaw = isRaw;
    return 0;
  }

  authenticate(bytes: Buffer): SaslStep {
    if (this.#mechanism === undefined || this.#user !== undefined || this.#isFailed) {
      return { code: errorCode('ILLEGAL_SASL_STATE'), message: 'SaslHandshake comes first', answer: nothing };
    }
    if (this.#mechanism === 'PLAIN') return this.#plain(bytes);
    const hash = this.#mechanism === 'SCRAM-SHA-256' ? 'sha256' : 'sha512';
    return this.#scram === undefined ? this.#scramFirst(bytes, hash) : this.#scramFinal(bytes, hash);
  }

  #plain(bytes: Buffer): SaslStep {
    const [authorization, user, password, ...rest] = bytes.toString('utf8').split('\0');
    if (user === undefined || password === undefined || rest.length > 0) {
      return this.#refuse('the PLAIN message does not have three parts');
    }
    if (authorization !== '' && authorization !== user) {
      return this.#refuse(`${user} may not act as ${authorization}`);
    }
    if (!this.#users.isPassword(user, password)) return this.#refuseUser(user);
    return this.#accept(user, nothing);
  }

  #scramFirst(bytes: Buffer, hash: 'sha256' | 'sha512'): SaslStep {
    const text = bytes.toString('utf8');
    const [binding, , ...bareParts] = text.split(',');
    const firstBare = bareParts.join(',');
    const fields = scramFields(firstBare);
    const user = fields.get('n')?.replaceAll('=2C', ',').replaceAll('=3D', '=');
    const clientNonce = fields.get('r');
    if ((binding !== 'n' && binding !== 'y') || user === undefined || clientNonce === undefined) {
      return this.#refuse('the first SCRAM message cannot be read');
    }
    const serverNonce = randomBytes(18).toString('base64');
    const nonce = `${clientNonce}${serverNonce}`;
    const secret = this.#users.secret(user, hash);
    const serverFirst = `r=${nonce},s=${secret.salt.toString('base64')},i=${iterations}`;
    this.#scram = { user, secret, serverNonce, firstBare, serverFirst };
    return { code: 0, message: null, answer: Buffer.from(serverFirst) };
  }

  #scramFinal(bytes: Buffer, hash: 'sha256' | 'sha512'): SaslStep {
    const { user, secret, serverNonce, firstBare, serverFirst } = this.#scram!;
    const text = bytes.toString('utf8');
    const fields = scramFields(text);
    const proof = Buffer.from(fields.get('p') ?? '', 'base64');
    // Older librdkafka repeats its own nonce; Kafka looks at the server's part as well. The proof covers all.
    if (fields.get('r')?.endsWith(serverNonce) !== true || proof.length !== secret.storedKey.length) {
      return this.#refuse('the final SCRAM message does not belong to the first');
    }
    const message = `${firstBare},${serverFirst},${text.slice(0, text.lastIndexOf(',p='))}`;
    const signature = hmac(hash, secret.storedKey, message);
    const clientKey = Buffer.alloc(proof.length);
    for (let i = 0; i < proof.length; i++) clientKey[i] = proof[i]! ^ signature[i]!;
    const isRight = timingSafeEqual(createHash(hash).update(clientKey).digest(), secret.storedKey);
    if (!isRight || !this.#users.has(user)) return this.#refuseUser(user);
    return this.#accept(user, Buffer.from(`v=${hmac(hash, secret.serverKey, message).toString('base64')}`));
  }

  #accept(user: string, answer: Buffer): SaslStep {
    this.#user = user;
    return { code: 0, message: null, answer };
  }

  #refuseUser(user: string): SaslStep {
    return this.#refuse(this.#users.has(user) ? `wrong password for user ${user}` : `unknown user ${user}`);
  }

  /** The log says why; the client only learns that it failed. */
  #refuse(why: string): SaslStep {
    this.#isFailed = true;
    this.#log('warn', `Login from ${this.#peer} refused (${this.#mechanism}): ${why}`);
    return {
      code: errorCode('SASL_AUTHENTICATION_FAILED'),
      message: 'Authentication failed: Invalid username or password',
      answer: nothing,
    };
  }
}

function hmac(hash: 'sha256' | 'sha512', key: Buffer, text: string): Buffer {
  return createHmac(hash, key).update(text).digest();
}

function scramFields(text: string): Map<string, string> {
  return new Map(text.split(',').map((field) => [field.slice(0, 1), field.slice(2)]));
}
