import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';
import type { BrokerServices } from '../protocol/api.js';
import { SaslSession } from '../protocol/sasl-session.js';
import type { SaslUsers } from '../protocol/sasl-users.js';
import { Connection, type SharedBudget } from './connection.js';
import type { BrokerLimits } from './limits.js';

export interface ServerOptions {
  readonly host: string;
  readonly port: number;
  /** The address that clients connect to (default: the one at which they reached the broker). */
  readonly advertisedHost?: string | undefined;
  readonly advertisedPort?: number | undefined;
  readonly sasl?: SaslUsers | undefined;
  /** Key and certificate in PEM. The port then accepts only TLS. */
  readonly tls?: TlsOptions | undefined;
  readonly limits: BrokerLimits;
  readonly broker: BrokerServices;
}

/** Accepts the broker's client connections. */
export class KafkaServer {
  readonly #options: ServerOptions;
  readonly #server: Server;
  readonly #connections = new Set<Connection>();
  readonly #budget: SharedBudget = { bufferedBytes: 0 };

  static async listen(options: ServerOptions): Promise<KafkaServer> {
    const server = new KafkaServer(options);
    await new Promise<void>((resolve, reject) => {
      server.#server.once('error', reject);
      server.#server.listen(options.port, options.host, () => {
        server.#server.off('error', reject);
        resolve();
      });
    });
    return server;
  }

  private constructor(options: ServerOptions) {
    this.#options = options;
    const accept = (socket: Socket) => this.#accept(socket);
    this.#server = options.tls === undefined ? createServer(accept) : createTlsServer(options.tls, accept);
    const { maxConnections } = options.limits;
    this.#server.maxConnections = maxConnections;
    this.#server.on('drop', (data) => {
      const peer = `${plainAddress(data?.remoteAddress)}:${data?.remotePort ?? 0}`;
      options.broker.log('warn', `Refused ${peer}: ${maxConnections} connections are open`);
    });
    this.#server.on('tlsClientError', (error: Error, socket: Socket) => {
      options.broker.log('warn', `TLS with ${peerOf(socket)} failed: ${error.message}`);
    });
    this.#server.on('error', (error) => options.broker.log('error', `The server failed: ${error.message}`));
  }

  get port(): number {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('The server is not listening');
    return address.port;
  }

  get connectionCount(): number {
    return this.#connections.size;
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const connection of this.#connections) connection.destroy();
    await closed;
  }

  #accept(socket: Socket): void {
    const { limits, broker, sasl, advertisedHost, advertisedPort } = this.#options;
    const peer = peerOf(socket);
    const connection = new Connection({
      socket,
      peer,
      peerHost: plainAddress(socket.remoteAddress),
      advertised: {
        host: advertisedHost ?? plainAddress(socket.localAddress),
        port: advertisedPort ?? socket.localPort ?? this.port,
      },
      sasl: sasl === undefined ? undefined : new SaslSession(sasl, broker.log, peer),
      broker,
      limits,
      budget: this.#budget,
    });
    this.#connections.add(connection);
    socket.on('close', () => this.#connections.delete(connection));
  }
}

function peerOf(socket: Socket): string {
  return `${plainAddress(socket.remoteAddress)}:${socket.remotePort ?? 0}`;
}

/** Strips the prefix of IPv4 addresses on a dual-stack socket (::ffff:1.2.3.4). */
function plainAddress(address: string | undefined): string {
  return address === undefined ? 'unknown' : address.replace(/^::ffff:/, '');
}
