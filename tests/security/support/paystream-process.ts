import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { stringify } from 'yaml';

// Another build may be named, such as that of an installed package.
const MAIN = process.env.PAYSTREAM_TEST_MAIN ?? resolve(import.meta.dirname, '../../../dist/cli/main.js');
/** The contract: whoever is refused learns so within this time; a process that says nothing for longer is ended. */
const TOLD_WITHIN_MS = 10_000;
/** For Node to start on a machine that is busy with other tests. */
const START_MS = 10_000;

export interface Ended {
  readonly code: number | null;
  /** Both streams. */
  readonly output: string;
}

export interface PaystreamProcess {
  readonly ended: Promise<Ended>;
  output(): string;
  /** Waits until a line of the output matches; its first group. */
  line(pattern: RegExp): Promise<string>;
  /** Waits for an end that comes by itself, no longer than the contract has it. */
  refused(): Promise<Ended>;
  stop(): Promise<Ended>;
}

/** Runs the command line in a process of its own. */
export function startPaystream(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): PaystreamProcess {
  if (!existsSync(MAIN)) throw new Error('dist/ is missing: run `npm run build` first');
  const child: ChildProcess = spawn(process.execPath, [MAIN, ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const killWithUs = () => child.kill('SIGKILL');
  process.once('exit', killWithUs);
  let output = '';
  const collect = (chunk: Buffer) => {
    output += chunk.toString();
  };
  child.stdout?.on('data', collect);
  child.stderr?.on('data', collect);
  const ended = once(child, 'close').then(([code]): Ended => {
    process.off('exit', killWithUs);
    return { code: code as number | null, output };
  });
  return {
    ended,
    output: () => output,
    async line(pattern) {
      let over = false;
      void ended.then(() => {
        over = true;
      });
      for (;;) {
        const found = pattern.exec(output);
        if (found !== null) return found[1] ?? found[0];
        if (over) throw new Error(`ended before it said ${pattern}: ${output}`);
        await new Promise((next) => setTimeout(next, 20));
      }
    },
    refused: async () => {
      const timer = setTimeout(() => child.kill('SIGKILL'), START_MS + TOLD_WITHIN_MS);
      try {
        return await ended;
      } finally {
        clearTimeout(timer);
      }
    },
    stop: () => {
      child.kill('SIGTERM');
      return ended;
    },
  };
}

let files = 0;

/** Writes a configuration into a folder and gives its path. */
export function configIn(folder: string, config: object): string {
  const path = join(folder, `paystream-${files++}.yaml`);
  writeFileSync(path, stringify(config));
  return path;
}

/** Polls `/readyz` until the sink is ready. */
export async function waitUntilReady(url: string, timeoutMs = 30_000): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  let last = '';
  while (Date.now() < deadline) {
    const response = await fetch(`${url}/readyz`).catch(() => undefined);
    if (response?.status === 200) return;
    last = (await response?.text()) ?? 'no answer';
    await new Promise((next) => setTimeout(next, 50));
  }
  throw new Error(`not ready after ${timeoutMs} ms: ${last}`);
}
