import { randomBytes } from 'node:crypto';
import { serveHttp } from '../http/serve-http.js';
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
  const server = await serveHttp(
    (request, response) => {
      handleRequest({ context, guard, files }, request, response).catch((error: unknown) => {
        console.error(error);
        response.destroy();
      });
    },
    { host, port: options.port, name: 'the console' },
  ).catch((error: unknown) => {
    client.close();
    throw error;
  });
  return {
    url: `${server.url}/${token === undefined ? '' : `#token=${token}`}`,
    stop: async () => {
      watch.stop();
      await server.close();
      client.close();
      await (await store?.catch(() => undefined))?.close();
    },
  };
}
