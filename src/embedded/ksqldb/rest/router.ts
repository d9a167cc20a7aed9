import { messageOf } from '../errors.js';
import { errorCodes, genericError, RestError } from '../rest-error.js';
import { chooseMediaType, type MediaType } from './accept.js';
import type { Exchange } from './exchange.js';

export interface RouteMatch {
  /** The decoded values of the path's `:names`. */
  readonly params: Readonly<Record<string, string>>;
  /** The content type that the client and the route agreed on. */
  readonly mediaType: MediaType;
}

export interface Route {
  readonly method: 'GET' | 'POST';
  /** Segments that start with a colon match anything. */
  readonly path: string;
  /** Without it, the Accept header is ignored. */
  readonly produces?: readonly MediaType[];
  readonly handle: (exchange: Exchange, match: RouteMatch) => void | Promise<void>;
}

/** Finds the route for each request. Responds with 404, 405 and 406 like ksqlDB's web framework. */
export class Router {
  readonly #routes: readonly { readonly route: Route; readonly segments: readonly string[] }[];
  readonly #onError: (error: unknown, exchange: Exchange) => void;

  constructor(routes: readonly Route[], onError: (error: unknown, exchange: Exchange) => void) {
    this.#routes = routes.map((route) => ({ route, segments: route.path.split('/') }));
    this.#onError = onError;
  }

  async handle(exchange: Exchange): Promise<void> {
    const segments = exchange.path.split('/', 20);
    let status = 404;
    for (const { route, segments: pattern } of this.#routes) {
      const params = match(pattern, segments);
      if (params === undefined) continue;
      if (route.method !== exchange.method) {
        status = 405;
        continue;
      }
      const mediaType = route.produces === undefined ? '' : chooseMediaType(exchange.accept, route.produces);
      if (mediaType === undefined) {
        status = 406;
        continue;
      }
      await this.#run(route, exchange, { params, mediaType });
      return;
    }
    if (status !== 404) exchange.send(status, '');
    else
      exchange.send(404, '<html><body><h1>Resource not found</h1></body></html>', 'text/html; charset=utf-8');
  }

  async #run(route: Route, exchange: Exchange, found: RouteMatch): Promise<void> {
    try {
      await route.handle(exchange, found);
    } catch (error) {
      if (!(error instanceof RestError)) this.#onError(error, exchange);
      exchange.sendError(
        error instanceof RestError
          ? error
          : genericError(500, errorCodes.serverError, messageOf(error), error),
      );
    }
  }
}

function match(pattern: readonly string[], segments: readonly string[]): Record<string, string> | undefined {
  if (pattern.length !== segments.length) return undefined;
  const params: Record<string, string> = {};
  for (let i = 0; i < pattern.length; i++) {
    const wanted = pattern[i]!;
    const found = segments[i]!;
    if (wanted.startsWith(':')) params[wanted.slice(1)] = decoded(found);
    else if (wanted !== found) return undefined;
  }
  return params;
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
