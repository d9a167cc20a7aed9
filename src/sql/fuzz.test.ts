import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Expression, TimeUnit, TypeNode } from './ast.js';
import { formatExpression } from './format-expression.js';
import { formatStatement } from './format-statement.js';
import { formatType } from './format-type.js';
import { needsQuotes, quoteIfNeeded, quoteString } from './identifiers.js';
import { NON_RESERVED_KEYWORDS, RESERVED_KEYWORDS } from './keywords.js';
import { parseExpression, parseStatement, parseStatements, parseType } from './parse.js';
import { splitStatements } from './split-statements.js';
import { SqlSyntaxError } from './sql-syntax-error.js';

const words = [...NON_RESERVED_KEYWORDS, ...RESERVED_KEYWORDS];
const name = fc.oneof(
  fc.constantFrom('A', 'b', 'ÄÖ', 'X_1', '2ND', '12', '1E3', 'a b', 'a`b', '"', '', '${x}', '--', '*'),
  fc.constantFrom(...words),
  fc.string({ maxLength: 8 }),
);
const text = fc.oneof(
  fc.constantFrom('', "'", "''", '--', '/*', ';', '\n', '日本'),
  fc.string({ maxLength: 8 }),
);

const type: fc.Arbitrary<TypeNode> = fc.letrec<{ type: TypeNode }>((tie) => ({
  type: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom<TypeNode>({ base: 'INTEGER' }, { base: 'STRING' }, { base: 'TIMESTAMP' }),
    fc
      .tuple(fc.integer({ min: 1, max: 38 }), fc.nat(38))
      .map(
        ([precision, scale]): TypeNode => ({ base: 'DECIMAL', precision, scale: Math.min(precision, scale) }),
      ),
    tie('type').map((element): TypeNode => ({ base: 'ARRAY', element })),
    fc.tuple(tie('type'), tie('type')).map(([key, value]): TypeNode => ({ base: 'MAP', key, value })),
    fc
      .array(fc.record({ name, type: tie('type') }), { maxLength: 3 })
      .map((fields): TypeNode => ({ base: 'STRUCT', fields })),
  ),
})).type;

const literal: fc.Arbitrary<Expression> = fc.oneof(
  fc.constant<Expression>({ kind: 'Null' }),
  fc.boolean().map((value): Expression => ({ kind: 'Boolean', value })),
  fc.integer().map((value): Expression => ({ kind: 'Integer', value })),
  fc.bigInt({ min: 2n ** 31n, max: 2n ** 63n - 1n }).map((value): Expression => ({ kind: 'Long', value })),
  fc
    .tuple(fc.bigInt({ min: -(10n ** 25n), max: 10n ** 25n }), fc.nat(999))
    .map(([whole, places]): Expression => ({ kind: 'Decimal', text: `${whole}.${places}` })),
  fc
    .double({ noNaN: true, noDefaultInfinity: true })
    .map((value): Expression => ({ kind: 'Double', value: value === 0 ? 0 : value })),
  text.map((value): Expression => ({ kind: 'String', value })),
);

/** Generates expressions of every kind, in the form that the parser produces. A negation is a separate node. */
const expression: fc.Arbitrary<Expression> = fc.letrec<{ e: Expression }>((tie) => {
  const e = tie('e');
  const list = fc.array(e, { maxLength: 3 });
  const some = fc.array(e, { minLength: 1, maxLength: 3 });
  const pair = fc.tuple(e, e);
  const whens = fc.array(fc.record({ condition: e, result: e }), { minLength: 1, maxLength: 2 });
  // the parser never produces an operator in place of a lambda, or a column that parses as another kind of node
  const column = name.map((n): Expression => ({ kind: 'Column', name: n }));
  return {
    e: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      literal,
      column,
      fc.tuple(name, name).map(([source, n]): Expression => ({ kind: 'Column', source, name: n })),
      fc.tuple(e, name).map(([base, field]): Expression => ({ kind: 'Dereference', base, field })),
      pair.map(([base, index]): Expression => ({ kind: 'Subscript', base, index })),
      e
        .filter(({ kind }) => !['Integer', 'Long', 'Decimal', 'Double'].includes(kind))
        .chain((value) =>
          fc
            .constantFrom<'+' | '-'>('+', '-')
            .map((op): Expression => ({ kind: 'ArithmeticUnary', op, value })),
        ),
      fc
        .tuple(fc.constantFrom<'+' | '-' | '*' | '/' | '%'>('+', '-', '*', '/', '%'), e, e)
        .map(([op, left, right]): Expression => ({ kind: 'ArithmeticBinary', op, left, right })),
      fc
        .tuple(
          fc.constantFrom<'=' | '<>' | '<=' | 'IS DISTINCT FROM'>('=', '<>', '<=', 'IS DISTINCT FROM'),
          e,
          e,
        )
        .map(([op, left, right]): Expression => ({ kind: 'Comparison', op, left, right })),
      fc
        .tuple(fc.constantFrom<'AND' | 'OR'>('AND', 'OR'), e, e)
        .map(([op, left, right]): Expression => ({ kind: 'Logical', op, left, right })),
      e.map((value): Expression => ({ kind: 'Not', value })),
      fc.tuple(e, fc.boolean()).map(([value, negated]): Expression => ({ kind: 'IsNull', value, negated })),
      fc
        .tuple(e, e, e)
        .map(([value, min, max]): Expression => ({ kind: 'Between', value, min, max, negated: false })),
      fc
        .tuple(e, some)
        .map(([value, items]): Expression => ({ kind: 'In', value, list: items, negated: false })),
      pair.map(
        ([value, pattern]): Expression => ({ kind: 'Like', value, pattern, escape: "'", negated: false }),
      ),
      whens.map((clauses): Expression => ({ kind: 'SearchedCase', whens: clauses })),
      fc.tuple(e, whens, e).map(
        ([operand, clauses, otherwise]): Expression => ({
          kind: 'SimpleCase',
          operand,
          whens: clauses,
          otherwise,
        }),
      ),
      fc.tuple(e, type).map(([value, t]): Expression => ({ kind: 'Cast', value, type: t })),
      fc
        .tuple(name, list, fc.array(fc.tuple(name, e), { maxLength: 1 }))
        .map(([n, args, lambdas]): Expression => {
          const last = lambdas.map(
            ([param, body]): Expression => ({ kind: 'Lambda', params: [param], body }),
          );
          return { kind: 'Call', name: n, args: args.length === 0 ? [] : [...args, ...last] };
        }),
      fc
        .constantFrom<TimeUnit>('DAY', 'MILLISECOND')
        .map((unit): Expression => ({ kind: 'Call', name: 'F', args: [{ kind: 'IntervalUnit', unit }] })),
      list.map((elements): Expression => ({ kind: 'Array', elements })),
      fc
        .array(fc.record({ key: e, value: e }), { maxLength: 2 })
        .map((entries): Expression => ({ kind: 'Map', entries })),
      fc
        .array(fc.record({ name, value: e }), { maxLength: 2 })
        .map((fields): Expression => ({ kind: 'Struct', fields })),
    ),
  };
}).e;

function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => key !== 'at')
      .map(([key, inner]) => [key, plain(inner)]),
  );
}

describe('what is written can be read', () => {
  it('as the same expression (property)', () => {
    fc.assert(
      fc.property(expression, (tree) => {
        const written = formatExpression(tree);
        const again = parseExpression(written);
        expect(formatExpression(again)).toBe(written);
        // ksqlDB formats COUNT without arguments as COUNT(*)
        fc.pre(!written.includes('(*)'));
        expect(plain(again)).toEqual(tree);
      }),
      { numRuns: 1_000 },
    );
  });

  it('as the same type, name and string (property)', () => {
    fc.assert(
      fc.property(type, (tree) => {
        expect(plain(parseType(formatType(tree)))).toEqual(tree);
      }),
    );
    fc.assert(
      fc.property(name, (n) => {
        expect(parseExpression(quoteIfNeeded(n))).toMatchObject({ kind: 'Column', name: n });
        if (!needsQuotes(n)) expect(quoteIfNeeded(n)).toBe(n);
      }),
    );
    fc.assert(
      fc.property(text, (value) => {
        expect(parseExpression(quoteString(value))).toMatchObject({ kind: 'String', value });
      }),
    );
  });
});

describe('any text', () => {
  /** Only SqlSyntaxError may be thrown, and parsed text can be formatted and parsed again. */
  const survive = (sql: string): void => {
    for (const action of [splitStatements, parseStatements, parseExpression, parseType]) {
      try {
        action(sql);
      } catch (error) {
        expect(error).toBeInstanceOf(SqlSyntaxError);
        const { line, column, offset, message } = error as SqlSyntaxError;
        expect(line).toBeGreaterThanOrEqual(1);
        expect(column).toBeGreaterThanOrEqual(1);
        expect(offset).toBeGreaterThanOrEqual(0);
        expect(offset).toBeLessThanOrEqual(sql.length);
        expect(message).not.toContain('undefined');
      }
    }
  };

  it('is read or refused (property)', () => {
    fc.assert(fc.property(fc.string({ maxLength: 60, unit: 'binary' }), survive), { numRuns: 500 });
  });

  const token = fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(...words) },
    {
      weight: 3,
      arbitrary: fc.constantFrom(
        ...[
          '(',
          ')',
          '[',
          ']',
          ',',
          '.',
          ';',
          '=',
          '<>',
          '<',
          '>',
          '+',
          '-',
          '*',
          '/',
          '||',
          '->',
          '=>',
          ':=',
        ],
      ),
    },
    {
      weight: 2,
      arbitrary: fc.constantFrom('a', '`b`', '"c"', "'d'", '1', '2.5', '3e4', '5f', '${v}', '\n', '--', "'"),
    },
  );

  it('made of the words of SQL is read or refused (property)', () => {
    fc.assert(
      fc.property(fc.array(token, { maxLength: 40 }), (tokens) => survive(tokens.join(' '))),
      { numRuns: 1_000 },
    );
  });

  const samples = [
    "CREATE STREAM s (id BIGINT KEY, v MAP<STRING, ARRAY<INT>>) WITH (kafka_topic='t', partitions=2);",
    "SELECT a.*, TRANSFORM(b, x => x + 1), CASE WHEN c IN (1, 2) THEN 'x' END FROM s a LEFT JOIN t WITHIN (1 DAY, 2 HOURS) ON a.id = t.id WHERE NOT a.x LIKE '%' ESCAPE '!' GROUP BY (a, b) EMIT CHANGES LIMIT 3;",
    'CREATE TABLE t AS SELECT k, COUNT(*) FROM s WINDOW TUMBLING (SIZE 30 DAYS, RETENTION 400 DAYS, GRACE PERIOD 1 DAY) GROUP BY k;',
    "INSERT INTO s (a, b) VALUES (STRUCT(x := 1), CAST('1.5' AS DECIMAL(4, 2)));",
    "ASSERT TOPIC t WITH (partitions=1) TIMEOUT 5 SECONDS; EXPLAIN SELECT 1 FROM s; DEFINE v = 'x'; PRINT '${v}';",
  ];

  it('near to a statement is read or refused, and what is read can be written (property)', () => {
    const change = fc.record({
      at: fc.nat(400),
      remove: fc.nat(4),
      insert: fc.oneof(token, fc.constant('')),
    });
    fc.assert(
      fc.property(fc.constantFrom(...samples), fc.array(change, { maxLength: 3 }), (sample, changes) => {
        let sql = sample;
        for (const { at, remove, insert } of changes) {
          const i = at % (sql.length + 1);
          sql = sql.slice(0, i) + insert + sql.slice(i + remove);
        }
        survive(sql);
        let statements: ReturnType<typeof parseStatements>;
        try {
          statements = parseStatements(sql);
        } catch {
          return;
        }
        for (const statement of statements) {
          const written = formatStatement(statement);
          expect(formatStatement(parseStatement(written))).toBe(written);
        }
      }),
      { numRuns: 1_000 },
    );
  });
});
