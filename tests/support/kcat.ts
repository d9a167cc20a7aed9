import { execFile, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';

const found = spawnSync('kcat', ['-V']).status === 0;

if (!found && process.env.PAYSTREAM_REQUIRE_TOOLS === '1') {
  throw new Error('kcat is required here and was not found: install the package kcat');
}

/** True where kcat is installed. */
export const haveKcat = found;

/**
 * Produces a file's lines, key and value parted by a tab. Does not block the process: the embedded broker may live
 * in it.
 */
export async function kcatProduceFile(brokers: string, topic: string, file: string): Promise<void> {
  await promisify(execFile)('kcat', ['-b', brokers, '-P', '-t', topic, '-K', '\t', '-l', file]);
}
