import { applyMigrations } from '../../migrations/apply-migrations.js';
import type { Problem } from '../../migrations/validate-history.js';
import { EXIT } from '../exit-codes.js';
import { note, notedStyle, out } from '../output.js';
import { duration, Progress } from '../progress.js';
import { type MigrateFlags, seconds, wholeNumber, withServer } from './migrate-session.js';

export interface ApplyFlags extends MigrateFlags {
  readonly until?: string;
  readonly next?: boolean;
  readonly only?: string;
  readonly dryRun?: boolean;
  readonly lockTimeout: string;
  readonly resumeAt?: string;
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
  const interrupted = new AbortController();
  const onSignal = () => {
    // A second signal ends the process: Node's own habit, once this listener is gone.
    note('Stopping after the file at hand; again to stop at once.');
    interrupted.abort();
  };
  process.once('SIGINT', onSignal).once('SIGTERM', onSignal);
  const started = performance.now();
  const interruptible = { ...flags, signal: interrupted.signal };
  try {
    await withServer(interruptible, async ({ client, directory, variables, history }) => {
      const warnings: Problem[] = [];
      const times = new Map<number, number>();
      const result = await applyMigrations({
        client,
        directory,
        variables,
        history,
        ...selection,
        ...(flags.resumeAt === undefined ? {} : { resumeAt: wholeNumber(flags.resumeAt, '--resume-at', 1) }),
        signal: interrupted.signal,
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
          progress.done(`${file.version} ${file.name}: going on with statement ${statement}`),
        onFile: (file, state, took) => {
          const name = `${String(file.version).padStart(6)} ${file.name}`;
          if (state === 'started') {
            progress.start(name);
            return;
          }
          times.set(file.version, took);
          progress.done(`${notedStyle('green', '✓')} ${name} ${notedStyle('dim', `(${duration(took)})`)}`);
        },
      });
      progress.stop();
      if (flags.json === true) {
        const applied = result.applied.map(({ version, name, path }) => ({
          version,
          name,
          path,
          tookMs: times.get(version) ?? 0,
        }));
        out(JSON.stringify({ version: versionJson(result.version), applied, warnings }));
      } else {
        const took = notedStyle('dim', `(${duration(performance.now() - started)})`);
        note(
          result.applied.length === 0
            ? `Nothing to do: the cluster is at version ${result.version}.`
            : `Migrated to version ${result.version}. ${took}`,
        );
      }
      if (interrupted.signal.aborted) process.exitCode = EXIT.interrupted;
    });
  } catch (error) {
    if (!interrupted.signal.aborted || (error as Error).name !== 'AbortError') throw error;
    process.exitCode = EXIT.interrupted;
  } finally {
    progress.stop();
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
  }
}

export function selectionOf(flags: ApplyFlags): { until?: number; next?: boolean; only?: number } {
  return {
    ...(flags.until === undefined ? {} : { until: wholeNumber(flags.until, '--until', 1) }),
    ...(flags.only === undefined ? {} : { only: wholeNumber(flags.only, '--only', 1) }),
    ...(flags.next === undefined ? {} : { next: flags.next }),
  };
}

/** A version for programs: null is none. */
export function versionJson(version: string): number | null {
  return Number.isInteger(Number(version)) ? Number(version) : null;
}
