import { PaystreamError } from '../../errors/paystream-error.js';
import { type Change, type Plan, planMigrations } from '../../migrations/plan.js';
import { EXIT } from '../exit-codes.js';
import { note, notedStyle, out, styled } from '../output.js';
import { findingLine } from './lint.js';
import { withServer } from './migrate-session.js';
import { type SelectionFlags, selectionOf, versionJson } from './selection.js';

export interface PlanFlags extends SelectionFlags {
  readonly exitCode?: boolean;
}

const SIGNS = { create: '+', change: '~', remove: '-', insert: '>', other: ' ' } as const;
const COLORS = { create: 'green', change: 'yellow', remove: 'red', insert: 'cyan', other: 'dim' } as const;

export async function runPlan(flags: PlanFlags): Promise<void> {
  await withServer(flags, async (session) => {
    const plan = await planMigrations({ ...session, ...selectionOf(flags) });
    if (flags.json === true) out(JSON.stringify(planJson(plan)));
    else showPlan(plan, session.client.url);
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

/** The plan as one document. Members that are undefined are left out of the JSON. */
function planJson({ version, files, problems, refusal }: Plan): object {
  return {
    version: versionJson(version),
    valid: refusal === undefined,
    files: files.map(({ file, resumesAt, statements, findings }) => ({
      version: file.version,
      name: file.name,
      path: file.path,
      checksum: file.checksum,
      resumesAt,
      statements,
      findings,
    })),
    problems,
    refusal: refusal && {
      path: refusal.file.path,
      line: refusal.line,
      statement: refusal.statement,
      message: refusal.message,
    },
  };
}

function showPlan(plan: Plan, url: string): void {
  for (const problem of plan.problems) {
    note(`${notedStyle('yellow', 'warning')} ${problem.code}: ${problem.message}`);
  }
  for (const { file, resumesAt, statements, findings } of plan.files) {
    out(styled('bold', `${file.version} ${file.name}`) + styled('dim', `  ${file.path}`));
    if (resumesAt !== undefined) out(`  resumes at statement ${resumesAt}`);
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
      : `${url} is at version ${plan.version}. It accepts ${plan.files.length === 1 ? 'this migration' : `these ${plan.files.length} migrations`}. Nothing was changed.`,
  );
}

function changeLine({ action, what, name }: Change): string {
  return styled(COLORS[action], `${SIGNS[action]} ${what} ${name}`);
}
