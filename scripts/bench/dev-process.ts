import { readFileSync } from 'node:fs';
import * as support from '../../tests/support/dev-process.js';

export interface DevProcess {
  readonly brokers: string;
  readonly ksqldbUrl: string;
  readonly storeUrl: string;
  /** Peak resident memory so far in MB, as counted by the kernel. */
  peakMemoryMb(): number;
  /** CPU seconds so far, user plus system. */
  cpuSeconds(): number;
  stop(): Promise<void>;
}

/** Runs and measures `paystream dev` in a separate process. `PAYSTREAM_BENCH_NODE_OPTIONS` are passed to Node. */
export async function startDevProcess(args: readonly string[]): Promise<DevProcess> {
  const dev = await support.startDevProcess(args, process.env.PAYSTREAM_BENCH_NODE_OPTIONS?.split(' ') ?? []);
  return {
    ...dev,
    peakMemoryMb: () =>
      Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${dev.pid}/status`, 'utf8'))?.[1]) / 1024,
    cpuSeconds: () => {
      const stat = readFileSync(`/proc/${dev.pid}/stat`, 'utf8');
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      // utime and stime, in clock ticks of 10 ms: proc(5).
      return (Number(fields[11]) + Number(fields[12])) / 100;
    },
    stop: async () => {
      await dev.end('SIGTERM');
    },
  };
}
