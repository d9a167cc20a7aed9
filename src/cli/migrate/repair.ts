import { applyRepairs, planRepair } from '../../migrations/repair.js';
import { confirm } from '../confirm.js';
import { note, out } from '../output.js';
import { assertConfirmed, type LockedFlags, locked } from './locked.js';
import { withServer } from './migrate-session.js';

export interface RepairFlags extends LockedFlags {
  readonly checksums?: boolean;
  readonly clearError?: boolean;
  readonly dryRun?: boolean;
}

export async function runRepair(flags: RepairFlags): Promise<void> {
  // Without either flag, both kinds of repair are offered.
  const both = flags.checksums === undefined && flags.clearError === undefined;
  await withServer(flags, async (session) => {
    const options = {
      ...session,
      checksums: both || flags.checksums === true,
      clearError: both || flags.clearError === true,
    };
    await locked(session, flags, async () => {
      const repairs = await planRepair(options);
      const list = repairs.map(({ version, what }) => ({ version, what }));
      if (flags.json !== true) for (const { what } of list) out(what);
      const applied = repairs.length > 0 && flags.dryRun !== true;
      if (applied) {
        assertConfirmed(await confirm(`Repair the history of ${session.client.url}?`, flags.yes));
        await applyRepairs(options, repairs);
      }
      if (flags.json === true) out(JSON.stringify({ applied, repairs: list }));
      else if (repairs.length === 0) note('The history needs no repair.');
      else note(applied ? 'Repaired.' : 'Nothing was changed.');
    });
  });
}
