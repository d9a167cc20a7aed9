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
/** A transaction that its client has forgotten would hold up everyone else. */
const IDLE_IN_TRANSACTION_MS = 60_000;

/**
 * PGlite ends itself when it waits for rows that can only come after its answer has left, so such statements must
 * not reach it. Any text with both words is refused: too much is harmless, too little is not.
 */
function copiesFromClient(bytes: Buffer): boolean {
  const words = bytes.toString('latin1').toLowerCase();
  return words.includes('copy') && words.includes('stdin');
}

/** Connections of any number of PostgreSQL clients, on the one session that PGlite has. */
export interface WireGateway {
  /** Serves a client until it leaves. */
  serve(stream: Duplex): void;
  /** Ends all connections; open transactions are rolled back. */
  close(): Promise<void>;
}

/**
 * Serves PostgreSQL's wire protocol from PGlite.
 *
 * PGlite has one session, so a connection holds it from its first message to the end of the statement (Sync or a
 * simple query), and on to the end of the transaction if it opened one; the others wait their turn. Prepared
 * statements get names of their own for each connection. What connections do share are session settings (SET)
 * until the one that made them leaves, and advisory locks. COPY FROM STDIN, LISTEN and cancelling are not offered.
 *
 * (@electric-sql/pglite-socket does not serve here: it changes connections between the messages of one
 * statement, so that two clients overwrite each other's unnamed statement, and its peer dependencies would bring
 * seven PostgreSQL extensions along.)
 */
export function createWireGateway(engine: PgliteEngine): WireGateway {
  const connections = new Set<Connection>();
  let lastConnection = 0;
  /** Whose unnamed statement the session holds. */
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
    /** After a refusal in the extended protocol: nothing more until Sync. */
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

    /** Handles what has arrived, in order; asleep while another connection has the session. */
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
          if (statementEnds && !engine.inTransaction()) this.#giveBack();
        }
      } catch (error) {
        this.#fatal('XX000', `The embedded store failed: ${(error as Error).message}`);
      }
      this.#pumping = false;
      if (this.#closed) await this.#leave();
      else if (this.#release !== undefined) {
        this.#idle = setTimeout(() => {
          this.#fatal('25P03', 'The transaction was idle for too long and held up the others.');
          void this.#leave();
        }, IDLE_IN_TRANSACTION_MS);
        this.#idle.unref();
      }
    }

    #giveBack(): void {
      this.#release?.();
      this.#release = undefined;
    }

    #fatal(code: string, what: string): void {
      if (!this.#stream.destroyed) this.#stream.end(errorResponse(code, what));
      this.#closed = true;
    }

    /** The start-up packet has no type byte. Answered here: the session itself began when PGlite started. */
    #startUp(): boolean {
      if (this.#buffer.length < 8) return false;
      const length = this.#buffer.readInt32BE(0);
      const code = this.#buffer.readInt32BE(4);
      if (length < 8 || length > 10_000) {
        this.#fatal('08P01', 'invalid length of the start-up packet');
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
        // A newer minor version: the client goes on with what it is offered.
        if (code >>> 16 !== PROTOCOL_3 >>> 16) {
          this.#fatal('0A000', 'unsupported frontend protocol');
          return false;
        }
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
        this.#write(errorResponse('0A000', 'The embedded store does not take COPY FROM STDIN.', 'ERROR'));
        // For a simple query, Sync makes the session say that it is ready again.
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

    /** Leaves the session as it was found. */
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
        this.#giveBack();
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
