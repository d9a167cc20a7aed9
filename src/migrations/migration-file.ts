import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PaystreamError } from '../errors/paystream-error.js';

/** One versioned file, `V000001__payment_output.sql`. */
export interface MigrationFile {
  readonly version: number;
  /** The file name's description with blanks for `_`, as ksql-migrations writes it in its books. */
  readonly name: string;
  readonly path: string;
  readonly sql: string;
  /** MD5 of the file's raw bytes, hex, as ksql-migrations computes it. */
  readonly checksum: string;
}

const FILE_NAME = /^V([0-9]{6})__(.+)\.sql$/;

/** MD5 of raw bytes, hex. */
export function checksumOf(bytes: Buffer): string {
  return createHash('md5').update(bytes).digest('hex');
}

/**
 * The migrations of a folder, in order. Files of other names are not migrations and are passed over.
 * Throws MIGRATIONS_DIRECTORY if the folder cannot be read and MIGRATION_DUPLICATE if two files have one version.
 */
export function readMigrationFiles(directory: string): readonly MigrationFile[] {
  let names: string[];
  try {
    names = readdirSync(directory).sort();
  } catch (cause) {
    throw new PaystreamError(
      'MIGRATIONS_DIRECTORY',
      `The migrations cannot be read: ${(cause as Error).message}.`,
      {
        where: directory,
        hint: 'Give the folder with --directory, or as migrations.directory in paystream.yaml.',
        cause,
      },
    );
  }
  const files: MigrationFile[] = [];
  for (const fileName of names) {
    const match = FILE_NAME.exec(fileName);
    if (match === null) continue;
    const path = join(directory, fileName);
    const bytes = readFileSync(path);
    const version = Number(match[1]);
    const previous = files.at(-1);
    if (previous?.version === version) {
      throw new PaystreamError('MIGRATION_DUPLICATE', `Two files have version ${version}.`, {
        where: `${previous.path}, ${path}`,
        hint: 'Give one of them the next free version; `paystream migrate new` does that.',
      });
    }
    files.push({
      version,
      name: (match[2] ?? '').replaceAll('_', ' '),
      path,
      sql: bytes.toString('utf8'),
      checksum: checksumOf(bytes),
    });
  }
  return files;
}
