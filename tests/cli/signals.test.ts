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

/** As in a container: process 1 of a space of its own, where Linux drops a signal that nobody listens to. */
const unshare = [
  ...(process.getuid?.() === 0 ? [] : ['--user', '--map-root-user']),
  ...['--pid', '--fork', '--kill-child'],
];
const can = spawnSync('unshare', [...unshare, 'true']).status === 0;
const needed = process.env.PAYSTREAM_REQUIRE_TOOLS === '1' && process.platform === 'linux';

interface First {
  /** Waits until its output matches. */
  says(pattern: RegExp): Promise<void>;
  /** Sends a signal to paystream itself and gives its exit code. */
  endedBy(signal: 'SIGTERM' | 'SIGINT'): Promise<number | null>;
}

const started: ChildProcess[] = [];

function asFirstProcess(args: readonly string[]): First {
  // The shell makes way for it and says its number as the outer space knows it: /proc is that one's.
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
  /** Takes connections and never answers. */
  let silent: Server;
  /** Takes connections and ends them. */
  let broken: Server;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'paystream-signals-'));
    cluster = await testCluster();
    silent = createServer((socket) => socket.on('error', () => {})).listen(0, '127.0.0.1');
    broken = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
    await Promise.all([once(silent, 'listening'), once(broken, 'listening')]);
  });
  afterAll(async () => {
    // With it goes paystream, whatever it is doing.
    for (const child of started) child.kill('SIGKILL');
    silent?.close();
    broken?.close();
    await cluster?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const urlOf = (server: Server) =>
    `http://127.0.0.1:${(server.address() as { readonly port: number }).port}`;

  it('ends the sink in order on SIGTERM', async () => {
    const config = configIn(folder, {
      kafka: { brokers: [cluster.brokers] },
      store: { url: 'pglite:memory' },
      sink: { http: { port: 0 } },
    });
    const first = asFirstProcess(['sink', '--config', config]);
    await first.says(/sink: .*payments at/);
    expect(await first.endedBy('SIGTERM')).toBe(0);
  });

  it('ends the exporter in order on SIGTERM', async () => {
    const first = asFirstProcess([
      ...['exporter', '--port', '0', '--ksqldb-url', cluster.ksqldbUrl, '--kafka-brokers', cluster.brokers],
    ]);
    await first.says(/exporter: http/);
    expect(await first.endedBy('SIGTERM')).toBe(0);
  });

  it('ends migrations that wait for a server', async () => {
    const first = asFirstProcess(['migrate', '--wait', '600', '--ksqldb-url', urlOf(broken)]);
    await once(broken, 'connection');
    expect(await first.endedBy('SIGTERM')).toBe(130);
  });

  it('ends a command that has no way of its own, and hangs at a server that does not answer', async () => {
    const first = asFirstProcess(['status', '--ksqldb-url', urlOf(silent)]);
    await once(silent, 'connection');
    expect(await first.endedBy('SIGTERM')).toBe(143);
  });
});
