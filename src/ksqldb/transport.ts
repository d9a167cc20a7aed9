import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { Readable } from 'node:stream';
import type { AxiosError, AxiosInstance, AxiosRequestConfig } from 'axios';
import { readTlsFile } from '../config/tls-file.js';
import { tlsFailure } from '../errors/tls-failure.js';
import { axios } from './axios.js';
import { type ExactJson, parseExact, plain } from './exact-json.js';
import { KsqldbError } from './ksqldb-error.js';

/** How to reach a ksqlDB server. */
export interface KsqldbConnection {
  /** `http://host:8088` or `https://...`. */
  readonly url: string;
  readonly username?: string;
  readonly password?: string;
  /** A bearer token, as an alternative to user and password. */
  readonly token?: string;
  /** Paths of PEM files. */
  readonly tls?: {
    readonly ca?: string;
    readonly cert?: string;
    readonly key?: string;
    /** Path of a PKCS #12 file with certificate and key. */
    readonly pfx?: string;
    readonly passphrase?: string;
    /** Set to false to accept certificates for another host name. */
    readonly verifyHost?: boolean;
  };
  /** The timeout until a response begins, in milliseconds (default: 30 s). */
  readonly timeoutMs?: number;
}

export interface RequestOptions {
  /** The timeout until the response is complete, in milliseconds (default: the connection's timeout). */
  readonly timeoutMs?: number | undefined;
  /** Ends the request with an AbortError. */
  readonly signal?: AbortSignal | undefined;
}

const JSON_TYPE = 'application/vnd.ksql.v1+json';

/** Sends requests to one server and converts all failures to a KsqldbError. */
export class Transport {
  readonly url: string;
  readonly #axios: AxiosInstance;
  readonly #agents: readonly (HttpAgent | HttpsAgent)[];
  readonly #timeoutMs: number;

  constructor(connection: KsqldbConnection) {
    this.url = connection.url.replace(/\/+$/, '');
    this.#timeoutMs = connection.timeoutMs ?? 30_000;
    const tls = connection.tls;
    const httpAgent = new HttpAgent({ keepAlive: true });
    const httpsAgent = new HttpsAgent({
      keepAlive: true,
      ...(tls?.ca === undefined ? {} : { ca: readTlsFile(tls.ca, 'ksqldb.tls.ca') }),
      ...(tls?.cert === undefined ? {} : { cert: readTlsFile(tls.cert, 'ksqldb.tls.cert') }),
      ...(tls?.key === undefined ? {} : { key: readTlsFile(tls.key, 'ksqldb.tls.key') }),
      ...(tls?.pfx === undefined ? {} : { pfx: readTlsFile(tls.pfx, 'ksqldb.tls.pfx') }),
      ...(tls?.verifyHost === false ? { checkServerIdentity: () => undefined } : {}),
      ...(tls?.passphrase === undefined ? {} : { passphrase: tls.passphrase }),
    });
    this.#agents = [httpAgent, httpsAgent];
    const authorization =
      connection.token !== undefined
        ? `Bearer ${connection.token}`
        : connection.username !== undefined
          ? `Basic ${Buffer.from(`${connection.username}:${connection.password ?? ''}`).toString('base64')}`
          : undefined;
    this.#axios = axios.create({
      baseURL: this.url,
      httpAgent,
      httpsAgent,
      maxRedirects: 0,
      validateStatus: () => true,
      // Bodies are read as text, so that numbers keep their digits.
      responseType: 'text',
      transformResponse: (data: unknown) => data,
      headers: {
        Accept: JSON_TYPE,
        'Content-Type': JSON_TYPE,
        ...(authorization === undefined ? {} : { Authorization: authorization }),
      },
    });
  }

  /** Sends a GET. Retries it once if the connection was lost, because a GET changes nothing. */
  async get(path: string, options: RequestOptions = {}): Promise<ExactJson> {
    try {
      return await this.#send({ method: 'GET', url: path }, options);
    } catch (error) {
      if (!(error instanceof KsqldbError) || error.code !== 'KSQLDB_UNREACHABLE') throw error;
      return await this.#send({ method: 'GET', url: path }, options);
    }
  }

  /** Sends a POST. Never retries it. */
  async post(path: string, body: unknown, options: RequestOptions = {}): Promise<ExactJson> {
    return await this.#send({ method: 'POST', url: path, data: JSON.stringify(body) }, options);
  }

  /** Sends a POST and streams the response. The timeout ends with the first byte of the response. */
  async stream(path: string, body: unknown, accept: string, signal: AbortSignal): Promise<Readable> {
    const abort = new AbortController();
    const onAbort = () => abort.abort();
    signal.addEventListener('abort', onAbort, { once: true });
    const timer = setTimeout(() => abort.abort('timeout'), this.#timeoutMs);
    try {
      const response = await this.#axios.request<Readable>({
        method: 'POST',
        url: path,
        data: JSON.stringify(body),
        responseType: 'stream',
        headers: { Accept: accept },
        signal: abort.signal,
      });
      if (response.status !== 200) {
        const chunks: Buffer[] = [];
        for await (const chunk of response.data) chunks.push(chunk as Buffer);
        throw this.#serverError(
          response.status,
          header(response.headers, 'content-type'),
          Buffer.concat(chunks).toString(),
        );
      }
      signal.removeEventListener('abort', onAbort);
      signal.addEventListener('abort', () => response.data.destroy(), { once: true });
      return response.data;
    } catch (error) {
      throw error instanceof KsqldbError
        ? error
        : this.#connectionError(error as AxiosError, path, this.#timeoutMs);
    } finally {
      clearTimeout(timer);
    }
  }

  close(): void {
    for (const agent of this.#agents) agent.destroy();
  }

  async #send(request: AxiosRequestConfig, { timeoutMs, signal }: RequestOptions): Promise<ExactJson> {
    const timeout = timeoutMs ?? this.#timeoutMs;
    // Axios's own timeout does not cover the connection, so a second one bounds the request as a whole.
    const limit = AbortSignal.timeout(timeout + 1_000);
    let response: { status: number; data: string; headers: unknown };
    try {
      response = await this.#axios.request<string>({
        ...request,
        timeout,
        signal: signal === undefined ? limit : AbortSignal.any([limit, signal]),
      });
    } catch (error) {
      signal?.throwIfAborted();
      throw this.#connectionError(error as AxiosError, request.url ?? '', timeout);
    }
    const contentType = header(response.headers, 'content-type');
    if (response.status !== 200) throw this.#serverError(response.status, contentType, response.data);
    try {
      return parseExact(response.data);
    } catch (cause) {
      throw this.#notKsqldb(response.status, contentType, cause);
    }
  }

  #serverError(status: number, contentType: string, text: string): KsqldbError {
    if (status === 401 || status === 403 || status === 407) {
      return new KsqldbError(
        'KSQLDB_UNAUTHORIZED',
        `The server answered ${status}: the credentials are missing, wrong or not enough.`,
        {
          where: this.url,
          hint: 'Check user and password (or token) for ksqlDB in paystream.yaml or the environment.',
          httpStatus: status,
        },
      );
    }
    let body: unknown;
    try {
      body = plain(parseExact(text));
    } catch (cause) {
      return this.#notKsqldb(status, contentType, cause);
    }
    const error = body as { error_code?: number; message?: string; statementText?: string } | null;
    if (error === null || typeof error !== 'object' || typeof error.message !== 'string') {
      return this.#notKsqldb(status, contentType);
    }
    const isStatement = error.statementText !== undefined;
    return new KsqldbError(isStatement ? 'KSQLDB_STATEMENT' : 'KSQLDB_SERVER', error.message, {
      where: this.url,
      httpStatus: status,
      ...(error.error_code === undefined ? {} : { errorCode: error.error_code }),
      ...(error.statementText === undefined ? {} : { statementText: error.statementText }),
    });
  }

  #notKsqldb(status: number, contentType: string, cause?: unknown): KsqldbError {
    return new KsqldbError(
      'KSQLDB_NOT_KSQLDB',
      `What answered is not ksqlDB: status ${status}, content type '${contentType}'.`,
      {
        where: this.url,
        hint: 'Check the address; a proxy or another service may stand there.',
        httpStatus: status,
        cause,
      },
    );
  }

  #connectionError(error: AxiosError, path: string, timeoutMs: number): KsqldbError {
    const where = `${this.url}${path}`;
    const code = error.code ?? '';
    if (code === 'ECONNABORTED' || code === 'ETIMEDOUT' || code === 'ERR_CANCELED') {
      return new KsqldbError('KSQLDB_TIMEOUT', `No answer from ksqlDB within ${timeoutMs / 1000} s.`, {
        where,
        hint: 'Check that the server is up and not overloaded; raise ksqldb.timeoutMs if it is only slow.',
        cause: error,
      });
    }
    if (tlsFailure(error) !== undefined) {
      return new KsqldbError('KSQLDB_TLS', `The TLS connection to ksqlDB failed: ${error.message}.`, {
        where,
        hint: 'Check the CA file, the host name in the certificate and its dates.',
        cause: error,
      });
    }
    const reason = error.message === '' ? code : error.message;
    return new KsqldbError('KSQLDB_UNREACHABLE', `ksqlDB cannot be reached: ${reason}.`, {
      where,
      hint: 'Start the server, or give its address with --ksqldb-url or PAYSTREAM_KSQLDB_URL.',
      cause: error,
    });
  }
}

function header(headers: unknown, name: string): string {
  const value = (headers as Record<string, unknown>)[name];
  return typeof value === 'string' ? value : '';
}
