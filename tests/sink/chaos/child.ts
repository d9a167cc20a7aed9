import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';

export interface ChaosChild {
  /** The first line that it wrote. */
  readonly said: string;
  /** Its further lines. */
  readonly lines: Interface;
  /** Resolves when it has ended; with what it said in its last moments if nobody had asked it to end. */
  readonly ended: Promise<string | undefined>;
  tell(command: object): void;
  end(signal: NodeJS.Signals): Promise<void>;
}

/** Starts one of the scripts of this folder on the compiled code, and waits for its first line. */
export async function startChaosChild(
  script: 'broker' | 'store' | 'sink-host',
  args: readonly string[],
  onError: (line: string) => void = () => {},
): Promise<ChaosChild> {
  if (!existsSync(join(import.meta.dirname, '../../../dist/sink/sink.js'))) {
    throw new Error('dist/ is missing: run `npm run build` first');
  }
  const child: ChildProcess = spawn(process.execPath, [join(import.meta.dirname, `${script}.mjs`), ...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  // What is told to one that has just been killed.
  child.stdin!.on('error', () => {});
  let isAsked = false;
  let errors = '';
  const exited = once(child, 'exit');
  // Only `close` says that all it wrote has arrived.
  const ended = once(child, 'close').then(([code, signal]) =>
    isAsked ? undefined : `${script} ended by itself (${signal ?? code}): ${errors}`,
  );
  createInterface({ input: child.stderr! }).on('line', (line) => {
    errors = `${errors}${line}\n`.slice(-4_000);
    onError(line);
  });
  const lines = createInterface({ input: child.stdout! });
  const said = await Promise.race([
    once(lines, 'line').then(([line]) => String(line)),
    exited.then(() => {
      throw new Error(`${script} ended before it was ready: ${errors}`);
    }),
  ]);
  return {
    said,
    lines,
    ended,
    tell: (command) => void child.stdin!.write(`${JSON.stringify(command)}\n`),
    async end(signal) {
      isAsked = true;
      child.kill(signal);
      await exited;
    },
  };
}
