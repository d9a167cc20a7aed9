import { PaystreamError } from '../../errors/paystream-error.js';
import { type Finding, lintFolder } from '../../migrations/lint/lint.js';
import { EXIT } from '../exit-codes.js';
import { note, out, styled } from '../output.js';
import { type MigrateFlags, openSession } from './migrate-session.js';

export interface LintFlags extends MigrateFlags {
  readonly strict?: boolean;
  readonly format?: string;
}

export async function runLint(flags: LintFlags): Promise<void> {
  const { directory, variables } = await openSession(flags);
  const format = flags.json === true ? 'json' : (flags.format ?? 'text');
  if (format !== 'text' && format !== 'json' && format !== 'github') {
    throw new PaystreamError('USAGE', `--format: '${format}' is none of text, json, github.`);
  }
  const findings = lintFolder(directory, { variables });
  if (format === 'json') out(JSON.stringify({ directory, findings }));
  else for (const finding of findings) out(format === 'github' ? githubLine(finding) : longLine(finding));
  const errors = findings.filter(({ severity }) => severity === 'error').length;
  const warnings = findings.length - errors;
  note(
    findings.length === 0
      ? `${directory}: nothing found.`
      : `${directory}: ${errors} ${errors === 1 ? 'error' : 'errors'}, ${warnings} ${warnings === 1 ? 'warning' : 'warnings'}.`,
  );
  if (errors > 0 || (flags.strict === true && warnings > 0)) process.exitCode = EXIT.failed;
}

/** One line, for a plan: its file is known. */
export function findingLine({ code, severity, line, message, instead }: Finding): string {
  return `${styled(severity === 'error' ? 'red' : 'yellow', code)} line ${line}: ${message} Instead: ${instead}`;
}

function longLine({ code, severity, path, line, message, instead }: Finding): string {
  const head = `${path}:${line} ${styled(severity === 'error' ? 'red' : 'yellow', `${severity} ${code}`)}`;
  return `${head} ${message}\n  instead: ${instead}`;
}

/** https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands#setting-a-warning-message */
function githubLine({ code, severity, path, line, message, instead }: Finding): string {
  const escaped = (text: string) =>
    text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
  const property = (text: string) => escaped(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
  return `::${severity} file=${property(path)},line=${line},title=${code}::${escaped(`${message} Instead: ${instead}`)}`;
}
