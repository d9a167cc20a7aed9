import type { Difference } from '../../migrations/drift.js';
import { readDrift } from '../../testing/read-drift.js';
import { EXIT } from '../exit-codes.js';
import { note, out, styled } from '../output.js';
import { Progress } from '../progress.js';
import { tableLines } from '../table.js';
import { type MigrateFlags, withServer } from './migrate-session.js';

export interface DriftFlags extends MigrateFlags {
  readonly exitCode?: boolean;
}

export async function runDrift(flags: DriftFlags): Promise<void> {
  await withServer(flags, async (session) => {
    const progress = new Progress();
    progress.start('replaying the applied migrations on an embedded cluster');
    const { replayed, differences } = await readDrift(session).finally(() => progress.stop());
    if (flags.json === true) out(JSON.stringify({ drifted: differences.length > 0, differences }));
    else {
      showDifferences(differences);
      note(
        differences.length === 0
          ? `${session.client.url} is as its ${replayed} applied migrations make it.`
          : `${session.client.url} has drifted: ${differences.length} ${differences.length === 1 ? 'difference' : 'differences'}.`,
      );
    }
    if (flags.exitCode === true && differences.length > 0) process.exitCode = EXIT.pending;
  });
}

function showDifferences(differences: readonly Difference[]): void {
  if (differences.length === 0) return;
  const rows = differences.map(({ kind, what, name, detail }) => [kind, what, name, detail ?? '']);
  const lines = tableLines(['drift', 'what', 'name', 'detail'], rows, (cell, column, row) =>
    column === 0 ? styled(differences[row]?.kind === 'extra' ? 'yellow' : 'red', cell) : cell,
  );
  for (const line of lines) out(line);
}
