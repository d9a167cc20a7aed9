import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PaystreamError } from '../errors/paystream-error.js';
import { KsqldbClient } from '../ksqldb/ksqldb-client.js';
import type { KsqldbConnection } from '../ksqldb/transport.js';
import type { PipelineSources } from '../pipeline/pipeline-status.js';
import type { Store } from '../store/store.js';
import { ClusterWatch } from './cluster-watch.js';
import type { ConsoleContext, ConsoleMigrations } from './console-context.js';
import { handleRequest } from './handle-request.js';
import { isLoopback, RequestGuard } from './request-guard.js';
import { StaticFiles } from './static-files.js';

export interface ConsoleOptions {
  readonly ksqldb: KsqldbConnection;
  /** Default: 127.0.0.1. Any other address than loopback requires a token. */
  readonly host?: string;
  /** 0 selects any free port. */
  readonly port: number;
  /** Additional host names, such as that of a proxy. */
  readonly allowedHosts?: readonly string[];
  /** Generated if the host requires a token and none is set. */
  readonly token?: string;
  /** Allows statements that change the cluster. */
  readonly allowWrite?: boolean;
  readonly version: string;
  /** Opens the customer store on first use. The console closes it. */
  readonly openStore?: () => Promise<Store>;
  readonly migrations?: ConsoleMigrations;
  /** Where the health page gets the pipeline's status from. By default ksqlDB alone. */
  readonly sources?: PipelineSources;
}

export interface RunningConsole {
  /** The address for a browser. A token is behind `#`, which browsers do not send to any server. */
  readonly url: string;
  stop(): Promise<void>;
}

/** Starts the console's server. It connects to ksqlDB and the store only once a page is open. */
export async function startConsole(options: ConsoleOptions): Promise<RunningConsole> {
  const host = options.host ?? '127.0.0.1';
  const token = options.token ?? (isLoopback(host) ? undefined : randomBytes(24).toString('base64url'));
  const files = await StaticFiles.load();
  const client = new KsqldbClient(options.ksqldb);
  const watch = new ClusterWatch(client);
  let store: Promise<Store> | undefined;
  const { openStore } = options;
  const context: ConsoleContext = {
    client,
    watch,
    allowWrite: options.allowWrite === true,
    version: options.version,
    store:
      openStore === undefined
        ? undefined
        : () => {
            // After a failure, the next request tries again.
            store ??= openStore().catch((error: unknown) => {
              store = undefined;
              throw error;
            });
            return store;
          },
    migrations: options.migrations,
    sources: options.sources ?? {},
  };
  const guard = new RequestGuard({ host, allowedHosts: options.allowedHosts ?? [], token });
  const server = createServer((request, response) => {
    handleRequest({ context, guard, files }, request, response).catch((error: unknown) => {
      console.error(error);
      response.destroy();
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      client.close();
      reject(
        new PaystreamError('CONSOLE_LISTEN', `The console cannot listen: ${cause.message}.`, {
          where: `${host}:${options.port}`,
          hint: 'Choose another port with --port.',
          cause,
        }),
      );
    });
    server.listen(options.port, host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  const name = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host;
  return {
    url: `http://${name}:${port}/${token === undefined ? '' : `#token=${token}`}`,
    stop: async () => {
      watch.stop();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
      client.close();
      await (await store?.catch(() => undefined))?.close();
    },
  };
}
