import { planUndo, type UndoStep, undoMigrations } from '../../migrations/undo.js';
import { confirm } from '../confirm.js';
import { note, notedStyle, out, styled } from '../output.js';
import { duration } from '../progress.js';
import { assertConfirmed, type LockedFlags, locked } from './locked.js';
import { wholeNumber, withServer } from './migrate-session.js';

export interface UndoFlags extends LockedFlags {
  readonly to?: string;
  readonly dryRun?: boolean;
}

export async function runUndo(flags: UndoFlags): Promise<void> {
  const to = flags.to === undefined ? undefined : wholeNumber(flags.to, '--to', 0);
  await withServer(flags, async (session) => {
    const { client } = session;
    const options = { ...session, to };
    const steps = await planUndo(options);
    if (steps.length === 0 || flags.dryRun === true) {
      const undone = steps.map(({ file, path }) => ({ version: file.version, name: file.name, path }));
      if (flags.json === true) out(JSON.stringify({ applied: false, undone }));
      else if (steps.length === 0) note('There is nothing to undo.');
      else steps.forEach(showStep);
      return;
    }
    if (flags.json !== true) for (const { file } of steps) note(`will undo ${file.version} ${file.name}`);
    const what = steps.length === 1 ? 'this migration' : `these ${steps.length} migrations`;
    assertConfirmed(await confirm(`Undo ${what} on ${client.url}?`, flags.yes));
    const { undone, version } = await locked(session, flags, () =>
      undoMigrations({
        ...options,
        confirmed: steps,
        onFile: (file, state, tookMs) => {
          if (state === 'started') return;
          note(`${notedStyle('green', '✓')} undid ${file.version} ${file.name} (${duration(tookMs)})`);
        },
      }),
    );
    if (flags.json === true) {
      out(JSON.stringify({ applied: true, undone: undone.map(({ version, name }) => ({ version, name })) }));
    } else note(`The cluster is at version ${version}.`);
  });
}

function showStep({ file, sql }: UndoStep): void {
  out(styled('bold', `${file.version} ${file.name}`));
  for (const line of sql.trimEnd().split('\n')) out(styled('dim', `      ${line}`));
}
