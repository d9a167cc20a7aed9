import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';

export const MAIN = resolve(import.meta.dirname, '../../dist/cli/main.js');

export interface DevProcess {
  readonly brokers: string;
  readonly ksqldbUrl: string;
  readonly storeUrl: string;
  readonly consoleUrl: string;
  readonly pid: number;
  readonly stderr: () => string;
  /** Resolves with the exit code, or the signal that ended it. */
  end(signal: 'SIGINT' | 'SIGTERM' | 'SIGKILL'): Promise<number | string>;
}

/** Starts `paystream dev --json` on free ports in a process of its own, as a script would. */
export async function startDevProcess(
  args: readonly string[],
  nodeOptions: readonly string[] = [],
): Promise<DevProcess> {
  if (!existsSync(MAIN)) throw new Error('dist/ is missing: run `npm run build` first');
  const ports = ['--kafka-port', '0', '--ksqldb-port', '0', '--store-port', '0'];
  const child: ChildProcess = spawn(
    process.execPath,
    [...nodeOptions, MAIN, 'dev', '--json', ...ports, ...args],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  const killWithUs = () => child.kill('SIGKILL');
  process.once('exit', killWithUs);
  let stderr = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  const exited = once(child, 'exit').then(([code, signal]) => (code ?? signal) as number | string);
  void exited.then(() => process.off('exit', killWithUs));
  const line = await Promise.race([
    once(createInterface({ input: child.stdout! }), 'line').then(([text]) => String(text)),
    exited.then((code) => {
      throw new Error(`paystream dev ended with ${code} before it was ready: ${stderr}`);
    }),
  ]);
  return {
    ...(JSON.parse(line) as { brokers: string; ksqldbUrl: string; storeUrl: string; consoleUrl: string }),
    pid: child.pid!,
    stderr: () => stderr,
    end: async (signal) => {
      child.kill(signal);
      return await exited;
    },
  };
}
