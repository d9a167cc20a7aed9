/** The registry's changes in a file, a line each, so that it finds its schemas again after a restart. */
import {
  closeSync,
  existsSync,
  fdatasyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import type { CompatibilityLevel } from './compatibility.js';
import type { RegisteredSchema, RegistryMode } from './registered-schema.js';

export type RegistryChange =
  | ({ readonly op: 'schema' } & RegisteredSchema)
  | { readonly op: 'delete'; readonly subject: string; readonly version: number; readonly permanent: boolean }
  | { readonly op: 'config'; readonly subject: string | null; readonly level: CompatibilityLevel | null }
  | { readonly op: 'mode'; readonly subject: string | null; readonly mode: RegistryMode | null };

export interface RegistryJournal {
  read(): RegistryChange[];
  /** On disk when it returns. */
  append(change: RegistryChange): void;
  close(): void;
}

export const memoryJournal: RegistryJournal = {
  read: () => [],
  append: () => {},
  close: () => {},
};

/** A journal in `schemas.jsonl` of the folder, which is made if it is not there. */
export function fileJournal(dataDir: string): RegistryJournal {
  mkdirSync(dataDir, { recursive: true });
  const path = join(dataDir, 'schemas.jsonl');
  const changes = existsSync(path) ? readLines(path) : [];
  // Written anew: a line that a crash cut off is gone before more are appended.
  const fresh = `${path}.new`;
  writeFileSync(fresh, changes.map((change) => `${JSON.stringify(change)}\n`).join(''), { flush: true });
  renameSync(fresh, path);
  const file = openSync(path, 'a');
  return {
    read: () => changes,
    append(change) {
      writeSync(file, `${JSON.stringify(change)}\n`);
      fdatasyncSync(file);
    },
    close: () => closeSync(file),
  };
}

function readLines(path: string): RegistryChange[] {
  const changes: RegistryChange[] = [];
  const lines = readFileSync(path, 'utf8').split('\n');
  lines.forEach((line, i) => {
    if (line === '') return;
    try {
      changes.push(JSON.parse(line) as RegistryChange);
    } catch (error) {
      // Only the last line can have been cut off by a crash; nobody was told that it was kept.
      if (i < lines.length - 1) throw error;
    }
  });
  return changes;
}
