import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A partition's state besides its segments. All of it except the start offset can be rebuilt from the log. */
export interface PartitionState {
  readonly startOffset: number;
  /** The offset at which the producers' states were saved. */
  readonly producersOffset: number;
  readonly producers: unknown;
  readonly cleanedOffset: number;
}

const stateFile = 'partition.json';

/** Pads an offset for file names, so that they sort by offset. */
export function padded(offset: number): string {
  return String(offset).padStart(20, '0');
}

/** Returns undefined for a missing or torn file. The start then takes longer, but no record is lost. */
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

/** Completes an interrupted swap. A `.swap` file is complete and replaces its range; a `.cleaned` file is not. */
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
