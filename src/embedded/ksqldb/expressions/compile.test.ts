import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseExpression } from '../../../sql/parse.js';
import { decimalType } from '../../../sql/sql-type.js';
import { compileExpression } from './compile.js';
import { run, testScope } from './scope.test-util.js';

const NULL_MESSAGE = 'A NULL operand has no value to compute with.';

/** Compiles an operation on two columns of one type to a function of their values. */
function operation(op: string, base: 'INTEGER' | 'BIGINT' | 'DOUBLE') {
  const scope = {
    ...testScope(),
    resolve: ({ name }: { readonly name: string }) => ({ slot: name === 'L' ? 0 : 1, type: { base } }),
  };
  const { evaluate } = compileExpression(parseExpression(`L ${op} R`), scope);
  return (l: number | bigint, r: number | bigint) => evaluate([l, r]);
}

describe('arithmetic', () => {
  const operators = ['+', '-', '*', '/', '%'] as const;
  const compute = { '+': 'add', '-': 'sub', '*': 'mul', '/': 'div', '%': 'rem' } as const;
  const exactly = {
    add: (a: bigint, b: bigint) => a + b,
    sub: (a: bigint, b: bigint) => a - b,
    mul: (a: bigint, b: bigint) => a * b,
    div: (a: bigint, b: bigint) => a / b,
    rem: (a: bigint, b: bigint) => a % b,
  };
  const edges = (bits: bigint) => [-(2n ** (bits - 1n)), 2n ** (bits - 1n) - 1n, -1n, 0n, 1n];

  test.each(operators)('INTEGER %s wraps around at 32 bits', (op) => {
    const evaluate = operation(op, 'INTEGER');
    const number = fc.oneof(fc.constantFrom(...edges(32n).map(Number)), fc.integer());
    fc.assert(
      fc.property(number, number, (a, b) => {
        if (b === 0 && (op === '/' || op === '%')) {
          expect(evaluate(a, b)).toBeNull();
          return;
        }
        const exact = exactly[compute[op]](BigInt(a), BigInt(b));
        expect(evaluate(a, b)).toBe(Number(BigInt.asIntN(32, exact)));
      }),
    );
  });

  test.each(operators)('BIGINT %s wraps around at 64 bits', (op) => {
    const evaluate = operation(op, 'BIGINT');
    const number = fc.oneof(
      fc.constantFrom(...edges(64n)),
      fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    );
    fc.assert(
      fc.property(number, number, (a, b) => {
        if (b === 0n && (op === '/' || op === '%')) {
          expect(evaluate(a, b)).toBeNull();
          return;
        }
        expect(evaluate(a, b)).toBe(BigInt.asIntN(64, exactly[compute[op]](a, b)));
      }),
    );
  });

  test('DOUBLE follows IEEE 754', () => {
    expect(operation('/', 'DOUBLE')(1, 0)).toBe(Number.POSITIVE_INFINITY);
    expect(operation('/', 'DOUBLE')(0, 0)).toBeNaN();
    expect(operation('%', 'DOUBLE')(-5.5, 2)).toBe(-1.5);
  });

  test.each([
    ['I + B', 5_000_000_007n],
    ['B * 2.5E0', 12_500_000_000],
    ['I / 2', 3],
    ['-I', -7],
    ['- -I', 7],
    ['S + S', 'hellohello'],
    ['S + NS', 'hellonull'],
  ])('%s', (text, expected) => {
    expect(run(text)).toMatchObject({ value: expected, log: [] });
  });

  test.each([
    ['M + I', '19.34', decimalType(13, 2)],
    ['M * M', '152.2756', decimalType(13, 4)],
    ['M / 2', '6.1700000000000', decimalType(17, 13)],
    ['M % 5', '2.34', decimalType(6, 2)],
    ['-M', '-12.34', decimalType(6, 2)],
    ['0.1 + 0.2', '0.3', decimalType(3, 1)],
  ])('%s is an exact decimal', (text, expected, type) => {
    const result = run(text);
    expect(String(result.value)).toBe(expected);
    expect(result.type).toEqual(type);
    expect(result.log).toEqual([]);
  });

  test.each([
    ['I / 0', 'Error computing expression (I / 0): / by zero'],
    ['B % 0', 'Error computing expression (B % 0): / by zero'],
    ['M / 0', 'Error computing expression (M / 0): Division by zero'],
    ['M / 3', 'Error computing expression (M / 3): Rounding necessary'],
    ['I + NI', `Error computing expression (I + NI): ${NULL_MESSAGE}`],
    ['M + NI', `Error computing expression (M + NI): ${NULL_MESSAGE}`],
    ['-NI', `Error computing expression -NI: ${NULL_MESSAGE}`],
  ])('%s fails, and is NULL', (text, message) => {
    expect(run(text)).toMatchObject({ value: null, log: [message] });
  });
});

describe('NULL in logic', () => {
  // ksqlDB's generated code unboxes NULL and fails, although the result in standard SQL is NULL.
  test.each([
    ['YES AND NB', null, 1],
    ['NB AND YES', null, 1],
    ['NO AND NB', false, 0],
    ['NB AND NO', null, 1],
    ['YES OR NB', true, 0],
    ['NB OR YES', null, 1],
    ['NO OR NB', null, 1],
    ['NOT NB', null, 1],
    ['NOT (NI = 1)', true, 0],
    ['NI = 1', false, 0],
    ['NI <> 1', false, 0],
    ['NI IS NULL', true, 0],
    ['I IS NOT NULL', true, 0],
    ['NI IS DISTINCT FROM 1', true, 0],
    ['NI IS DISTINCT FROM NI', false, 0],
    ['NI IS NOT DISTINCT FROM NI', true, 0],
    ['7 IS NOT DISTINCT FROM I', true, 0],
    ['NI IN (1, 2)', false, 0],
    ['NI NOT IN (1, 2)', true, 0],
    ['I IN (NI, 7)', true, 0],
    ['NI BETWEEN 1 AND 2', false, 0],
    ['NI NOT BETWEEN 1 AND 2', true, 0],
    ["NS LIKE 'a%'", null, 1],
  ])('%s is %s', (text, expected, errors) => {
    const { value, log } = run(text);
    expect(value).toBe(expected);
    expect(log).toHaveLength(errors);
  });

  test('a failing predicate is false, with its own message', () => {
    const options = { defaultValue: false, errorMessage: 'Error evaluating predicate (NOT NB)' };
    expect(run('NOT NB', options)).toMatchObject({
      value: false,
      log: [`Error evaluating predicate (NOT NB): ${NULL_MESSAGE}`],
    });
  });
});

describe('comparison', () => {
  test.each([
    ['I = 7.00', true],
    ['B > I', true],
    ['D < M', true],
    ['M = 12.340', true],
    ['B = 5E9', true],
    ["T > '2020-05-25T23:59'", true],
    ["'2020-05-26' = DT", true],
    ['T = DT', true],
    ["TM = '01:00'", true],
    ["S >= 'hello'", true],
    ['YES <> NO', true],
    ['A = ARRAY[CAST(1 AS BIGINT), 2, 3]', true],
    ['A = ARRAY[1, 2, 3]', false],
    ["ST = STRUCT(X := 1, Y := 'y')", true],
    ["MP = MAP('a' := 2)", false],
    ['I BETWEEN 7 AND 8', true],
    ["S NOT BETWEEN 'a' AND 'b'", true],
  ])('%s is %s', (text, expected) => {
    expect(run(text)).toMatchObject({ value: expected, log: [] });
  });

  test('a text that is not a date fails at run time', () => {
    const { value, log } = run("T > 'yesterday'");
    expect(value).toBeNull();
    expect(log[0]).toContain("Failed to parse timestamp 'yesterday'");
  });
});

describe('IN', () => {
  test.each([
    ['I IN (1, 7)', true],
    ["I IN (1, '7.0')", true],
    ['I IN (6.9, B)', false],
    ['M IN (12.34)', true],
    ["S IN (1, 'hello')", true],
    ['A IN (ARRAY[1, 2, 3])', true],
    ["A IN (ARRAY[1, NULL], ARRAY['1', '2', '3'])", true],
    ['ST IN (STRUCT(X := 1))', false],
  ])('%s is %s', (text, expected) => {
    expect(run(text).value).toBe(expected);
  });
});

describe('LIKE', () => {
  test.each([
    ['hello', 'h%', true],
    ['hello', 'h_llo', true],
    ['hello', 'ell', false],
    ['a.c', 'a.c', true],
    ['abc', 'a.c', false],
    ['50%', '50!%', true],
    ['505', '50!%', false],
    ['a\nb', 'a%b', false],
    ['(x)[y]{z}^$|\\-', '(x)[y]{z}^$|\\-', true],
  ])('%j like %j is %s', (text, pattern, expected) => {
    const { evaluate } = compileExpression(
      {
        kind: 'Like',
        value: { kind: 'String', value: text },
        pattern: { kind: 'String', value: pattern },
        escape: '!',
        negated: false,
      },
      testScope(),
    );
    expect(evaluate([])).toBe(expected);
  });

  test('takes the pattern from each row', () => {
    expect(run("'hello' LIKE S").value).toBe(true);
    expect(run("'h' NOT LIKE S").value).toBe(true);
  });
});

describe('CASE', () => {
  test('evaluates only the first branch that is true', () => {
    expect(run('CASE WHEN I > 100 THEN 1 / 0 WHEN I > 5 THEN 2 ELSE 1 / 0 END')).toMatchObject({
      value: 2,
      log: [],
    });
    expect(run("CASE WHEN I > 100 THEN 'big' END").value).toBeNull();
    expect(run("CASE WHEN NI > 1 THEN 'big' ELSE 'default' END").value).toBe('default');
  });

  test('a NULL condition fails', () => {
    expect(run('CASE WHEN NB THEN 1 ELSE 2 END')).toMatchObject({
      value: null,
      log: [expect.stringContaining('CASE')],
    });
  });
});

describe('structures', () => {
  test.each([
    ['A[1]', 1n],
    ['A[-1]', 3n],
    ['A[0]', null],
    ['A[4]', null],
    ['A[-4]', null],
    ['A[I - 5]', 2n],
    ['NA[1]', null],
    ['AA[2][1]', 3n],
    ["MP['a']", 1],
    ["MP['z']", null],
    ['ST->Y', 'y'],
    ['NST->Y', null],
    ['STRUCT(A := I, B := STRUCT(C := S))->B->C', 'hello'],
    ["ARRAY[1, NULL, '3']", [1, null, 3]],
    [
      "MAP('x' := 1, 'y' := B)",
      new Map([
        ['x', 1n],
        ['y', 5_000_000_000n],
      ]),
    ],
  ])('%s', (text, expected) => {
    expect(run(text)).toMatchObject({ value: expected, log: [] });
  });

  test('one failing element is NULL, the others stay', () => {
    expect(run('ARRAY[I, I / 0, 3]')).toMatchObject({
      value: [7, null, 3],
      log: ['Error processing array item: / by zero'],
    });
    expect(run('STRUCT(A := I / 0, B := S)')).toMatchObject({
      value: [null, 'hello'],
      log: ['Error processing struct field: / by zero'],
    });
    expect(run('ARRAY[I, I / 0, 3]', { config: { 'ksql.nested.error.set.null': 'false' } })).toMatchObject({
      value: null,
      log: [expect.stringContaining('Error computing expression ARRAY[')],
    });
  });
});

describe('calls', () => {
  test('a failing argument that is a call becomes NULL, and the outer call continues', () => {
    expect(run("OR_ELSE(FAIL(S), 'else')")).toMatchObject({
      value: 'else',
      log: ['Error processing FAIL: it does'],
    });
  });

  test('a failing argument that is an operation fails the whole expression', () => {
    expect(run('OR_ELSE(I + NI, 1)')).toMatchObject({
      value: null,
      log: [expect.stringContaining(NULL_MESSAGE)],
    });
  });

  test('a failing cast becomes NULL on its own', () => {
    expect(run('OR_ELSE(CAST(S AS INTEGER), 1)')).toMatchObject({
      value: 1,
      log: ['Error processing INTEGER: For input string: "hello"'],
    });
  });

  test('arguments are cast to the parameter types', () => {
    expect(run('HALF(I)')).toMatchObject({ value: 3.5, log: [] });
    expect(run('HALF(M)').value).toBe(6.17);
  });

  test('constants are known when the call is bound', () => {
    expect(run('IS_CONSTANT(-1)').value).toBe(true);
    expect(run("IS_CONSTANT(CAST('1' AS INTEGER) + 2)").value).toBe(true);
    expect(run('IS_CONSTANT(I)').value).toBe(false);
  });
});

describe('lambdas', () => {
  test.each([
    ['EACH(A, x => x * 2)', [2n, 4n, 6n]],
    ['EACH(A, x => x + I)', [8n, 9n, 10n]],
    ['EACH(AA, x => EACH(x, y => y + x[1]))', [[2n, 3n], [6n]]],
    ['FOLD(A, 0, (s, x) => s + CAST(x AS INTEGER))', 6],
    ["EACH(A, x => CASE WHEN x > 1 THEN 'many' ELSE 'one' END)", ['one', 'many', 'many']],
    ['EACH(AA, l => FOLD(l, CAST(0 AS BIGINT), (s, x) => s + x))', [3n, 3n]],
  ])('%s', (text, expected) => {
    expect(run(text)).toMatchObject({ value: expected, log: [] });
  });

  test('a parameter hides a column of the same name', () => {
    expect(run('EACH(A, I => I + 1)').value).toEqual([2n, 3n, 4n]);
  });
});

describe('casts', () => {
  test('NULL stays NULL, unless it is configured to become a text', () => {
    expect(run('CAST(NI AS STRING)').value).toBeNull();
    expect(run('CAST(NI AS STRING)', { config: { 'ksql.cast.strings.preserve.nulls': 'false' } }).value).toBe(
      'null',
    );
  });

  test('a failing cast in a predicate has no default and fails the whole predicate', () => {
    const { value, log } = run('CAST(S AS INTEGER) IS NULL', { defaultValue: false });
    expect(value).toBe(false);
    expect(log).toHaveLength(2);
  });
});

test('typing errors name the clause', () => {
  expect(() => run('CAST(S AS MAP<STRING, INTEGER>)', { purpose: 'Select' })).toThrow(
    'Invalid Select: Cast of STRING to MAP<STRING, INTEGER> is not supported.',
  );
});

describe('interpreted, as in pull queries', () => {
  test('arithmetic with NULL is NULL', () => {
    expect(run('I + NI', { interpreted: true })).toMatchObject({ value: null, log: [] });
    expect(run('OR_ELSE(I + NI, 1)', { interpreted: true })).toMatchObject({ value: 1, log: [] });
    expect(run('S + NS', { interpreted: true })).toMatchObject({ value: null, log: [] });
  });

  test('a failure always fails the whole expression', () => {
    expect(run("OR_ELSE(FAIL(S), 'else')", { interpreted: true })).toMatchObject({
      value: null,
      log: [expect.stringContaining('Error computing expression')],
    });
  });
});
