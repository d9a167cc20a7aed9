import { basename } from 'node:path';
import { Lexeme, Scanner } from '../../sql/scanner.js';
import { splitStatements } from '../../sql/split-statements.js';
import { SqlSyntaxError } from '../../sql/sql-syntax-error.js';
import { parseFileName } from '../migration-file.js';
import type { Finding } from './finding.js';

export interface SqlFile {
  readonly path: string;
  readonly sql: string;
}

/** Rules for the names of all `.sql` files in the folder, including files that are not migrations. */
export function checkNames(paths: readonly string[]): readonly Finding[] {
  const findings: Finding[] = [];
  const versions = new Map<number, string>();
  const migrations = new Set(paths.map((path) => basename(path)));
  const add = (
    code: string,
    severity: Finding['severity'],
    path: string,
    message: string,
    instead: string,
  ): void => {
    findings.push({ code, severity, path, line: 1, message, instead });
  };
  for (const path of paths) {
    const name = basename(path);
    if (name.startsWith('U') && parseFileName(name.replace(/^U/, 'V')) !== undefined) {
      if (!migrations.has(name.replace(/^U/, 'V'))) {
        add(
          'PL004',
          'warning',
          path,
          'No migration has this name: nothing is ever taken back with this file.',
          `Name it as the migration that it takes back, with U for V.`,
        );
      }
      continue;
    }
    const parsed = parseFileName(name);
    if (parsed === undefined) {
      add(
        'PL001',
        'warning',
        path,
        'The name is none of a migration: the file is never applied.',
        'V, six digits, two underscores and a description: V000007__my_change.sql.',
      );
      continue;
    }
    if (parsed.version === 0) {
      add('PL001', 'error', path, 'Versions begin with 1.', 'V000001__my_change.sql');
      continue;
    }
    const other = versions.get(parsed.version);
    if (other !== undefined) {
      add(
        'PL002',
        'error',
        path,
        `Version ${parsed.version} is that of ${basename(other)}, too.`,
        'Give one of them the next free version.',
      );
    }
    versions.set(parsed.version, path);
  }
  const sorted = [...versions.keys()].sort((a, b) => a - b);
  sorted.forEach((version, i) => {
    const before = sorted[i - 1] ?? 0;
    if (version === before + 1) return;
    const missing = before + 2 === version ? `${before + 1} is` : `${before + 1} to ${version - 1} are`;
    add(
      'PL003',
      'warning',
      versions.get(version)!,
      `Version ${missing} missing.`,
      'A file that is added there later is never applied on clusters that are past it; close the gap now.',
    );
  });
  return findings;
}

/** Rules for the text of a file. */
export function checkText({ path, sql }: SqlFile): readonly Finding[] {
  const findings: Finding[] = [];
  const lines = sql.split('\n');
  if (sql.startsWith('\uFEFF')) {
    findings.push({
      code: 'PL012',
      severity: 'error',
      path,
      line: 1,
      message: 'The file begins with a byte order mark, which ksqlDB does not read.',
      instead: 'Save it as UTF-8 without BOM.',
    });
  }
  const crlf = lines.findIndex((line) => line.endsWith('\r'));
  if (crlf >= 0) {
    findings.push({
      code: 'PL013',
      severity: 'warning',
      path,
      line: crlf + 1,
      message: 'Line ends are CRLF: the checksum differs from that of a checkout with LF.',
      instead: 'LF, kept by `*.sql text eol=lf` in .gitattributes.',
    });
  }
  const last = lines.at(-1) ?? '';
  if (last.trimStart().startsWith('--')) {
    findings.push({
      code: 'PL011',
      severity: 'error',
      path,
      line: lines.length,
      message:
        'The last comment has no line end: ksql-migrations fails on it and leaves the version RUNNING.',
      instead: 'End the file with a line break.',
    });
  }
  try {
    const statements = splitStatements(sql);
    const open = statements.at(-1);
    if (open?.terminated === false) {
      findings.push({
        code: 'PL014',
        severity: 'error',
        path,
        line: open.line,
        message: 'The last statement has no semicolon.',
        instead: 'End it with ;',
      });
    }
    if (statements.length === 0) {
      findings.push({
        code: 'PL015',
        severity: 'warning',
        path,
        line: 1,
        message: 'The file has no statement.',
        instead: 'Write one, or delete the file.',
      });
    }
    findings.push(...quotedSemicolons(path, sql));
  } catch (error) {
    if (!(error instanceof SqlSyntaxError)) throw error;
    findings.push(syntaxFinding(path, error));
  }
  return findings;
}

export function syntaxFinding(path: string, error: SqlSyntaxError): Finding {
  return {
    code: 'PL010',
    severity: 'error',
    path,
    line: error.line,
    message: error.message.split('\n').join(' '),
    instead: error.hint ?? 'docs.ksqldb.io has the syntax of every statement.',
  };
}

function quotedSemicolons(path: string, sql: string): readonly Finding[] {
  const findings: Finding[] = [];
  const scanner = new Scanner(sql);
  while (scanner.next()) {
    if (scanner.kind !== Lexeme.Backquoted && scanner.kind !== Lexeme.Quoted) continue;
    if (!scanner.image().includes(';')) continue;
    findings.push({
      code: 'PL016',
      severity: 'warning',
      path,
      line: scanner.line,
      message: 'A semicolon in a quoted name: ksql-migrations takes it for the end of the statement.',
      instead: 'A name without a semicolon.',
    });
  }
  return findings;
}
