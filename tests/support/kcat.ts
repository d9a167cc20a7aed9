import { execFileSync, spawnSync } from 'node:child_process';

const found = spawnSync('kcat', ['-V']).status === 0;

if (!found && process.env.PAYSTREAM_REQUIRE_TOOLS === '1') {
  throw new Error('kcat is required here and was not found: install the package kcat');
}

/** True where kcat is installed. */
export const haveKcat = found;

/** Produces a file's lines, key and value parted by a tab. */
export function kcatProduceFile(brokers: string, topic: string, file: string): void {
  execFileSync('kcat', ['-b', brokers, '-P', '-t', topic, '-K', '\t', '-l', file], { stdio: 'pipe' });
}
