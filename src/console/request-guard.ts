import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';

export interface GuardOptions {
  /** The address that the server listens on. */
  readonly host: string;
  /** More names under which it may be asked for, such as that of a proxy. */
  readonly allowedHosts: readonly string[];
  /** Undefined: anybody who reaches it may use it. Only for loopback addresses. */
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

/** Decides which requests are answered at all. */
export class RequestGuard {
  readonly #options: GuardOptions;
  readonly #names: ReadonlySet<string>;
  /** Handed out for the token, so that the token itself is stored nowhere in the browser. */
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
   * Another name in Host is a page of another site whose name was pointed here (DNS rebinding). A number is the
   * address itself, which no other site can have for its name.
   */
  checkHost(request: IncomingMessage): Refusal | undefined {
    const name = hostName(request.headers.host);
    if (name !== undefined && this.#names.has(name)) return undefined;
    if (name !== undefined && isIP(name) !== 0 && !isLoopback(this.#options.host)) return undefined;
    return {
      status: 421,
      code: 'CONSOLE_HOST',
      message: 'This console is not known under this name. Start it with --allow-host to add one.',
    };
  }

  /** For everything but the page itself: no other site's page may ask, and only who has the token. */
  checkApi(request: IncomingMessage): Refusal | undefined {
    const { origin, host } = request.headers;
    // https://www.w3.org/TR/fetch-metadata/: absent only in requests that no page made, and in old browsers.
    const site = request.headers['sec-fetch-site'];
    const sameSite = site === undefined || site === 'same-origin' || site === 'none';
    const sameOrigin = origin === undefined || (host !== undefined && hostOf(origin) === host);
    if (!sameSite || !sameOrigin) {
      return { status: 403, code: 'CONSOLE_CROSS_SITE', message: 'Requests of other sites are refused.' };
    }
    // A form cannot send this type, and a script of another site only after a preflight that is not answered.
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
    const bearer = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1];
    if (bearer !== undefined && same(bearer, token)) return undefined;
    const cookie = /(?:^|;\s*)paystream_console=([^;]+)/.exec(request.headers.cookie ?? '')?.[1];
    if (cookie !== undefined && same(cookie, this.#session)) return undefined;
    return { status: 401, code: 'CONSOLE_TOKEN', message: 'The token is missing or wrong.' };
  }

  /** The cookie for who shows the token; undefined if it is wrong. */
  cookieFor(token: string): string | undefined {
    if (this.#options.token === undefined || !same(token, this.#options.token)) return undefined;
    return `paystream_console=${this.#session}; HttpOnly; SameSite=Strict; Path=/`;
  }
}

/** Takes the same time for every wrong text. */
function same(a: string, b: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}

function hostOf(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined;
}

function hostName(host: string | undefined): string | undefined {
  if (host === undefined || !URL.canParse(`http://${host}`)) return undefined;
  return new URL(`http://${host}`).hostname.replace(/^\[|\]$/g, '').toLowerCase();
}
