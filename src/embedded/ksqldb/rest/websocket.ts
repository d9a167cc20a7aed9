/**
 * GET /ws/query: rows of a query, or lines of PRINT, as WebSocket messages. The request is the query parameter
 * `request`, the JSON of POST /query. The first message is the schema, as in DESCRIBE.
 *
 * Source: ksqlDB's WSQueryEndpoint.
 */
import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
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
import { encodeClose, encodeFrame, FrameReader, opcodes } from './websocket-frames.js';

const handshakeGuid = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

const closeCodes = { normal: 1000, unsupportedData: 1003, internalError: 1011 } as const;

export interface WebSocketOptions {
  readonly context: StatementContext;
  readonly onError: (error: unknown) => void;
}

export class WebSocketEndpoint {
  readonly #context: StatementContext;
  readonly #onError: (error: unknown) => void;

  constructor(options: WebSocketOptions) {
    this.#context = options.context;
    this.#onError = options.onError;
  }

  handle(request: IncomingMessage, socket: Socket, head: Buffer): void {
    const url = request.url ?? '/';
    const mark = url.indexOf('?');
    const key = request.headers['sec-websocket-key'];
    if ((mark < 0 ? url : url.slice(0, mark)) !== '/ws/query' || key === undefined) {
      socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
      return;
    }
    const accept = createHash('sha1').update(`${key}${handshakeGuid}`).digest('base64');
    socket.write(
      'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
        `Sec-WebSocket-Accept: ${accept}\r\n\r\n`,
    );
    const connection = new WebSocketConnection(socket, head);
    const parameters = new URLSearchParams(mark < 0 ? '' : url.slice(mark + 1));
    this.#serve(connection, parameters).then(
      () => connection.close(closeCodes.normal, 'done'),
      (error: unknown) => {
        this.#onError(error);
        connection.close(closeCodes.unsupportedData, messageOf(error));
      },
    );
  }

  async #serve(connection: WebSocketConnection, parameters: URLSearchParams): Promise<void> {
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

class WebSocketConnection {
  readonly #socket: Socket;
  readonly #frames = new FrameReader();
  #isClosed = false;
  readonly #onClose: (() => void)[] = [];

  constructor(socket: Socket, head: Buffer) {
    this.#socket = socket;
    socket.setTimeout(0);
    socket.on('data', (chunk: Buffer) => this.#receive(chunk));
    socket.on('close', () => this.#closed());
    socket.on('error', () => this.#closed());
    if (head.length > 0) this.#receive(head);
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  onClose(listener: () => void): void {
    if (this.#isClosed) listener();
    else this.#onClose.push(listener);
  }

  /** False: the client reads too slowly. */
  send(text: string): boolean {
    if (this.#isClosed) return true;
    return this.#socket.write(encodeFrame(opcodes.text, Buffer.from(text, 'utf8')));
  }

  drained(): Promise<void> {
    if (this.#isClosed || !this.#socket.writableNeedDrain) return Promise.resolve();
    return new Promise((resolve) => {
      this.#socket.once('drain', resolve);
      this.onClose(resolve);
    });
  }

  close(code: number, reason: string): void {
    if (this.#isClosed) return;
    this.#socket.end(encodeClose(code, reason));
    this.#closed();
  }

  #receive(chunk: Buffer): void {
    try {
      for (const { opcode, payload } of this.#frames.push(chunk)) {
        if (opcode === opcodes.close) this.close(closeCodes.normal, '');
        else if (opcode === opcodes.ping && !this.#isClosed) {
          this.#socket.write(encodeFrame(opcodes.pong, payload));
        }
      }
    } catch (error) {
      this.close(closeCodes.unsupportedData, messageOf(error));
    }
  }

  #closed(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const listener of this.#onClose.splice(0)) listener();
  }
}
