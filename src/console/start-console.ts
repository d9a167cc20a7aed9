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
  /** 127.0.0.1 unless told. Any address but a loopback one demands a token. */
  readonly host?: string;
  /** 0: any free port. */
  readonly port: number;
  /** More names under which browsers reach it, such as that of a proxy. */
  readonly allowedHosts?: readonly string[];
  /** Made up where the host demands one and none is given. */
  readonly token?: string;
  /** True: statements that change the cluster are run. */
  readonly allowWrite?: boolean;
  readonly version: string;
  /** Opens the customer store when it is first asked for; the console closes what it opened. */
  readonly openStore?: () => Promise<Store>;
  readonly migrations?: ConsoleMigrations;
  /** Where the health page gets the pipeline's status from. By default ksqlDB alone. */
  readonly sources?: PipelineSources;
}

export interface RunningConsole {
  /** Where a browser opens it; with the token behind `#`, which browsers send nowhere. */
  readonly url: string;
  stop(): Promise<void>;
}

/** Starts the console's server. Nothing is asked of ksqlDB or the store before a page is open. */
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
            // One that could not be opened is tried again with the next question.
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
