import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import type { Browser, Page } from 'playwright-core';
import { type RunningConsole, startConsole } from '../../src/console/start-console.js';
import { startSink } from '../../src/sink/sink.js';
import { migrateStore } from '../../src/store/migrate-store.js';
import { openStore } from '../../src/store/open-store.js';
import { launchBrowser } from '../support/browser.js';
import { applyPipeline, MIGRATIONS } from '../support/pipeline.js';
import { type TestCluster, testCluster } from '../support/test-cluster.js';

/** A pipeline with its sink, a console in front of it, and a browser. */
export interface ConsoleUnderTest {
  readonly cluster: TestCluster;
  readonly console: RunningConsole;
  readonly browser: Browser;
  readonly gate: Gate;
  /** A new page at this address of the console; what it wrote to its own console is an error of the test. */
  open(path: string): Promise<Page>;
  stop(): Promise<void>;
}

export async function consoleUnderTest(): Promise<ConsoleUnderTest> {
  const stops: (() => Promise<void>)[] = [];
  const stop = async () => {
    for (let next = stops.pop(); next !== undefined; next = stops.pop()) await next();
  };
  try {
    const cluster = await testCluster();
    stops.push(() => cluster.stop());
    await applyPipeline(cluster);
    const store = await openStore(cluster.databaseUrl);
    stops.push(() => store.close());
    await migrateStore(store);
    const sink = await startSink({
      brokers: cluster.brokers.split(','),
      store,
      groupId: `console-${Date.now()}`,
    });
    stops.push(() => sink.stop());
    const gate = await Gate.start(cluster.ksqldbUrl);
    stops.push(() => gate.stop());
    const console = await startConsole({
      ksqldb: { url: gate.url },
      port: 0,
      version: 'test',
      openStore: () => openStore(cluster.databaseUrl),
      migrations: { directory: MIGRATIONS, variables: {}, books: {} },
      drift: async () => [{ kind: 'extra', what: 'stream', name: 'LEFT_OVER' }],
    });
    stops.push(() => console.stop());
    const browser = await launchBrowser();
    stops.push(() => browser.close());
    return {
      cluster,
      console,
      browser,
      gate,
      open: async (path) => {
        const page = await browser.newPage();
        page.setDefaultTimeout(20_000);
        await page.goto(new URL(path, console.url).href);
        return page;
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Stands between the console and ksqlDB, so that the server can go away and come back under an open page. */
export class Gate {
  readonly #server: Server;
  readonly #target: URL;
  readonly #sockets = new Set<Socket>();
  #open = true;

  private constructor(target: URL) {
    this.#target = target;
    this.#server = createServer((socket) => this.#pass(socket));
  }

  static async start(target: string): Promise<Gate> {
    const gate = new Gate(new URL(target));
    await new Promise<void>((resolve) => gate.#server.listen(0, '127.0.0.1', resolve));
    return gate;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Cuts what is connected, and lets nobody in. */
  shut(): void {
    this.#open = false;
    for (const socket of this.#sockets) socket.destroy();
  }

  openAgain(): void {
    this.#open = true;
  }

  async stop(): Promise<void> {
    this.shut();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #pass(client: Socket): void {
    if (!this.#open) {
      client.destroy();
      return;
    }
    const server = connect(Number(this.#target.port), this.#target.hostname);
    for (const socket of [client, server]) {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
      socket.on('error', () => undefined);
    }
    client.pipe(server).pipe(client);
    client.once('close', () => server.destroy());
    server.once('close', () => client.destroy());
  }
}
