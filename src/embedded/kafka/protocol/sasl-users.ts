import { createHash, createHmac, pbkdf2Sync, randomBytes, timingSafeEqual } from 'node:crypto';

export const saslMechanisms = ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'] as const;
export type SaslMechanism = (typeof saslMechanisms)[number];
export type ScramHash = 'sha256' | 'sha512';

export interface SaslOptions {
  /** Passwords by user name. */
  readonly users: Readonly<Record<string, string>>;
  /** All supported mechanisms by default. */
  readonly mechanisms?: readonly SaslMechanism[];
}

/** What a server stores of a password for SCRAM (RFC 5802). */
export interface ScramSecret {
  readonly salt: Buffer;
  readonly storedKey: Buffer;
  readonly serverKey: Buffer;
}

export const scramIterations = 4096;

/** The users of a broker. SCRAM secrets are derived when they are first needed. */
export class SaslUsers {
  readonly mechanisms: readonly SaslMechanism[];
  readonly #passwords: ReadonlyMap<string, string>;
  readonly #secrets = new Map<string, ScramSecret>();

  constructor(options: SaslOptions) {
    this.mechanisms = options.mechanisms ?? saslMechanisms;
    this.#passwords = new Map(Object.entries(options.users));
  }

  isPassword(user: string, password: string): boolean {
    // Compare digests so that timing reveals neither the length nor the content of the password.
    const digest = (text: string) => createHash('sha256').update(text).digest();
    const known = this.#passwords.get(user);
    return timingSafeEqual(digest(known ?? ''), digest(password)) && known !== undefined;
  }

  has(user: string): boolean {
    return this.#passwords.has(user);
  }

  secret(user: string, hash: ScramHash): ScramSecret {
    const key = `${hash} ${user}`;
    let secret = this.#secrets.get(key);
    if (secret === undefined) {
      // Unknown users get a random secret, so that the exchange does not reveal which users exist.
      const password = this.#passwords.get(user) ?? randomBytes(16).toString('hex');
      const salt = randomBytes(16);
      const salted = pbkdf2Sync(password, salt, scramIterations, hash === 'sha256' ? 32 : 64, hash);
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

export function hmac(hash: ScramHash, key: Buffer, text: string): Buffer {
  return createHmac(hash, key).update(text).digest();
}
