import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { BrokerLog } from '../errors/broker-log.js';
import { errorCode } from '../errors/error-codes.js';
import {
  hmac,
  type SaslMechanism,
  type SaslUsers,
  type ScramHash,
  type ScramSecret,
  scramIterations,
} from './sasl-users.js';

export interface SaslStep {
  readonly code: number;
  readonly message: string | null;
  readonly answer: Buffer;
}

const nothing = Buffer.alloc(0);

/** The login of one connection: PLAIN (RFC 4616) or SCRAM (RFC 5802). Failed logins are logged. */
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

  /** The user who has logged in. */
  get user(): string | undefined {
    return this.#user;
  }

  /** After SaslHandshake 0, the client sends the login without request headers. */
  get expectsRawBytes(): boolean {
    return this.#isRaw && this.#user === undefined;
  }

  /** Whether the login has failed. The connection then accepts nothing more. */
  get isFailed(): boolean {
    return this.#isFailed;
  }

  /** Selects the mechanism. Returns an error code, or 0. */
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

  /** Handles one message of the client's login. */
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

  #scramFirst(bytes: Buffer, hash: ScramHash): SaslStep {
    const text = bytes.toString('utf8');
    const [binding, , ...bareParts] = text.split(',');
    const firstBare = bareParts.join(',');
    const fields = scramFields(firstBare);
    const user = fields.get('n')?.replaceAll('=2C', ',').replaceAll('=3D', '=');
    const clientNonce = fields.get('r');
    if ((binding !== 'n' && binding !== 'y') || user === undefined || clientNonce === undefined) {
      return this.#refuse('the first SCRAM message is malformed');
    }
    const serverNonce = randomBytes(18).toString('base64');
    const nonce = `${clientNonce}${serverNonce}`;
    const secret = this.#users.secret(user, hash);
    const serverFirst = `r=${nonce},s=${secret.salt.toString('base64')},i=${scramIterations}`;
    this.#scram = { user, secret, serverNonce, firstBare, serverFirst };
    return { code: 0, message: null, answer: Buffer.from(serverFirst) };
  }

  #scramFinal(bytes: Buffer, hash: ScramHash): SaslStep {
    const { user, secret, serverNonce, firstBare, serverFirst } = this.#scram!;
    const text = bytes.toString('utf8');
    const fields = scramFields(text);
    const proof = Buffer.from(fields.get('p') ?? '', 'base64');
    // Like Kafka, check only the server's part: older librdkafka repeats its own nonce. The proof covers everything.
    if (fields.get('r')?.endsWith(serverNonce) !== true || proof.length !== secret.storedKey.length) {
      return this.#refuse('the final SCRAM message does not match the first');
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

  /** Fails the login. Only the log contains the reason, not the response. */
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

function scramFields(text: string): Map<string, string> {
  return new Map(text.split(',').map((field) => [field.slice(0, 1), field.slice(2)]));
}
