import { readFileSync } from 'node:fs';
import { PaystreamError } from '../errors/paystream-error.js';
import { type RawStatement, splitStatements } from '../sql/split-statements.js';
import { SqlSyntaxError } from '../sql/sql-syntax-error.js';

/** One test of a file in ksqlDB's test format. */
export interface SqlTest {
  readonly path: string;
  /** The line of its `--@test:` directive, from 1. */
  readonly line: number;
  readonly name: string;
  readonly statements: readonly RawStatement[];
  /** From `--@expected.error` and `--@expected.message`. */
  readonly expected?: { readonly error?: string; readonly message?: string };
}

interface Directive {
  readonly name: string;
  readonly value: string;
  readonly line: number;
  readonly offset: number;
}

const KNOWN: ReadonlySet<string> = new Set(['test', 'expected.error', 'expected.message']);

/**
 * Reads the tests of a file. A test starts at `--@test: name` and ends before the next one.
 *
 * @throws TEST_FILE
 *
 * Source: https://docs.ksqldb.io/en/latest/how-to-guides/test-an-app/
 */
export function readSqlTests(path: string): readonly SqlTest[] {
  const sql = readFileSync(path, 'utf8');
  let statements: readonly RawStatement[];
  try {
    statements = splitStatements(sql);
  } catch (error) {
    if (!(error instanceof SqlSyntaxError)) throw error;
    throw new PaystreamError('TEST_FILE', error.message.split('\n').join(' '), {
      where: `${path}:${error.line}`,
      ...(error.hint === undefined ? {} : { hint: error.hint }),
    });
  }
  const directives = directivesOf(sql, statements, path);
  const starts = directives.filter((directive) => directive.name === 'test');
  const first = Math.min(statements[0]?.start ?? Infinity, directives[0]?.offset ?? Infinity);
  if (first < (starts[0]?.offset ?? Infinity)) {
    throw new PaystreamError('TEST_FILE', 'The first statement is outside a test.', {
      where: `${path}:1`,
      hint: 'Write `--@test: <name>` above the first statement.',
    });
  }
  return starts.map((start, i) => {
    const end = starts[i + 1]?.offset ?? Infinity;
    const inside = ({ offset }: { offset: number }) => offset > start.offset && offset < end;
    const own = directives.filter(inside);
    const value = (name: string) => own.find((directive) => directive.name === name)?.value;
    const error = value('expected.error');
    const message = value('expected.message');
    return {
      path,
      line: start.line,
      name: start.value,
      statements: statements.filter((statement) => inside({ offset: statement.start })),
      expected: error === undefined && message === undefined ? undefined : { error, message },
    };
  });
}

/** Finds the lines that start with `--@`. Lines inside a statement are skipped: they can be part of a string. */
function directivesOf(sql: string, statements: readonly RawStatement[], path: string): readonly Directive[] {
  const directives: Directive[] = [];
  let offset = 0;
  for (const [i, line] of sql.split('\n').entries()) {
    const text = line.trim();
    const at = offset;
    offset += line.length + 1;
    if (!text.startsWith('--@') || statements.some(({ start, end }) => at > start && at < end)) continue;
    const colon = text.indexOf(':');
    const name = text.slice(3, colon === -1 ? undefined : colon).trim();
    if (!KNOWN.has(name)) {
      throw new PaystreamError('TEST_FILE', `Unknown directive --@${name}.`, {
        where: `${path}:${i + 1}`,
        hint: 'Use --@test, --@expected.error or --@expected.message.',
      });
    }
    directives.push({
      name,
      value: colon === -1 ? '' : text.slice(colon + 1).trim(),
      line: i + 1,
      offset: at,
    });
  }
  return directives;
}
