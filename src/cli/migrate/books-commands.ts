/** The commands about the books themselves: validate, init, destroy, baseline, repair, undo, unlock. */
import { PaystreamError } from '../../errors/paystream-error.js';
import { releaseQuietly } from '../../migrations/apply-migrations.js';
import { Books, CURRENT } from '../../migrations/books.js';
import { validateHistory } from '../../migrations/history.js';
import { readMigrationFiles } from '../../migrations/migration-file.js';
import { LOCK_STREAM, readLock, removeLock, takeLock } from '../../migrations/migration-lock.js';
import { confirm, confirmTyped } from '../confirm.js';
import { EXIT } from '../exit-codes.js';
import { note, notedStyle, out, styled } from '../output.js';
import { duration } from '../progress.js';
import {
  type ConnectedSession,
  type MigrateFlags,
  seconds,
  wholeNumber,
  withServer,
} from './migrate-session.js';

export interface ConfirmFlags extends MigrateFlags {
  readonly yes?: boolean;
  readonly lockTimeout?: string;
}

const NOT_CONFIRMED = 'Not confirmed: nothing was done.';
const LOCK_TIMEOUT_S = '60';

/** Runs what writes the books while no other runner does. */
async function locked<T>(
  { client, books }: ConnectedSession,
  flags: ConfirmFlags,
  action: () => Promise<T>,
  deleteTopic = false,
): Promise<T> {
  const lock = await takeLock(client, {
    timeoutMs: seconds(flags.lockTimeout ?? LOCK_TIMEOUT_S, '--lock-timeout') * 1_000,
    serviceId: (await client.info()).ksqlServiceId,
    replicas: books.replicas ?? 1,
    onWait: ({ holder, since }) => note(`waiting for the lock of ${holder}, held since ${since}`),
  });
  try {
    return await action();
  } finally {
    await releaseQuietly(lock, deleteTopic);
  }
}

export async function runValidate(flags: MigrateFlags): Promise<void> {
  await withServer(flags, async ({ client, directory, books: names }) => {
    const files = readMigrationFiles(directory);
    const books = new Books(client, names);
    const problems = (await books.exist()) ? validateHistory(files, await books.read()) : [];
    const errors = problems.filter(({ severity }) => severity === 'error');
    if (flags.json === true) out(JSON.stringify({ valid: errors.length === 0, problems }));
    else {
      for (const { severity, code, message, where, hint } of problems) {
        out(`${styled(severity === 'error' ? 'red' : 'yellow', severity)} ${code}: ${message}`);
        if (where !== undefined) out(`  at ${where}`);
        out(`  ${hint}`);
      }
      note(errors.length === 0 ? 'The applied files are as they were applied.' : `${errors.length} wrong.`);
    }
    if (errors.length > 0) process.exitCode = EXIT.failed;
  });
}

export async function runInit(flags: MigrateFlags): Promise<void> {
  await withServer(flags, async ({ client, books: names }) => {
    const books = new Books(client, names);
    const created = await books.initialise();
    const { stream, table } = books.names;
    if (flags.json === true) out(JSON.stringify({ created, stream, table }));
    else note(created ? `Created ${stream} and ${table}.` : `${stream} and ${table} are there already.`);
  });
}

export async function runDestroy(flags: ConfirmFlags): Promise<void> {
  await withServer(flags, async (session) => {
    const { client, books: names } = session;
    const books = new Books(client, names);
    const { stream, table } = books.names;
    const question = `This deletes ${stream}, ${table} and their topics on ${client.url}: which versions were applied is lost, what they made stays.`;
    if (!(await confirmTyped(question, 'destroy', flags.yes))) {
      throw new PaystreamError('USAGE_NOT_CONFIRMED', NOT_CONFIRMED);
    }
    const destroyed = await locked(session, flags, () => books.destroy(), true);
    if (flags.json === true) out(JSON.stringify({ destroyed }));
    else note(destroyed ? `Deleted ${stream} and ${table}.` : 'There are no books.');
  });
}

export interface BaselineFlags extends ConfirmFlags {
  readonly at: string;
}

export async function runBaseline(flags: BaselineFlags): Promise<void> {
  const at = wholeNumber(flags.at, '--at', 1);
  const { baseline } = await import('../../migrations/baseline.js');
  await withServer(flags, async (session) => {
    const { client, directory, books } = session;
    const files = await locked(session, flags, () => baseline({ client, directory, books, at }));
    if (flags.json === true) out(JSON.stringify({ version: at, files: files.map(({ path }) => path) }));
    else note(`The books say that versions 1 to ${at} are applied (${files.length} files); none was run.`);
  });
}

export interface RepairFlags extends ConfirmFlags {
  readonly checksums?: boolean;
  readonly clearError?: boolean;
  readonly dryRun?: boolean;
}

export async function runRepair(flags: RepairFlags): Promise<void> {
  const { planRepair, applyRepairs } = await import('../../migrations/repair.js');
  // Without a choice both are offered.
  const both = flags.checksums === undefined && flags.clearError === undefined;
  const choice = {
    checksums: both || flags.checksums === true,
    clearError: both || flags.clearError === true,
  };
  await withServer(flags, async (session) => {
    const { client, directory, books } = session;
    await locked(session, flags, async () => {
      const options = { client, directory, books, ...choice };
      const repairs = await planRepair(options);
      const list = repairs.map(({ version, what }) => ({ version, what }));
      if (flags.json !== true) for (const { what } of list) out(what);
      const apply = repairs.length > 0 && flags.dryRun !== true;
      if (apply && !(await confirm(`Correct the books of ${client.url}?`, flags.yes))) {
        throw new PaystreamError('USAGE_NOT_CONFIRMED', NOT_CONFIRMED);
      }
      if (apply) await applyRepairs(options, repairs);
      if (flags.json === true) out(JSON.stringify({ applied: apply, repairs: list }));
      else if (repairs.length === 0) note('The books need no repair.');
      else note(apply ? 'Corrected.' : 'Nothing was changed.');
    });
  });
}

export interface UndoFlags extends ConfirmFlags {
  readonly to?: string;
  readonly dryRun?: boolean;
}

export async function runUndo(flags: UndoFlags): Promise<void> {
  const { planUndo, undoMigrations } = await import('../../migrations/undo.js');
  const to = flags.to === undefined ? {} : { to: wholeNumber(flags.to, '--to', 0) };
  await withServer(flags, async (session) => {
    const { client, directory, variables, books } = session;
    const options = { client, directory, variables, books, ...to };
    const steps = await planUndo(options);
    const list = steps.map(({ file, path }) => ({ version: file.version, name: file.name, path }));
    if (steps.length === 0 || flags.dryRun === true) {
      if (flags.json === true) out(JSON.stringify({ applied: false, undone: list }));
      else if (steps.length === 0) note('There is nothing to take back.');
      else for (const step of steps) showStep(step.file.version, step.file.name, step.sql);
      return;
    }
    if (flags.json !== true) for (const { version, name } of list) note(`takes back ${version} ${name}`);
    if (
      !(await confirm(
        `Take back ${steps.length === 1 ? 'this migration' : `these ${steps.length}`} on ${client.url}?`,
        flags.yes,
      ))
    ) {
      throw new PaystreamError('USAGE_NOT_CONFIRMED', NOT_CONFIRMED);
    }
    const undone = await locked(session, flags, () =>
      undoMigrations({
        ...options,
        onFile: (file, state, took) => {
          if (state === 'started') return;
          note(`${notedStyle('green', '✓')} took back ${file.version} ${file.name} (${duration(took)})`);
        },
      }),
    );
    const version = (await new Books(client, books).read()).get(CURRENT)?.version ?? '<none>';
    if (flags.json === true) {
      out(
        JSON.stringify({
          applied: true,
          undone: undone.map((file) => ({ version: file.version, name: file.name })),
        }),
      );
    } else note(`The cluster is at version ${version}.`);
  });
}

function showStep(version: number, name: string, sql: string): void {
  out(styled('bold', `${version} ${name}`));
  for (const line of sql.trimEnd().split('\n')) out(styled('dim', `      ${line}`));
}

export async function runUnlock(flags: ConfirmFlags): Promise<void> {
  await withServer(flags, async ({ client }) => {
    const holder = await readLock(client);
    if (holder === undefined) {
      if (flags.json === true) out(JSON.stringify({ unlocked: false, holder: null }));
      else note('There is no lock.');
      return;
    }
    const question = `${holder.holder} holds the lock since ${holder.since}. Remove it only if that run is dead: two runs at once corrupt what they make. Remove it?`;
    if (!(await confirm(question, flags.yes))) throw new PaystreamError('USAGE_NOT_CONFIRMED', NOT_CONFIRMED);
    const unlocked = await removeLock(client, holder);
    if (flags.json === true) {
      out(JSON.stringify({ unlocked, holder: { holder: holder.holder, since: holder.since } }));
    } else note(unlocked ? `Removed ${LOCK_STREAM}.` : 'It was released meanwhile.');
  });
}
