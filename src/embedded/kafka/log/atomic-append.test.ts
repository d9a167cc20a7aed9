import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { batches } from '../records/record-batch.js';
import { LogStore } from './log-store.js';
import type { PartitionLog } from './partition-log.js';

const rounds = Number(process.env.PAYSTREAM_CRASH_ROUNDS ?? 5);
const dataDir = mkdtempSync(join(tmpdir(), 'atomic-append-'));
afterAll(() => rmSync(dataDir, { recursive: true, force: true }));

/** Appends in a child process, kills it after a while, and returns the last end offset that it acknowledged. */
async function crash(): Promise<number> {
  const script = join(import.meta.dirname, 'atomic-append-child.test-util.ts');
  const child = spawn(process.execPath, ['--import', 'tsx', script, dataDir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  await once(child.stdout, 'data');
  await new Promise((resolve) => setTimeout(resolve, Math.random() * 150));
  child.kill('SIGKILL');
  await once(child, 'close');
  return Number(text.slice(0, text.lastIndexOf('\n')).split('\n').at(-1));
}

function contents(log: PartitionLog): string[] {
  const found: string[] = [];
  let offset = log.startOffset;
  while (offset < log.endOffset) {
    for (const batch of batches(log.read(offset, 1_000_000))) {
      expect(batch.baseOffset).toBe(offset);
      expect(batch.isIntact()).toBe(true);
      found.push(`${batch.baseOffset}-${batch.lastOffset} ${batch.sizeInBytes} ${batch.crc}`);
      offset = batch.nextOffset;
    }
  }
  return found;
}

it(`appends to several partitions are all there or not at all after kill -9, ${rounds} times`, async () => {
  for (let round = 0; round < rounds; round++) {
    const acknowledged = await crash();
    const store = LogStore.open({ dataDir });
    const logs = [store.partition('a', 0)!, store.partition('a', 1)!, store.partition('b', 0)!];
    const [first, ...others] = logs.map(contents);
    for (const other of others) expect(other).toEqual(first);
    expect(logs[0]!.endOffset).toBeGreaterThanOrEqual(acknowledged);
    store.close();
  }
}, 600_000);
