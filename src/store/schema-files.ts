import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = join(import.meta.dirname, 'schema');

/**
 * One step of the schema: `schema/<version>_<name>.sql`. To change the schema, add a file with the next version.
 * Never change the SQL of a file that a store may have applied.
 */
export interface SchemaFile {
  readonly version: number;
  readonly name: string;
  readonly text: string;
  /** SHA-256 of the text, in hex. */
  readonly checksum: string;
  /** Checksums of earlier texts of the file with the same effect. */
  readonly formerChecksums: readonly string[];
}

/** Checksums of schema files before they were squashed: 005 makes the same changes in older stores. */
const formerChecksums: ReadonlyMap<number, readonly string[]> = new Map([
  [1, ['3788ec28984041d60501d64231bbdfa3e2208eeda3d6c067fb23b97880b27b84']],
  [2, ['0b8128789e5b075a159db352f5e56c1904eeba9398180f84c81119f78cd040ca']],
]);

/** Versions that older stores have applied and that a later file replaces completely: 003 and 004 by 005. */
export const supersededVersions: ReadonlySet<number> = new Set([3, 4]);

/** The schema files in the order of their versions. */
export function schemaFiles(): readonly SchemaFile[] {
  const files: SchemaFile[] = [];
  for (const file of readdirSync(folder).sort()) {
    const version = Number(file.slice(0, 3));
    if (!file.endsWith('.sql') || !Number.isInteger(version)) continue;
    const text = readFileSync(join(folder, file), 'utf8').replaceAll('\r\n', '\n');
    const checksum = createHash('sha256').update(text).digest('hex');
    files.push({
      version,
      name: file.slice(4, -4),
      text,
      checksum,
      formerChecksums: formerChecksums.get(version) ?? [],
    });
  }
  return files;
}
