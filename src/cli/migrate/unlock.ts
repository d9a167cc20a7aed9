import { LOCK_STREAM, readLock, removeLock } from '../../migrations/migration-lock.js';
import { confirm } from '../confirm.js';
import { note, out } from '../output.js';
import { assertConfirmed } from './locked.js';
import { type MigrateFlags, withServer } from './migrate-session.js';

export interface UnlockFlags extends MigrateFlags {
  readonly yes?: boolean;
}

export async function runUnlock(flags: UnlockFlags): Promise<void> {
  await withServer(flags, async ({ client }) => {
    const lock = await readLock(client);
    if (lock === undefined) {
      if (flags.json === true) out(JSON.stringify({ unlocked: false, holder: null }));
      else note('Nobody holds the lock.');
      return;
    }
    const { holder, since } = lock;
    const question = `${holder} has held the lock since ${since}. Remove it only if that run is dead: two runs at the same time corrupt the cluster's objects. Remove it?`;
    assertConfirmed(await confirm(question, flags.yes));
    const unlocked = await removeLock(client, lock);
    if (flags.json === true) out(JSON.stringify({ unlocked, holder: { holder, since } }));
    else note(unlocked ? `Removed ${LOCK_STREAM}.` : 'The lock was released in the meantime.');
  });
}
