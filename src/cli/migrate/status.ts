import { readStatus } from '../../migrations/read-status.js';
import { isPending, type VersionStatus } from '../../migrations/version-status.js';
import { EXIT } from '../exit-codes.js';
import { note, notedStyle, out, styled } from '../output.js';
import { duration } from '../progress.js';
import { tableLines } from '../table.js';
import { type MigrateFlags, withServer } from './migrate-session.js';
import { versionJson } from './selection.js';

export interface StatusFlags extends MigrateFlags {
  readonly exitCode?: boolean;
}

const COLORS = {
  MIGRATED: 'green',
  RUNNING: 'yellow',
  ERROR: 'red',
  PENDING: 'cyan',
  SKIPPED: 'yellow',
} as const;

export async function runStatus(flags: StatusFlags): Promise<void> {
  await withServer(flags, async (session) => {
    const { version, versions, lock } = await readStatus(session);
    const pending = versions.filter(isPending);
    if (flags.json === true) {
      out(
        JSON.stringify({
          version: versionJson(version),
          pending: pending.length,
          lock: lock === undefined ? null : { holder: lock.holder, since: lock.since },
          versions,
        }),
      );
    } else {
      showTable(versions);
      const open = pending.length === 0 ? 'nothing is pending' : `${pending.length} pending`;
      note(`${session.client.url} is at version ${version}; ${open}.`);
      if (lock !== undefined) {
        note(`${notedStyle('yellow', 'locked')} by ${lock.holder}, since ${lock.since}`);
      }
    }
    if (flags.exitCode === true && pending.length > 0) process.exitCode = EXIT.pending;
  });
}

function showTable(versions: readonly VersionStatus[]): void {
  if (versions.length === 0) {
    note('There are no migrations.');
    return;
  }
  const rows = versions.map((version) => [
    String(version.version),
    version.name,
    version.state,
    version.completedOn === undefined ? '' : localTime(version.completedOn),
    took(version),
    version.undo ? 'yes' : '',
    version.error === undefined || version.error === 'N/A' ? '' : (version.error.split('\n')[0] ?? ''),
  ]);
  const columns = ['name', 'state', 'completed', { right: 'took' }, 'undo', 'error'];
  const lines = tableLines([{ right: 'version' }, ...columns], rows, (cell, column, row) =>
    column === 2 ? styled(COLORS[versions[row]?.state ?? 'PENDING'], cell) : cell,
  );
  for (const line of lines) out(line);
}

function took({ startedOn, completedOn }: VersionStatus): string {
  return startedOn === undefined || completedOn === undefined
    ? ''
    : duration(completedOn.getTime() - startedOn.getTime());
}

/** `2026-11-23 08:05:01`, in the user's time zone. */
function localTime(date: Date): string {
  const two = (n: number) => String(n).padStart(2, '0');
  const day = [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join('-');
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}
