import { fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { EngineUnderTest } from './engine.test-util.js';

let dir: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'paystream-crash-'));
});

afterEach(() => {
  rmSync(dir, { recursive: true, force: true });
});

/** Starts the child process and sends SIGKILL after `workMs` milliseconds. */
function workAndDie(workMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = fork(join(import.meta.dirname, 'crash-child.test-util.ts'), ['run', dir], {
      execArgv: ['--import', 'tsx'],
    });
    child.once('error', reject);
    child.once('message', () => setTimeout(() => child.kill('SIGKILL'), workMs));
    child.once('exit', (code, signal) => {
      if (signal === 'SIGKILL') resolve();
      else reject(new Error(`The child exited with ${code ?? signal} before it was killed`));
    });
  });
}

test('kill -9 at any time neither loses nor duplicates records', async () => {
  for (const workMs of [150, 37, 220, 5]) await workAndDie(workMs);
  const e = new EngineUnderTest(dir);
  try {
    await e.settled();
    const sent = e.read('clicks').map(({ value }) => (JSON.parse(value!) as { n: number }).n);
    expect(sent.length).toBeGreaterThan(100);
    expect(new Set(sent).size).toBe(sent.length);
    const numbers = (topic: string): number[] =>
      e
        .read(topic)
        .map(({ value }) => (JSON.parse(value!) as { N: number }).N)
        .sort((a, b) => a - b);
    const all = sent.toSorted((a, b) => a - b);
    expect(numbers('COPY')).toEqual(all);
    expect(numbers('PAIRS')).toEqual(all);
    for (let u = 0; u < 7; u++) {
      const own = all.filter((n) => n % 7 === u);
      const [row] = e.engine.materialization('COUNTS')!.get([`u${u}`]);
      expect(row?.value).toEqual([BigInt(own.length), own.reduce((sum, n) => sum + n, 0)]);
      const windows = e.engine.materialization('WINDOWS')!.get([`u${u}`]);
      const counted = windows.reduce((sum, { value }) => sum + Number(value[0]), 0);
      expect(counted).toBe(own.length);
    }
  } finally {
    await e.close();
  }
}, 60_000);
