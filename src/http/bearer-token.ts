import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** Returns the token of `Authorization: Bearer <token>`; undefined without one. The scheme ignores case (RFC 9110). */
export function bearerToken(request: IncomingMessage): string | undefined {
  return /^Bearer +(\S.*)$/i.exec(request.headers.authorization ?? '')?.[1]?.trim();
}

/** Compares hashes in constant time, so that timing reveals neither the secret nor its length. */
export function isSameSecret(given: string, secret: string): boolean {
  const hash = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(hash(given), hash(secret));
}
