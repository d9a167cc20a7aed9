import { describe, expect, it } from 'vitest';
import type { Statement } from './ast.js';
import { corpusCases, hasCorpus, hasRecordings, recordings, statementsOf } from './corpus.test-util.js';
import { formatStatement } from './format-statement.js';
import { parseStatement, parseStatements } from './parse.js';
import { SqlSyntaxError } from './sql-syntax-error.js';

/** Removes positions and texts from a tree, and normalizes what ksqlDB's text cannot distinguish. */
function shape(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shape);
  if (value instanceof Map) return [...value].sort().map(([key, inner]) => [key, shape(inner)]);
  if (typeof value !== 'object' || value === null) return value;
  const node = { ...value } as Record<string, unknown>;
  delete node.at;
  delete node.text;
  if ('from' in node && 'select' in node) node.emit ??= 'CHANGES';
  if (node.kind === 'Call' && node.name === 'COUNT' && (node.args as unknown[]).length === 0)
    node.star = true;
  if (node.kind === 'Concat') return shape({ kind: 'Call', name: 'concat', args: [node.left, node.right] });
  if (node.op === 'IS NOT DISTINCT FROM') {
    return shape({ kind: 'Not', value: { ...node, op: 'IS DISTINCT FROM' } });
  }
  if (node.negated === true && node.kind !== 'IsNull') {
    return shape({ kind: 'Not', value: { ...node, negated: false } });
  }
  return Object.fromEntries(Object.entries(node).map(([key, inner]) => [key, shape(inner)]));
}

describe.skipIf(!hasCorpus)(
  "ksqlDB's own test cases (skipped: ../shared/ksqldb-conformance is absent)",
  () => {
    const cases = hasCorpus ? corpusCases() : [];

    it('parses every statement of the positive cases', () => {
      expect(cases.length).toBeGreaterThan(2000);
      const failures: string[] = [];
      for (const test of cases) {
        if (test.expectedException !== undefined || test.expectedError !== undefined) continue;
        try {
          parseStatements(statementsOf(test).join('\n'));
        } catch (error) {
          failures.push(`${test.id}: ${(error as Error).message}`);
        }
      }
      expect(failures).toEqual([]);
    });

    it('says of the negative cases what ksqlDB says', () => {
      const failures: string[] = [];
      let refused = 0;
      for (const test of cases) {
        const expected = test.expectedException ?? test.expectedError;
        if (expected === undefined) continue;
        const statements = statementsOf(test);
        try {
          // the REST cases send each query on its own
          const requests = test.expectedError === undefined ? [statements.join('\n')] : statements;
          for (const request of requests) parseStatements(request);
        } catch (error) {
          if (!(error instanceof SqlSyntaxError)) throw error;
          refused++;
          const said = `${error.message}\nStatement: ${error.text}`;
          if (!said.includes(expected.message ?? '')) {
            failures.push(`${test.id}\n  wanted ${expected.message}\n  got    ${said}`);
          }
        }
      }
      expect(failures).toEqual([]);
      expect(refused).toBeGreaterThan(20);
    });

    it('refuses the cases that ksqlDB refuses while parsing', () => {
      const accepted = cases.filter((test) => {
        if (test.expectedException?.type?.endsWith('ParseFailedException') !== true) return false;
        // the catalog checks the values in the WITH clause
        if (/Configuration |WINDOW_SIZE/.test(test.expectedException.message ?? '')) return false;
        try {
          parseStatements(statementsOf(test).join('\n'));
          return true;
        } catch {
          return false;
        }
      });
      const messages = accepted.map((test) => `${test.id}: ${test.expectedException?.message}`);
      expect(messages).toEqual([]);
    });

    it('reads back what it writes, and writes it the same', () => {
      let count = 0;
      for (const text of cases.flatMap(statementsOf)) {
        let statements: Statement[];
        try {
          statements = parseStatements(text);
        } catch {
          continue;
        }
        for (const statement of statements) {
          const written = formatStatement(statement);
          const again = parseStatement(written);
          expect(formatStatement(again)).toBe(written);
          expect(shape(again)).toEqual(shape(statement));
          count++;
        }
      }
      expect(count).toBeGreaterThan(5000);
    });
  },
);

describe.skipIf(!hasRecordings)("a server's answers (skipped: ../shared/ksqldb-rest is absent)", () => {
  const all = hasRecordings ? recordings() : [];
  const texts = (value: unknown, key: string): string[] => {
    if (Array.isArray(value)) return value.flatMap((inner) => texts(inner, key));
    if (typeof value !== 'object' || value === null) return [];
    return Object.entries(value).flatMap(([name, inner]) =>
      name === key && typeof inner === 'string' ? [inner] : texts(inner, key),
    );
  };

  it('writes the statements of running queries as the server does', () => {
    const canonical = all
      .flatMap(({ response }) => [
        ...texts(response.json, 'queryString'),
        ...texts(response.json, 'statementText'),
      ])
      .filter(
        (text) => text.includes('\n') || /^CREATE (OR REPLACE )?(STREAM|TABLE) .*CLEANUP_POLICY/.test(text),
      );
    expect(new Set(canonical).size).toBeGreaterThan(8);
    for (const text of new Set(canonical)) expect(`${formatStatement(parseStatement(text))};`).toBe(text);
  });

  it.each([
    'syntax error',
    'syntax error 2',
    'no semicolon',
    'undefined variable',
    'query syntax error',
    'create stream, duplicate column',
  ])('fails as the server did: %s', (name) => {
    const recording = all.find((one) => one.name === name)!;
    const sql = recording.body?.ksql ?? recording.body?.sql ?? '';
    const answer = recording.response.json as { message: string; statementText: string };
    try {
      parseStatements(sql);
      expect.unreachable();
    } catch (error) {
      if (!(error instanceof SqlSyntaxError)) throw error;
      const said = name === 'query syntax error' ? `${error.message}\nStatement: ${sql}` : error.message;
      expect(said).toBe(answer.message);
      expect(error.text).toBe(answer.statementText);
    }
  });
});
