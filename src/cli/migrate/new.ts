import { newMigration } from '../../migrations/new-migration.js';
import { note, out } from '../output.js';
import { type MigrateFlags, openSession, wholeNumber } from './migrate-session.js';

export interface NewFlags extends MigrateFlags {
  readonly version?: string;
  readonly undo?: boolean;
}

export async function runNew(words: readonly string[], flags: NewFlags): Promise<void> {
  const { directory } = await openSession(flags);
  const paths = newMigration({
    directory,
    description: words.join(' '),
    undo: flags.undo === true,
    ...(flags.version === undefined ? {} : { version: wholeNumber(flags.version, '--version', 1) }),
  });
  if (flags.json === true) out(JSON.stringify({ paths }));
  else for (const path of paths) out(path);
  note('Write the statements, then look at `paystream migrate plan`.');
}
