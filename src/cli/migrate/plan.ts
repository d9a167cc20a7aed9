import { PaystreamError } from '../../errors/paystream-error.js';
import { type Change, type Plan, planMigrations } from '../../migrations/plan.js';
import { EXIT } from '../exit-codes.js';
import { note, notedStyle, out, styled } from '../output.js';
import { type ApplyFlags, selectionOf, versionJson } from './apply.js';
import { findingLine } from './lint.js';
import { wholeNumber, withServer } from './migrate-session.js';

export interface PlanFlags extends Omit<ApplyFlags, 'lockTimeout'> {
  readonly exitCode?: boolean;
}

const SIGNS = { create: '+', change: '~', remove: '-', insert: '>', other: ' ' } as const;
const COLORS = { create: 'green', change: 'yellow', remove: 'red', insert: 'cyan', other: 'dim' } as const;

export async function runPlan(flags: PlanFlags): Promise<void> {
  await withServer(flags, async ({ client, directory, variables, history }) => {
    const plan = await planMigrations({
      client,
      directory,
      variables,
      history,
      ...selectionOf({ ...flags, lockTimeout: '0' }),
      ...(flags.resumeAt === undefined ? {} : { resumeAt: wholeNumber(flags.resumeAt, '--resume-at', 1) }),
    });
    if (flags.json === true) out(JSON.stringify(planJson(plan)));
    else showPlan(plan, client.url);
    if (plan.refusal !== undefined) {
      const { file, line, statement, message } = plan.refusal;
      throw new PaystreamError('PLAN_REFUSED', message, {
        where: `${file.path}:${line}`,
        hint: `The server refuses the statement: ${statement.split('\n')[0]}`,
      });
    }
    if (flags.exitCode === true && plan.files.length > 0) process.exitCode = EXIT.pending;
  });
}

function planJson(plan: Plan): object {
  return {
    version: versionJson(plan.version),
    valid: plan.refusal === undefined,
    files: plan.files.map(({ file, resumesAt, statements, findings }) => ({
      version: file.version,
      name: file.name,
      path: file.path,
      checksum: file.checksum,
      ...(resumesAt === undefined ? {} : { resumesAt }),
      statements,
      findings,
    })),
    problems: plan.problems,
    ...(plan.refusal === undefined
      ? {}
      : {
          refusal: {
            path: plan.refusal.file.path,
            line: plan.refusal.line,
            statement: plan.refusal.statement,
            message: plan.refusal.message,
          },
        }),
  };
}

function showPlan(plan: Plan, url: string): void {
  for (const problem of plan.problems) {
    note(`${notedStyle('yellow', 'warning')} ${problem.code}: ${problem.message}`);
  }
  for (const { file, resumesAt, statements, findings } of plan.files) {
    out(styled('bold', `${file.version} ${file.name}`) + styled('dim', `  ${file.path}`));
    if (resumesAt !== undefined) out(`  goes on with statement ${resumesAt}`);
    for (const { text, changes } of statements) {
      for (const change of changes) out(`  ${changeLine(change)}`);
      for (const line of `${text};`.split('\n')) out(styled('dim', `      ${line}`));
    }
    for (const finding of findings) out(`  ${findingLine(finding)}`);
  }
  if (plan.refusal !== undefined) return;
  note(
    plan.files.length === 0
      ? `Nothing to do: ${url} is at version ${plan.version}.`
      : `${url} is at version ${plan.version}; it accepts ${plan.files.length === 1 ? 'this migration' : `these ${plan.files.length} migrations`}. Nothing was changed.`,
  );
}

function changeLine({ action, what, name }: Change): string {
  return styled(COLORS[action], `${SIGNS[action]} ${what} ${name}`);
}
