import { type ApplyResult, applyMigrations } from '../../migrations/apply-migrations.js';
import type { Problem } from '../../migrations/validate-history.js';
import { EXIT } from '../exit-codes.js';
import { note, notedStyle, out } from '../output.js';
import { duration, Progress } from '../progress.js';
import { withStopSignal } from '../signals.js';
import { type ConnectedSession, seconds, withServer } from './migrate-session.js';
import { type SelectionFlags, selectionOf, versionJson } from './selection.js';

export interface ApplyFlags extends SelectionFlags {
  readonly dryRun?: boolean;
  readonly lockTimeout: string;
}

export async function runApply(flags: ApplyFlags): Promise<void> {
  if (flags.dryRun === true) {
    const { runPlan } = await import('./plan.js');
    await runPlan(flags);
    return;
  }
  const selection = selectionOf(flags);
  const timeoutMs = seconds(flags.lockTimeout, '--lock-timeout') * 1_000;
  const progress = new Progress();
  const onStop = () => note('Stopping after the current file. Press Ctrl-C again to stop immediately.');
  await withStopSignal(async (signal) => {
    try {
      await withServer({ ...flags, signal }, (session) =>
        apply(session, { flags, selection, timeoutMs, progress, signal }),
      );
      if (signal.aborted) process.exitCode = EXIT.interrupted;
    } catch (error) {
      if (!signal.aborted || (error as Error).name !== 'AbortError') throw error;
      process.exitCode = EXIT.interrupted;
    } finally {
      progress.stop();
    }
  }, onStop);
}

interface Run {
  readonly flags: ApplyFlags;
  readonly selection: ReturnType<typeof selectionOf>;
  readonly timeoutMs: number;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

async function apply(session: ConnectedSession, run: Run): Promise<void> {
  const { flags, selection, timeoutMs, progress, signal } = run;
  const started = performance.now();
  const warnings: Problem[] = [];
  const times = new Map<number, number>();
  const result = await applyMigrations({
    ...session,
    ...selection,
    signal,
    lock: {
      timeoutMs,
      onWait: ({ holder, since }) => {
        progress.done(`waiting for the lock of ${holder}, held since ${since}`);
        progress.start('waiting for the lock');
      },
    },
    onWarning: (problem) => {
      warnings.push(problem);
      progress.done(`${notedStyle('yellow', 'warning')} ${problem.code}: ${problem.message}`);
    },
    onResume: (file, statement) =>
      progress.done(`${file.version} ${file.name}: resuming at statement ${statement}`),
    onFile: (file, state, tookMs) => {
      const name = `${String(file.version).padStart(6)} ${file.name}`;
      if (state === 'started') {
        progress.start(name);
        return;
      }
      times.set(file.version, tookMs);
      progress.done(`${notedStyle('green', '✓')} ${name} ${notedStyle('dim', `(${duration(tookMs)})`)}`);
    },
  });
  progress.stop();
  if (flags.json === true) {
    out(JSON.stringify(resultJson(result, times, warnings)));
    return;
  }
  const took = notedStyle('dim', `(${duration(performance.now() - started)})`);
  note(
    result.applied.length === 0
      ? `Nothing to do: the cluster is at version ${result.version}.`
      : `Migrated to version ${result.version}. ${took}`,
  );
}

function resultJson(
  { applied, version }: ApplyResult,
  times: ReadonlyMap<number, number>,
  warnings: readonly Problem[],
): object {
  const files = applied.map((file) => ({
    version: file.version,
    name: file.name,
    path: file.path,
    tookMs: times.get(file.version) ?? 0,
  }));
  return { version: versionJson(version), applied: files, warnings };
}
