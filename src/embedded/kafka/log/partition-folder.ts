import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What a partition keeps beside its segments. All of it but the start offset can be read from the log again. */
export interface PartitionState {
  readonly startOffset: number;
  /** The producers' states are those at this offset. */
  readonly producersOffset: number;
  readonly producers: unknown;
  readonly cleanedOffset: number;
}

const stateFile = 'partition.json';

/** Offsets in file names, so that names sort as the offsets do. */
export function padded(offset: number): string {
  return String(offset).padStart(20, '0');
}

/** Undefined for a missing or torn file: that costs a longer start, and no record. */
export function loadPartitionState(dir: string): PartitionState | undefined {
  try {
    const saved = JSON.parse(readFileSync(join(dir, stateFile), 'utf8')) as Partial<PartitionState>;
    if (typeof saved.startOffset !== 'number' || typeof saved.producersOffset !== 'number') return undefined;
    return saved as PartitionState;
  } catch (error) {
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

export function savePartitionState(dir: string, state: PartitionState): void {
  const path = join(dir, stateFile);
  writeFileSync(`${path}.new`, JSON.stringify(state));
  renameSync(`${path}.new`, path);
}

/** A swap file is whole and stands for all segments in its range; a cleaned one was not finished. */
export function finishCompaction(dir: string): void {
  for (const name of readdirSync(dir)) {
    if (name.endsWith('.cleaned')) rmSync(join(dir, name));
    if (!name.endsWith('.swap')) continue;
    const [from, to] = name.slice(0, -'.swap'.length).split('-').map(Number) as [number, number];
    for (const other of readdirSync(dir)) {
      const base = Number(other.slice(0, 20));
      const isSegment = other.endsWith('.log') || other.endsWith('.index');
      if (isSegment && base >= from && base < to) rmSync(join(dir, other));
    }
    renameSync(join(dir, name), join(dir, `${padded(from)}.log`));
  }
}
