import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SqlSyntaxError } from '../../sql/sql-syntax-error.js';
import { type FileStatement, fileStatements, type Variables } from '../file-statements.js';
import { listMigrationsFolder } from '../migration-file.js';
import { checkNames, checkText, type SqlFile, syntaxFinding } from './file-rules.js';
import type { Finding } from './finding.js';
import { checkStatement, LintContext } from './statement-rules.js';

export type { Finding } from './finding.js';

export interface LintOptions {
  readonly variables?: Variables;
}

const DISABLE = '-- paystream-lint-disable';
const DISABLE_NEXT = '-- paystream-lint-disable-next-statement';

/**
 * Checks the names and texts of a folder's migrations. A line `-- paystream-lint-disable PL101 PL102` disables rules for
 * its file, `-- paystream-lint-disable-next-statement PL101` for the statement after it.
 */
export function lintFolder(directory: string, options: LintOptions = {}): readonly Finding[] {
  const paths = listMigrationsFolder(directory)
    .filter((name) => name.endsWith('.sql'))
    .map((name) => join(directory, name));
  const files = paths.map((path) => ({ path, sql: readFileSync(path, 'utf8') }));
  const off = new Map(files.map((file) => [file.path, switchedOff(file.sql)]));
  const names = checkNames(paths).filter((finding) => off.get(finding.path)?.file.has(finding.code) !== true);
  return [...names, ...lintFiles(files, options)].sort(
    (a, b) => paths.indexOf(a.path) - paths.indexOf(b.path) || a.line - b.line,
  );
}

/** Checks the texts of files, in the order in which they are applied. */
export function lintFiles(
  files: readonly SqlFile[],
  { variables = {} }: LintOptions = {},
): readonly Finding[] {
  const context = new LintContext();
  return files.flatMap((file) => lintFile(file, variables, context));
}

function lintFile(file: SqlFile, variables: Variables, context: LintContext): readonly Finding[] {
  const { path, sql } = file;
  const off = switchedOff(sql);
  const findings = [...checkText(file)];
  let statements: readonly FileStatement[] = [];
  try {
    statements = fileStatements(sql, variables);
  } catch (error) {
    // `checkText` has reported it.
    if (!(error instanceof SqlSyntaxError)) throw error;
  }
  context.beginFile();
  for (const statement of statements) {
    if (statement.problem !== undefined) {
      // Its line numbers are relative to the statement.
      const at = syntaxFinding(path, statement.problem);
      findings.push({ ...at, line: statement.line + at.line - 1 });
      continue;
    }
    for (const hit of checkStatement(statement, context)) {
      if (off.statements.get(statement.line)?.has(hit.code) === true) continue;
      const { line, ...rest } = hit;
      findings.push({ ...rest, path, line: line === undefined ? statement.line : statement.line + line - 1 });
    }
  }
  return findings.filter((finding) => !off.file.has(finding.code));
}

interface SwitchedOff {
  readonly file: ReadonlySet<string>;
  /** By the line of the statement's first word. */
  readonly statements: ReadonlyMap<number, ReadonlySet<string>>;
}

function switchedOff(sql: string): SwitchedOff {
  const file = new Set<string>();
  const statements = new Map<number, ReadonlySet<string>>();
  const lines = sql.split('\n').map((line) => line.trim());
  lines.forEach((line, i) => {
    const codes = (prefix: string) =>
      line
        .slice(prefix.length)
        .split(/[\s,]+/)
        .filter((code) => code !== '');
    if (line.startsWith(DISABLE_NEXT)) {
      let next = i + 1;
      while (next < lines.length && (lines[next] === '' || lines[next]!.startsWith('--'))) next++;
      statements.set(next + 1, new Set([...(statements.get(next + 1) ?? []), ...codes(DISABLE_NEXT)]));
    } else if (line.startsWith(DISABLE)) {
      for (const code of codes(DISABLE)) file.add(code);
    }
  });
  return { file, statements };
}
