import { type ChildProcess, spawn } from 'node:child_process';

export interface Child {
  /** The first line that it wrote. */
  readonly said: string;
  readonly process: ChildProcess;
  /** What it wrote to standard error. */
  errors(): string;
  end(signal: NodeJS.Signals): Promise<void>;
}

/** Starts one of the scripts of this folder, and waits for its first line. It ends with this process. */
export async function startChild(script: string, args: readonly string[]): Promise<Child> {
  const child = spawn(process.execPath, ['--import', 'tsx', `tests/sink/support/${script}.ts`, ...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let errors = '';
  child.stderr.on('data', (text: Buffer) => {
    errors += text.toString();
  });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const said = await new Promise<string>((resolve, reject) => {
    child.stdout.once('data', (text: Buffer) => resolve(text.toString().trim()));
    void exited.then(() => reject(new Error(`${script} ended: ${errors.slice(-2_000)}`)));
  });
  return {
    said,
    process: child,
    errors: () => errors,
    async end(signal) {
      child.kill(signal);
      await exited;
    },
  };
}
