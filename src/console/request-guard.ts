import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import { bearerToken, isSameSecret } from '../http/bearer-token.js';

export interface GuardOptions {
  /** The address that the server listens on. */
  readonly host: string;
  /** Additional host names, such as that of a proxy. */
  readonly allowedHosts: readonly string[];
  /** If undefined, no token is required. Only for loopback addresses. */
  readonly token: string | undefined;
}

export interface Refusal {
  readonly status: 401 | 403 | 415 | 421;
  readonly code: string;
  readonly message: string;
}

const LOOPBACK: ReadonlySet<string> = new Set(['127.0.0.1', 'localhost', '::1']);

export function isLoopback(host: string): boolean {
  return LOOPBACK.has(host) || host.startsWith('127.');
}

/** Rejects requests from other sites, with unknown host names, or without the token. */
export class RequestGuard {
  readonly #options: GuardOptions;
  readonly #names: ReadonlySet<string>;
  /** The cookie value. The browser stores it instead of the token. */
  readonly #session = randomBytes(32).toString('base64url');

  constructor(options: GuardOptions) {
    this.#options = options;
    this.#names = new Set(
      [...LOOPBACK, options.host, ...options.allowedHosts].map((name) => name.toLowerCase()),
    );
  }

  get needsToken(): boolean {
    return this.#options.token !== undefined;
  }

  /**
   * Rejects unknown names in the Host header. They come from a page of another site whose name resolves to this server
   * (DNS rebinding). An IP address cannot be the name of another site, so it is allowed.
   */
  checkHost(request: IncomingMessage): Refusal | undefined {
    const name = hostName(request.headers.host);
    if (name !== undefined && this.#names.has(name)) return undefined;
    if (name !== undefined && isIP(name) !== 0 && !isLoopback(this.#options.host)) return undefined;
    return {
      status: 421,
      code: 'CONSOLE_HOST',
      message: 'Unknown host name. Start the console with --allow-host to add it.',
    };
  }

  /** Rejects API requests from pages of other sites. */
  checkApi(request: IncomingMessage): Refusal | undefined {
    const { origin, host } = request.headers;
    // https://www.w3.org/TR/fetch-metadata/: absent only in requests that no page sent, and in old browsers.
    const site = request.headers['sec-fetch-site'];
    const sameSite = site === undefined || site === 'same-origin' || site === 'none';
    const sameOrigin = origin === undefined || (host !== undefined && hostOf(origin) === host);
    if (!sameSite || !sameOrigin) {
      return { status: 403, code: 'CONSOLE_CROSS_SITE', message: 'Requests from other sites are rejected.' };
    }
    // A form cannot send this type. A script of another site needs a preflight, which fails.
    if (
      request.method === 'POST' &&
      !(request.headers['content-type'] ?? '').startsWith('application/json')
    ) {
      return { status: 415, code: 'CONSOLE_TYPE', message: 'Send application/json.' };
    }
    return undefined;
  }

  checkToken(request: IncomingMessage): Refusal | undefined {
    const { token } = this.#options;
    if (token === undefined) return undefined;
    const bearer = bearerToken(request);
    if (bearer !== undefined && isSameSecret(bearer, token)) return undefined;
    const cookie = /(?:^|;\s*)paystream_console=([^;]+)/.exec(request.headers.cookie ?? '')?.[1];
    if (cookie !== undefined && isSameSecret(cookie, this.#session)) return undefined;
    return { status: 401, code: 'CONSOLE_TOKEN', message: 'The token is missing or wrong.' };
  }

  /** Returns the cookie for a valid token. Undefined if the token is wrong. */
  cookieFor(token: string): string | undefined {
    if (this.#options.token === undefined || !isSameSecret(token, this.#options.token)) return undefined;
    return `paystream_console=${this.#session}; HttpOnly; SameSite=Strict; Path=/`;
  }
}

function hostOf(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined;
}

function hostName(host: string | undefined): string | undefined {
  if (host === undefined || !URL.canParse(`http://${host}`)) return undefined;
  return new URL(`http://${host}`).hostname.replace(/^\[|\]$/g, '').toLowerCase();
}
