import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { configIn } from '../security/support/paystream-process.js';
import { MAIN } from '../support/dev-process.js';
import { type TestCluster, testCluster } from '../support/test-cluster.js';

/** Runs paystream as process 1 of a new PID namespace, like a container. Linux drops signals without a listener there. */
const unshare = [
  ...(process.getuid?.() === 0 ? [] : ['--user', '--map-root-user']),
  ...['--pid', '--fork', '--kill-child'],
];
const can = spawnSync('unshare', [...unshare, 'true']).status === 0;
const needed = process.env.PAYSTREAM_REQUIRE_TOOLS === '1' && process.platform === 'linux';

interface First {
  /** Waits until the output matches. */
  says(pattern: RegExp): Promise<void>;
  /** Sends a signal to paystream and returns its exit code. */
  endedBy(signal: 'SIGTERM' | 'SIGINT'): Promise<number | null>;
}

const started: ChildProcess[] = [];

function asFirstProcess(args: readonly string[]): First {
  // The shell prints its PID in the outer namespace, which /proc shows, and then becomes paystream.
  const child = spawn(
    'unshare',
    [
      ...unshare,
      'sh',
      '-c',
      'read -r pid rest </proc/self/stat; echo "$pid"; exec "$@"',
      'sh',
      process.execPath,
      MAIN,
      ...args,
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  started.push(child);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
  }
  const ended = once(child, 'exit').then(([code]) => code as number | null);
  return {
    async says(pattern) {
      while (!pattern.test(output)) {
        if (child.exitCode !== null) throw new Error(`ended before it said ${pattern}: ${output}`);
        await new Promise((next) => setTimeout(next, 20));
      }
    },
    async endedBy(signal) {
      process.kill(Number(/^(\d+)$/m.exec(output)?.[1]), signal);
      return await ended;
    },
  };
}

describe.skipIf(!can && !needed)('paystream as the first process of a container', () => {
  let cluster: TestCluster;
  let folder: string;
  /** Accepts connections and never responds. */
  let silent: Server;
  /** Accepts connections and closes them. */
  let broken: Server;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'paystream-signals-'));
    cluster = await testCluster();
    silent = createServer((socket) => socket.on('error', () => {})).listen(0, '127.0.0.1');
    broken = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
    await Promise.all([once(silent, 'listening'), once(broken, 'listening')]);
  });
  afterAll(async () => {
    // This also kills paystream.
    for (const child of started) child.kill('SIGKILL');
    silent?.close();
    broken?.close();
    await cluster?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const urlOf = (server: Server) =>
    `http://127.0.0.1:${(server.address() as { readonly port: number }).port}`;

  it('shuts the sink down on SIGTERM', async () => {
    const config = configIn(folder, {
      kafka: { brokers: [cluster.brokers] },
      store: { url: 'pglite:memory' },
      sink: { http: { port: 0 } },
    });
    const first = asFirstProcess(['sink', '--config', config]);
    await first.says(/sink: .*payments at/);
    expect(await first.endedBy('SIGTERM')).toBe(0);
  });

  it('shuts the exporter down on SIGTERM', async () => {
    const first = asFirstProcess([
      ...['exporter', '--port', '0', '--ksqldb-url', cluster.ksqldbUrl, '--kafka-brokers', cluster.brokers],
    ]);
    await first.says(/exporter: http/);
    expect(await first.endedBy('SIGTERM')).toBe(0);
  });

  it('stops migrations that wait for a server', async () => {
    const first = asFirstProcess(['migrate', '--wait', '600', '--ksqldb-url', urlOf(broken)]);
    await once(broken, 'connection');
    expect(await first.endedBy('SIGTERM')).toBe(130);
  });

  it('ends a command without its own handler that hangs on a silent server', async () => {
    const first = asFirstProcess(['status', '--ksqldb-url', urlOf(silent)]);
    await once(silent, 'connection');
    expect(await first.endedBy('SIGTERM')).toBe(143);
  });
});
