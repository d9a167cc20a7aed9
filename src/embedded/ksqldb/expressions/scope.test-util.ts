/** Fixtures for the tests of expressions: a row with every type, and a few functions that exercise calls. */
import { parseExpression, parseType } from '../../../sql/parse.js';
import { BIGINT, BOOLEAN, DOUBLE, INTEGER, type SqlType, STRING } from '../../../sql/sql-type.js';
import type { ParamType, ScalarFunction, ScalarSignature } from '../functions/function.js';
import { FunctionRegistry } from '../functions/registry.js';
import { Decimal } from '../types/decimal.js';
import type { Value } from '../types/value.js';
import { type CompileOptions, compileExpression } from './compile.js';
import type { Scope } from './scope.js';
import { resolveTypeNode } from './type-node.js';

const COLUMNS: Readonly<Record<string, readonly [type: string, value: Value]>> = {
  I: ['INTEGER', 7],
  B: ['BIGINT', 5_000_000_000n],
  D: ['DOUBLE', 2.5],
  M: ['DECIMAL(6, 2)', Decimal.parse('12.34')],
  S: ['STRING', 'hello'],
  T: ['TIMESTAMP', Date.UTC(2020, 4, 26)],
  DT: ['DATE', Date.UTC(2020, 4, 26) / 86_400_000],
  TM: ['TIME', 3_600_000],
  BY: ['BYTES', Buffer.from([1, 2])],
  YES: ['BOOLEAN', true],
  NO: ['BOOLEAN', false],
  NI: ['INTEGER', null],
  NS: ['STRING', null],
  NB: ['BOOLEAN', null],
  A: ['ARRAY<BIGINT>', [1n, 2n, 3n]],
  AA: ['ARRAY<ARRAY<BIGINT>>', [[1n, 2n], [3n]]],
  NA: ['ARRAY<BIGINT>', null],
  MP: ['MAP<STRING, INTEGER>', new Map([['a', 1]])],
  ST: ['STRUCT<X INTEGER, Y STRING>', [1, 'y']],
  NST: ['STRUCT<X INTEGER, Y STRING>', null],
};

const names = Object.keys(COLUMNS);
const types = names.map((name) => resolveTypeNode(parseType(COLUMNS[name]![0])));
export const ROW: readonly Value[] = names.map((name) => COLUMNS[name]![1]);

const exact = (type: SqlType): ParamType => ({ kind: 'exact', type });
const T: ParamType = { kind: 'generic', name: 'T' };
const U: ParamType = { kind: 'generic', name: 'U' };

function scalar(name: string, ...signatures: ScalarSignature[]): ScalarFunction {
  return { kind: 'scalar', name, description: '', author: '', category: 'OTHER', signatures };
}

function signature(
  params: readonly ParamType[],
  returns: ParamType,
  run: (...args: never[]) => Value,
): ScalarSignature {
  return {
    parameters: params.map((type, i) => ({ name: `p${i}`, type })),
    returns,
    bind: () => run as unknown as (...args: unknown[]) => Value,
  };
}

export function testFunctions(): FunctionRegistry {
  const registry = new FunctionRegistry();
  const functions: ScalarFunction[] = [
    scalar(
      'FAIL',
      signature([exact(STRING)], exact(STRING), () => {
        throw new Error('it does');
      }),
    ),
    scalar(
      'OR_ELSE',
      signature([T, T], T, (a: Value, b: Value) => a ?? b),
    ),
    scalar(
      'HALF',
      signature([exact(DOUBLE)], exact(DOUBLE), (a: number | null) => (a === null ? null : a / 2)),
    ),
    scalar(
      'EACH',
      signature(
        [
          { kind: 'array', element: T },
          { kind: 'lambda', params: [T], returns: U },
        ],
        { kind: 'array', element: U },
        (list: readonly Value[], fn: (value: Value) => Value) => list.map((each) => fn(each)),
      ),
    ),
    scalar(
      'FOLD',
      signature(
        [{ kind: 'array', element: T }, U, { kind: 'lambda', params: [U, T], returns: U }],
        U,
        (list: readonly Value[], start: Value, fn: (state: Value, value: Value) => Value) =>
          list.reduce<Value>((state, each) => fn(state, each), start),
      ),
    ),
    scalar('IS_CONSTANT', {
      parameters: [{ name: 'x', type: { kind: 'any' } }],
      returns: exact(BOOLEAN),
      bind: ({ constants }) => {
        const known = constants[0] !== undefined;
        return () => known;
      },
    }),
    scalar(
      'WIDE',
      signature([exact(BIGINT)], exact(BIGINT), (a: Value) => a),
    ),
    scalar(
      'NARROW',
      signature([exact(INTEGER)], exact(INTEGER), (a: Value) => a),
    ),
  ];
  for (const fn of functions) registry.register(fn);
  return registry;
}

export interface TestScope extends Scope {
  /** The entries of the processing log: the message and the message of its cause. */
  readonly log: readonly string[];
}

export function testScope(config: Readonly<Record<string, string>> = {}): TestScope {
  const log: string[] = [];
  return {
    resolve: ({ name }) => {
      const slot = names.indexOf(name);
      if (slot < 0) throw new Error(`No column ${name}`);
      return { slot, type: types[slot]! };
    },
    functions: testFunctions(),
    config: new Map(Object.entries(config)),
    onError: (message, cause) => log.push(`${message}: ${cause instanceof Error ? cause.message : cause}`),
    log,
  };
}

/** Evaluates an expression for the test row. Also returns what was logged. */
export function run(
  text: string,
  options: CompileOptions & { readonly config?: Readonly<Record<string, string>> } = {},
): { readonly value: Value; readonly type: SqlType | null; readonly log: readonly string[] } {
  const scope = testScope(options.config);
  const { type, evaluate } = compileExpression(parseExpression(text), scope, options);
  return { value: evaluate(ROW), type, log: scope.log };
}
