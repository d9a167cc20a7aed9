import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';

export interface DevProcess {
  readonly brokers: string;
  readonly ksqldbUrl: string;
  readonly storeUrl: string;
  /** Peak resident memory so far, in MB, as the kernel counted it. */
  peakMemoryMb(): number;
  /** CPU seconds, user and system, so far. */
  cpuSeconds(): number;
  stop(): Promise<void>;
}

/** Starts `paystream dev` as users do, in a process of its own, with free ports; needs `npm run build` first. */
export async function startDevProcess(args: readonly string[]): Promise<DevProcess> {
  const main = resolve(import.meta.dirname, '../../dist/cli/main.js');
  const ports = ['--kafka-port', '0', '--ksqldb-port', '0', '--store-port', '0'];
  const child: ChildProcess = spawn(
    process.execPath,
    [
      ...(process.env.PAYSTREAM_BENCH_NODE_OPTIONS?.split(' ') ?? []),
      main,
      'dev',
      '--json',
      ...ports,
      ...args,
    ],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  process.once('exit', () => child.kill('SIGKILL'));
  const lines = createInterface({ input: child.stdout! });
  const [line] = (await Promise.race([
    once(lines, 'line'),
    once(child, 'exit').then(() => {
      throw new Error('paystream dev ended before it was ready');
    }),
  ])) as [string];
  const endpoints = JSON.parse(line) as { brokers: string; ksqldbUrl: string; storeUrl: string };
  return {
    ...endpoints,
    peakMemoryMb: () =>
      Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1]) / 1024,
    cpuSeconds: () => {
      const stat = readFileSync(`/proc/${child.pid}/stat`, 'utf8');
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      // utime and stime, in clock ticks of 10 ms: proc(5).
      return (Number(fields[11]) + Number(fields[12])) / 100;
    },
    stop: async () => {
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
    },
  };
}
