import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { PaystreamError } from '../errors/paystream-error.js';

/** One versioned file, `V000001__payment_output.sql`. */
export interface MigrationFile {
  readonly version: number;
  /** The description in the file name, with spaces for `_`, as ksql-migrations writes it in its history. */
  readonly name: string;
  readonly path: string;
  readonly sql: string;
  /** MD5 of the file's raw bytes, hex, as ksql-migrations computes it. */
  readonly checksum: string;
}

export const MAX_VERSION = 999_999;
const FILE_NAME = /^V([0-9]{6})__(.+)\.sql$/;

/** Returns the MD5 of raw bytes in hex. */
export function checksumOf(bytes: Buffer | string): string {
  return createHash('md5').update(bytes).digest('hex');
}

/** Returns the checksums of the same text with other line endings, which a checkout on another system may change. */
export function checksumsOfOtherLineEnds(sql: string): readonly string[] {
  const unix = sql.replaceAll('\r\n', '\n');
  return [unix, unix.replaceAll('\n', '\r\n')].map(checksumOf);
}

/** `V000003__cc_payment.sql` */
export function migrationFileName(version: number, name: string): string {
  return `V${String(version).padStart(6, '0')}__${name}.sql`;
}

/** Returns the path of the undo file, such as `U000003__cc_payment.sql`. The file may not exist. */
export function undoPath(file: MigrationFile): string {
  return join(dirname(file.path), basename(file.path).replace(/^V/, 'U'));
}

export function hasUndo(file: MigrationFile): boolean {
  return existsSync(undoPath(file));
}

/** Lists the files of a folder. Throws MIGRATIONS_DIRECTORY if it cannot be read. */
export function listMigrationsFolder(directory: string): readonly string[] {
  try {
    return readdirSync(directory).sort();
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
}

/** Parses version and description from a file name. Undefined if the file is not a migration. */
export function parseFileName(
  fileName: string,
): { readonly version: number; readonly name: string } | undefined {
  const match = FILE_NAME.exec(fileName);
  return match === null
    ? undefined
    : { version: Number(match[1]), name: (match[2] ?? '').replaceAll('_', ' ') };
}

/**
 * Reads the migrations of a folder, in order. Files with other names are ignored.
 * Throws MIGRATIONS_DIRECTORY if the folder cannot be read, MIGRATION_DUPLICATE if two files have the same version, and
 * MIGRATION_NAME for version 0.
 */
export function readMigrationFiles(directory: string): readonly MigrationFile[] {
  const files: MigrationFile[] = [];
  for (const fileName of listMigrationsFolder(directory)) {
    const parsed = parseFileName(fileName);
    if (parsed === undefined) continue;
    const path = join(directory, fileName);
    if (parsed.version === 0) {
      throw new PaystreamError('MIGRATION_NAME', 'Versions begin with 1.', {
        where: path,
        hint: 'Rename the file; `paystream migrate new` takes the next free version.',
      });
    }
    const previous = files.at(-1);
    if (previous?.version === parsed.version) {
      throw new PaystreamError('MIGRATION_DUPLICATE', `Two files have version ${parsed.version}.`, {
        where: `${previous.path}, ${path}`,
        hint: 'Give one of them the next free version; `paystream migrate new` does that.',
      });
    }
    const bytes = readFileSync(path);
    files.push({ ...parsed, path, sql: bytes.toString('utf8'), checksum: checksumOf(bytes) });
  }
  return files;
}
