import { PaystreamError } from '../../errors/paystream-error.js';
import { withLock } from '../../migrations/with-lock.js';
import { note } from '../output.js';
import { type ConnectedSession, type MigrateFlags, seconds } from './migrate-session.js';

/** The flags of the commands that write the history. */
export interface LockedFlags extends MigrateFlags {
  readonly yes?: boolean;
  readonly lockTimeout: string;
}

/** Runs an action while this process holds the lock. */
export async function locked<T>(
  { client, history }: ConnectedSession,
  flags: LockedFlags,
  action: () => Promise<T>,
  deleteTopic = false,
): Promise<T> {
  const options = {
    timeoutMs: seconds(flags.lockTimeout, '--lock-timeout') * 1_000,
    replicas: history.replicas,
    deleteTopic,
    onWait: ({ holder, since }: { readonly holder: string; readonly since: string }) =>
      note(`waiting for the lock of ${holder}, held since ${since}`),
  };
  return await withLock(client, options, action);
}

/** Throws USAGE_NOT_CONFIRMED if the answer to a question was no. */
export function assertConfirmed(confirmed: boolean): void {
  if (!confirmed) throw new PaystreamError('USAGE_NOT_CONFIRMED', 'Not confirmed: nothing was changed.');
}
