/**
 * Measures the wall time of `paystream migrate` and `paystream migrate status` processes against an embedded cluster in
 * a separate process. Requires `npm run build`.
 *
 * `npm run bench -- migrate [--runs 5]`; PAYSTREAM_KSQLDB_URL names another server without a migration history.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { startDevProcess } from './dev-process.js';

const MAIN = resolve(import.meta.dirname, '../../dist/cli/main.js');

export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({ args: [...args], options: { runs: { type: 'string', default: '5' } } });
  const runs = Number(values.runs);
  const help: number[] = [];
  const apply: number[] = [];
  const status: number[] = [];
  const plan: number[] = [];
  for (let i = 0; i < runs; i++) {
    help.push(await timed(['--help'], {}));
    const cluster = await startDevProcess(['--ephemeral', '--no-migrate', '--no-sink', '--no-console']);
    try {
      const env = { PAYSTREAM_KSQLDB_URL: cluster.ksqldbUrl };
      plan.push(await timed(['migrate', 'plan'], env));
      apply.push(await timed(['migrate'], env));
      for (let n = 0; n < 5; n++) status.push(await timed(['migrate', 'status'], env));
    } finally {
      await cluster.stop();
    }
  }
  show('paystream --help', help, 200);
  show('paystream migrate plan, all files pending', plan);
  show('paystream migrate, all files pending', apply, 2_000);
  show('paystream migrate status', status, 300);
}

/** Milliseconds from the start of the process to its exit. */
async function timed(args: readonly string[], env: Readonly<Record<string, string>>): Promise<number> {
  const started = performance.now();
  const child = spawn(process.execPath, [MAIN, ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let messages = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    messages += text;
  });
  const [code] = (await once(child, 'exit')) as [number];
  const tookMs = performance.now() - started;
  if (code !== 0) throw new Error(`paystream ${args.join(' ')} exited with ${code}: ${messages}`);
  return tookMs;
}

function show(name: string, times: readonly number[], aimMs?: number): void {
  const sorted = [...times].sort((a, b) => a - b);
  const at = (part: number) =>
    Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))]!);
  const aim = aimMs === undefined ? '' : `  (aim: under ${aimMs} ms)`;
  console.log(`${name.padEnd(44)} median ${at(0.5)} ms, fastest ${at(0)} ms, slowest ${at(1)} ms${aim}`);
}
