/**
 * The REST API of the embedded ksqlDB: HTTP/1.1 and HTTP/2 with prior knowledge on one port.
 *
 * Source: https://docs.ksqldb.io/en/latest/developer-guide/api/
 */
import { createHash } from 'node:crypto';
import { parseStatement } from '../../../sql/parse.js';
import type { Engine } from '../engine/engine.js';
import { messageOf } from '../errors.js';
import { processingLogStatement } from '../runtime/processing-log.js';
import { emptySession } from '../session.js';
import type { ConsumerGroup, StatementContext } from '../statements/context.js';
import { CommandStatuses } from './command-statuses.js';
import { Exchange } from './exchange.js';
import { KsqlResource } from './ksql-resource.js';
import { listen } from './listener.js';
import { QueryResource } from './query-resource.js';
import { Router } from './router.js';
import { restRoutes } from './routes.js';
import { RunningQueries } from './running-queries.js';
import { WebSocketEndpoint } from './websocket.js';

export interface KsqlServerOptions {
  readonly engine: Engine;
  /** Loopback by default, because there is no authentication. */
  readonly host?: string;
  /** 0, the default, selects a free port. */
  readonly port?: number;
  /** For SHOW TOPICS EXTENDED, if the engine runs with a broker. */
  readonly consumerGroups?: () => readonly ConsumerGroup[];
  /** `host:port` of the broker, for LIST PROPERTIES. */
  readonly brokers?: string;
  /** The largest request body in bytes (default: 16 MB). */
  readonly mostBodyBytes?: number;
  /** Milliseconds a client may take for the headers of a request (10 s), and for a whole one over HTTP/1.1 (60 s). */
  readonly headersTimeoutMs?: number;
  readonly requestTimeoutMs?: number;
  readonly mostConnections?: number;
  /** Called with internal errors, which clients see as 500. */
  readonly onError?: (error: unknown) => void;
}

export interface KsqlServer {
  /** `http://127.0.0.1:8088` */
  readonly url: string;
  readonly host: string;
  readonly port: number;
  stop(): Promise<void>;
}

/**
 * @example
 * const server = await startKsqlServer({ engine });
 * await fetch(`${server.url}/info`);
 * await server.stop();
 */
export async function startKsqlServer(options: KsqlServerOptions): Promise<KsqlServer> {
  const { engine, host = '127.0.0.1' } = options;
  const onError = options.onError ?? (() => {});
  const running = new RunningQueries();
  const statuses = new CommandStatuses();
  // The address is known once the server listens. It is not used before that.
  let address = `${host}:${options.port ?? 0}`;
  const context: StatementContext = {
    engine,
    get host() {
      return address;
    },
    clock: Date.now,
    get properties() {
      return serverProperties(options, address);
    },
    ...(options.consumerGroups === undefined ? {} : { consumerGroups: options.consumerGroups }),
  };
  createProcessingLogStream(context);
  restoreStatuses(engine, statuses);
  const queries = new QueryResource({ context, running, onError });
  const router = new Router(
    restRoutes({
      context,
      statuses,
      running,
      ksql: new KsqlResource({ context, statuses }),
      queries,
      clusterId: clusterIdOf(engine),
      mostBodyBytes: options.mostBodyBytes ?? 16 * 1024 * 1024,
    }),
    onError,
  );
  const webSockets = new WebSocketEndpoint({ context, onError });
  const listener = await listen({
    host,
    port: options.port ?? 0,
    headersTimeoutMs: options.headersTimeoutMs ?? 10_000,
    requestTimeoutMs: options.requestTimeoutMs ?? 60_000,
    mostConnections: options.mostConnections ?? 2000,
    onRequest: (request, response) => {
      router.handle(new Exchange(request, response)).catch((error: unknown) => {
        onError(error);
        response.destroy();
      });
    },
    onUpgrade: (request, socket, head) => webSockets.handle(request, socket, head),
  });
  address = `${host}:${listener.port}`;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${listener.port}`,
    host,
    port: listener.port,
    stop: () => listener.close(),
  };
}

/** 16 bytes in the format of Kafka's cluster IDs. The same service ID gives the same bytes. */
function clusterIdOf(engine: Engine): string {
  return createHash('md5').update(`paystream/${engine.serviceId}`).digest('base64url');
}

function serverProperties(options: KsqlServerOptions, address: string): ReadonlyMap<string, string> {
  return new Map([
    ['ksql.service.id', options.engine.serviceId],
    ['ksql.streams.bootstrap.servers', options.brokers ?? ''],
    ['ksql.streams.application.server', `http://${address}`],
    ['ksql.streams.state.dir', options.engine.store.dataDir ?? ''],
  ]);
}

/**
 * Creates the stream over the processing log, as a server does at its first start
 * (`ksql.logging.processing.stream.auto.create`).
 */
function createProcessingLogStream({ engine }: StatementContext): void {
  const topic =
    engine.config.get('ksql.logging.processing.topic.name') ?? `${engine.serviceId}ksql_processing_log`;
  const stream = engine.config.get('ksql.logging.processing.stream.name') ?? 'KSQL_PROCESSING_LOG';
  if (engine.config.get('ksql.logging.processing.stream.auto.create') === 'false') return;
  if (engine.catalog.source(stream) !== undefined) return;
  if (engine.store.topic(topic) === undefined) engine.store.createTopic(topic, { partitions: 1 });
  const statement = parseStatement(processingLogStatement(topic, stream));
  try {
    engine.execute(statement, emptySession);
  } catch (error) {
    throw new Error(`Cannot create the stream over the processing log: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

/** Everything that exists at startup was created successfully. */
function restoreStatuses(engine: Engine, statuses: CommandStatuses): void {
  const writers = new Map(engine.queries().map((query) => [query.sink, query.id]));
  for (const { name, kind, isCasTarget } of engine.catalog.sources()) {
    const type = kind.toLowerCase();
    const queryId = isCasTarget ? (writers.get(name) ?? null) : null;
    const created = `${kind === 'STREAM' ? 'Stream' : 'Table'} created`;
    const message = queryId === null ? created : `Created query with ID ${queryId}`;
    statuses.put(`${type}/\`${name}\`/create`, { status: 'SUCCESS', message, queryId });
  }
}
