import type { Duplex } from 'node:stream';
import type { PgliteEngine } from './pglite-engine.js';
import {
  CANCEL_REQUEST,
  errorResponse,
  type FrontendMessage,
  GSS_REQUEST,
  int32,
  message,
  PROTOCOL_3,
  renameStatement,
  SSL_REQUEST,
  statementName,
  text,
} from './wire-messages.js';

const SERVER_PARAMETERS: readonly (readonly [string, string])[] = [
  ['server_version', '18.3'],
  ['server_encoding', 'UTF8'],
  ['client_encoding', 'UTF8'],
  ['DateStyle', 'ISO, MDY'],
  ['IntervalStyle', 'postgres'],
  ['TimeZone', 'UTC'],
  ['integer_datetimes', 'on'],
  ['standard_conforming_strings', 'on'],
  ['is_superuser', 'on'],
  ['in_hot_standby', 'off'],
];

const PARSE_COMPLETE = 0x31;
const MAX_MESSAGE = 256 * 1024 * 1024;
/** An abandoned transaction blocks all other clients, so its connection is closed after this time. */
const IDLE_IN_TRANSACTION_MS = 60_000;

/**
 * Whether a statement may be COPY FROM STDIN. PGlite exits when it has to wait for rows that the client sends only
 * after the response, so these statements must not reach it. Matching too many statements is harmless.
 */
function copiesFromClient(bytes: Buffer): boolean {
  const words = bytes.toString('latin1').toLowerCase();
  return words.includes('copy') && words.includes('stdin');
}

/** Serves any number of PostgreSQL clients from PGlite's single session. */
export interface WireGateway {
  /** Serves a client until it disconnects. */
  serve(stream: Duplex): void;
  /** Closes all connections and rolls back their open transactions. */
  close(): Promise<void>;
}

/**
 * Serves PostgreSQL's wire protocol from PGlite.
 *
 * PGlite has one session. A connection holds it from its first message until the statement ends (Sync or a simple
 * query) or, in a transaction, until the transaction ends. The other connections wait their turn. Prepared
 * statements are renamed so that each connection has its own. Connections share advisory locks and, until the
 * connection that changed them closes, session settings (SET). COPY FROM STDIN, LISTEN and query cancellation are
 * not supported.
 *
 * @electric-sql/pglite-socket is not used: it switches connections between the messages of one statement, so two
 * clients overwrite each other's unnamed statement. Its peer dependencies also include seven PostgreSQL extensions.
 */
export function createWireGateway(engine: PgliteEngine): WireGateway {
  const connections = new Set<Connection>();
  let lastConnection = 0;
  /** The connection whose unnamed statement the session holds. */
  let unnamedOwner: Connection | undefined;

  class Connection {
    readonly #id = ++lastConnection;
    readonly #stream: Duplex;
    readonly #statements = new Set<string>();
    #buffer: Buffer = Buffer.alloc(0);
    #started = false;
    #closed = false;
    #release: (() => void) | undefined;
    #pumping = false;
    #idle: NodeJS.Timeout | undefined;
    #unnamedParse: Buffer | undefined;
    #changedSettings = false;
    /** Set after an error in the extended protocol: messages are ignored until Sync. */
    #skipping = false;
    readonly done: Promise<void>;
    #finish!: () => void;

    constructor(stream: Duplex) {
      this.#stream = stream;
      this.done = new Promise((resolve) => {
        this.#finish = resolve;
      });
      stream.on('data', (data: Buffer) => {
        this.#buffer = this.#buffer.length === 0 ? data : Buffer.concat([this.#buffer, data]);
        void this.#pump();
      });
      stream.on('error', () => this.end());
      stream.on('close', () => this.end());
      stream.on('end', () => this.end());
    }

    end(): void {
      if (this.#closed) return;
      this.#closed = true;
      clearTimeout(this.#idle);
      if (!this.#pumping) void this.#leave();
    }

    /** Handles received messages in order, and waits while another connection holds the session. */
    async #pump(): Promise<void> {
      if (this.#pumping) return;
      this.#pumping = true;
      clearTimeout(this.#idle);
      try {
        while (!this.#closed) {
          if (!this.#started) {
            if (!this.#startUp()) break;
            continue;
          }
          const next = this.#take();
          if (next === undefined) break;
          if (next.type === 'X') {
            this.#closed = true;
            break;
          }
          this.#release ??= await engine.session.acquire();
          if (this.#closed) break;
          this.#execute(next);
          const statementEnds = next.type === 'S' || next.type === 'Q' || next.type === 'F';
          if (statementEnds && !engine.inTransaction()) this.#releaseSession();
        }
      } catch (error) {
        this.#fatal('XX000', `The embedded store failed: ${(error as Error).message}`);
      }
      this.#pumping = false;
      if (this.#closed) await this.#leave();
      else if (this.#release !== undefined) {
        this.#idle = setTimeout(() => {
          this.#fatal('25P03', 'The transaction was idle for too long while other clients waited.');
          void this.#leave();
        }, IDLE_IN_TRANSACTION_MS);
        this.#idle.unref();
      }
    }

    #releaseSession(): void {
      this.#release?.();
      this.#release = undefined;
    }

    #fatal(code: string, what: string): void {
      if (!this.#stream.destroyed) this.#stream.end(errorResponse(code, what));
      this.#closed = true;
    }

    /**
     * Answers the startup packet, which has no type byte. PGlite never sees it: its session is already running.
     *
     * @returns whether there may be more messages to handle
     */
    #startUp(): boolean {
      if (this.#buffer.length < 8) return false;
      const length = this.#buffer.readInt32BE(0);
      const code = this.#buffer.readInt32BE(4);
      if (length < 8 || length > 10_000) {
        this.#fatal('08P01', 'invalid length of startup packet');
        return false;
      }
      if (this.#buffer.length < length) return false;
      this.#buffer = this.#buffer.subarray(length);
      if (code === SSL_REQUEST || code === GSS_REQUEST) {
        this.#stream.write('N');
        return true;
      }
      if (code === CANCEL_REQUEST) {
        this.#closed = true;
        this.#stream.end();
        return false;
      }
      if (code !== PROTOCOL_3) {
        if (code >>> 16 !== PROTOCOL_3 >>> 16) {
          this.#fatal('0A000', 'unsupported frontend protocol');
          return false;
        }
        // NegotiateProtocolVersion: a client of a newer minor version falls back to 3.0.
        this.#stream.write(message('v', int32(PROTOCOL_3), int32(0)));
      }
      this.#started = true;
      this.#stream.write(
        Buffer.concat([
          message('R', int32(0)),
          ...SERVER_PARAMETERS.map(([name, value]) => message('S', text(name), text(value))),
          message('K', int32(this.#id), int32(0)),
          message('Z', Buffer.from('I')),
        ]),
      );
      return true;
    }

    #take(): FrontendMessage | undefined {
      if (this.#buffer.length < 5) return undefined;
      const length = this.#buffer.readInt32BE(1) + 1;
      if (length < 5 || length > MAX_MESSAGE) {
        this.#fatal('08P01', 'invalid message length');
        return undefined;
      }
      if (this.#buffer.length < length) return undefined;
      const bytes = this.#buffer.subarray(0, length);
      this.#buffer = this.#buffer.subarray(length);
      return { type: String.fromCharCode(bytes[0]!), bytes };
    }

    #execute(frontend: FrontendMessage): void {
      if (this.#skipping && frontend.type !== 'S') return;
      this.#skipping = false;
      if ((frontend.type === 'Q' || frontend.type === 'P') && copiesFromClient(frontend.bytes)) {
        this.#write(errorResponse('0A000', 'The embedded store does not support COPY FROM STDIN.', 'ERROR'));
        // After a simple query, Sync makes the session send ReadyForQuery.
        if (frontend.type === 'Q') this.#write(engine.exec(message('S')));
        else this.#skipping = true;
        return;
      }
      const name = statementName(frontend);
      let bytes = frontend.bytes;
      if (name === '') {
        if (frontend.type === 'P') {
          unnamedOwner = this;
          this.#unnamedParse = Buffer.from(bytes);
        } else if (unnamedOwner !== this && this.#unnamedParse !== undefined && frontend.type !== 'C') {
          unnamedOwner = this;
          const answer = engine.exec(this.#unnamedParse);
          if (answer[0] !== PARSE_COMPLETE) this.#write(answer);
        }
      } else if (name !== undefined) {
        const own = `c${this.#id}_${name}`;
        if (frontend.type === 'P') this.#statements.add(own);
        else if (frontend.type === 'C') this.#statements.delete(own);
        bytes = renameStatement(frontend, own);
      }
      if (frontend.type === 'Q') unnamedOwner = undefined;
      this.#write(engine.exec(bytes));
    }

    #write(answer: Uint8Array): void {
      if (answer.length === 0) return;
      const bytes = Buffer.from(answer.buffer, answer.byteOffset, answer.byteLength);
      if (!this.#changedSettings && bytes.includes('SET\0')) this.#changedSettings = true;
      if (!this.#stream.destroyed && this.#stream.writable) this.#stream.write(bytes);
    }

    /** Closes the connection and removes everything it left in the session. */
    async #leave(): Promise<void> {
      if (!connections.delete(this)) return;
      clearTimeout(this.#idle);
      try {
        if (this.#release === undefined && (this.#statements.size > 0 || this.#changedSettings)) {
          this.#release = await engine.session.acquire();
        }
        if (this.#release !== undefined) {
          engine.exec(message('S'));
          if (engine.inTransaction()) engine.exec(message('Q', text('ROLLBACK')));
          for (const statement of this.#statements) {
            engine.exec(message('C', Buffer.from('S'), text(statement)));
          }
          if (this.#statements.size > 0) engine.exec(message('S'));
          if (this.#changedSettings) {
            engine.exec(message('Q', text('RESET SESSION AUTHORIZATION')));
            engine.exec(message('Q', text('RESET ALL')));
          }
        }
      } finally {
        if (unnamedOwner === this) unnamedOwner = undefined;
        this.#releaseSession();
        if (!this.#stream.destroyed) this.#stream.end();
        this.#finish();
      }
    }
  }

  return {
    serve(stream) {
      connections.add(new Connection(stream));
    },
    async close() {
      const open = [...connections];
      for (const connection of open) connection.end();
      await Promise.all(open.map((connection) => connection.done));
    },
  };
}
