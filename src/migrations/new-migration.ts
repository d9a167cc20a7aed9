import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PaystreamError } from '../errors/paystream-error.js';
import { listMigrationsFolder, MAX_VERSION, migrationFileName, parseFileName } from './migration-file.js';

export interface NewMigrationOptions {
  readonly directory: string;
  /** The description. Spaces become `_` in the file name. */
  readonly description: string;
  /** The next free version by default. */
  readonly version?: number;
  /** Whether to write an undo file as well. */
  readonly undo: boolean;
  /** The text of the file (default: a comment). */
  readonly sql?: string;
  readonly undoSql?: string;
}

/** Writes a new, empty migration and returns the paths of what it wrote. Creates the folder if needed. */
export function newMigration(options: NewMigrationOptions): readonly string[] {
  const { directory, description } = options;
  // Like ksql-migrations, replace characters that file systems and shells treat specially.
  const name = description.trim().replace(/[\s/\\:*?"<>|]+/g, '_');
  if (name === '') throw new PaystreamError('USAGE_DESCRIPTION', 'The description is empty.');
  mkdirSync(directory, { recursive: true });
  const taken = listMigrationsFolder(directory).flatMap((file) => parseFileName(file)?.version ?? []);
  const version = options.version ?? Math.max(0, ...taken) + 1;
  if (version > MAX_VERSION) {
    throw new PaystreamError('MIGRATION_NAME', `There is no version after ${MAX_VERSION}.`, {
      where: directory,
    });
  }
  if (taken.includes(version)) {
    throw new PaystreamError('MIGRATION_DUPLICATE', `There is a migration with version ${version} already.`, {
      where: directory,
      hint: 'Leave --version out to take the next free one.',
    });
  }
  const fileName = migrationFileName(version, name);
  const files = [
    { path: join(directory, fileName), text: options.sql ?? `-- ${description.trim()}\n` },
    ...(options.undo
      ? [
          {
            path: join(directory, fileName.replace(/^V/, 'U')),
            text: options.undoSql ?? `-- Takes ${fileName} back.\n`,
          },
        ]
      : []),
  ];
  const existing = files.find((file) => existsSync(file.path));
  if (existing !== undefined) {
    throw new PaystreamError('MIGRATION_DUPLICATE', 'The file is there already.', { where: existing.path });
  }
  for (const file of files) writeFileSync(file.path, file.text, { flag: 'wx' });
  return files.map((file) => file.path);
}
