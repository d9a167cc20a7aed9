import { baseline } from '../../migrations/baseline.js';
import { note, out } from '../output.js';
import { type LockedFlags, locked } from './locked.js';
import { wholeNumber, withServer } from './migrate-session.js';

export interface BaselineFlags extends LockedFlags {
  readonly at: string;
}

export async function runBaseline(flags: BaselineFlags): Promise<void> {
  const at = wholeNumber(flags.at, '--at', 1);
  await withServer(flags, async (session) => {
    const files = await locked(session, flags, () => baseline({ ...session, at }));
    if (flags.json === true) out(JSON.stringify({ version: at, files: files.map(({ path }) => path) }));
    else note(`Recorded ${files.length} files, up to version ${at}, as applied. None of them was run.`);
  });
}
