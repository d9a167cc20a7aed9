/**
 * GET /ws/query: sends the rows of a query, or the lines of PRINT, as WebSocket messages. The query parameter
 * `request` holds the JSON of POST /query. The first message is the schema, as in DESCRIBE.
 *
 * Source: ksqlDB's WSQueryEndpoint.
 */
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';
import { parseStatement } from '../../../sql/parse.js';
import { messageOf } from '../errors.js';
import { printTopic } from '../queries/print-topic.js';
import { querySource } from '../queries/query-source.js';
import { badRequest } from '../rest-error.js';
import type { StatementContext } from '../statements/context.js';
import { schemaInfo } from '../statements/entities.js';
import { rowWriter } from './json-values.js';
import { waitForCommand } from './ksql-resource.js';
import { parseKsqlRequest, sessionProperties, sessionVariables } from './requests.js';

const closeCodes = { normal: 1000, unsupportedData: 1003 } as const;

/** Limits on messages from clients. Their content is ignored. */
const limits = { maxPayload: 64 * 1024, maxFragments: 1024, maxBufferedChunks: 1024 } as const;

export interface WebSocketOptions {
  readonly context: StatementContext;
  readonly onError: (error: unknown) => void;
}

export class WebSocketEndpoint {
  readonly #context: StatementContext;
  readonly #onError: (error: unknown) => void;
  readonly #server = new WebSocketServer({
    ...limits,
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
  });

  constructor(options: WebSocketOptions) {
    this.#context = options.context;
    this.#onError = options.onError;
  }

  handle(request: IncomingMessage, socket: Socket, head: Buffer): void {
    const url = request.url ?? '/';
    const mark = url.indexOf('?');
    const path = mark < 0 ? url : url.slice(0, mark);
    if (path !== '/ws/query' || request.headers['sec-websocket-key'] === undefined) {
      socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
      return;
    }
    const parameters = new URLSearchParams(mark < 0 ? '' : url.slice(mark + 1));
    this.#server.handleUpgrade(request, socket, head, (webSocket) => {
      const connection = new Connection(webSocket, socket);
      this.#serve(connection, parameters).then(
        () => connection.close(closeCodes.normal, 'done'),
        (error: unknown) => {
          this.#onError(error);
          connection.close(closeCodes.unsupportedData, messageOf(error));
        },
      );
    });
  }

  async #serve(connection: Connection, parameters: URLSearchParams): Promise<void> {
    const text = parameters.get('request');
    if (text === null || text === '') throw badRequest('missing request parameter');
    const request = parseKsqlRequest(text);
    await waitForCommand(this.#context, request.commandSequenceNumber);
    const session = {
      properties: sessionProperties(request.streamsProperties, badRequest),
      variables: sessionVariables(request.sessionVariables),
    };
    const statement = parseStatement(request.ksql, { variables: session.variables });
    const { engine } = this.#context;
    if (statement.kind === 'Print') {
      const topic = engine.store.topic(statement.topic);
      if (topic === undefined)
        throw badRequest(
          `Topic does not exist, or KSQL does not have permission to list the topic: ${statement.topic}`,
        );
      const options = { showFormats: false, fromBeginning: false };
      await printTopic(engine.store, topic, statement, options, {
        text: (lines) =>
          lines.split('\n').every((line) => line === '' || connection.send(JSON.stringify(line))),
        drained: () => connection.drained(),
        get isClosed() {
          return connection.isClosed;
        },
        onClose: (listener) => connection.onClose(listener),
      });
      return;
    }
    if (statement.kind !== 'Query') throw badRequest(`Unexpected statement type ${statement.kind}`);
    const source = querySource(engine, statement.query, session, `${statement.text};`);
    connection.send(
      JSON.stringify(source.columns.map(({ name, type }) => ({ name, schema: schemaInfo(type) }))),
    );
    const write = rowWriter(source.rowTypes ?? source.columns.map(({ type }) => type));
    await source.run({
      row: (values, isTombstone) =>
        connection.send(`{"row":{"columns":${write(values)}${isTombstone ? ',"tombstone":true' : ''}}}`),
      drained: () => connection.drained(),
      get isClosed() {
        return connection.isClosed;
      },
      onClose: (listener) => connection.onClose(listener),
    });
  }
}

/** A WebSocket that exposes the back-pressure of its socket, which ws does not. */
class Connection {
  readonly #webSocket: WebSocket;
  readonly #socket: Socket;

  constructor(webSocket: WebSocket, socket: Socket) {
    this.#webSocket = webSocket;
    this.#socket = socket;
    // After an error, ws closes the connection, and the listeners of `close` end the query.
    webSocket.on('error', () => {});
  }

  get isClosed(): boolean {
    return this.#webSocket.readyState !== WebSocket.OPEN;
  }

  onClose(listener: () => void): void {
    if (this.#webSocket.readyState === WebSocket.CLOSED) listener();
    else this.#webSocket.once('close', listener);
  }

  /** Returns false if the client reads too slowly: wait for `drained` before sending more. */
  send(text: string): boolean {
    if (this.isClosed) return true;
    this.#webSocket.send(text);
    return !this.#socket.writableNeedDrain;
  }

  drained(): Promise<void> {
    if (this.isClosed || !this.#socket.writableNeedDrain) return Promise.resolve();
    return new Promise((resolve) => {
      const done = (): void => {
        this.#socket.off('drain', done);
        this.#webSocket.off('close', done);
        resolve();
      };
      this.#socket.once('drain', done);
      this.#webSocket.once('close', done);
    });
  }

  close(code: number, reason: string): void {
    if (this.isClosed) return;
    this.#webSocket.close(code, fitted(reason));
    // Otherwise, a client that does not send a close frame would keep the connection for 30 seconds.
    this.#socket.end();
  }
}

/** The most bytes that the reason in a close frame may take (RFC 6455, 5.5). */
const mostReasonBytes = 123;

function fitted(reason: string): string {
  const bytes = Buffer.from(reason, 'utf8');
  if (bytes.length <= mostReasonBytes) return reason;
  // A character that is cut in half decodes to U+FFFD.
  return bytes
    .subarray(0, mostReasonBytes - 3)
    .toString('utf8')
    .replace(/\uFFFD+$/, '');
}
