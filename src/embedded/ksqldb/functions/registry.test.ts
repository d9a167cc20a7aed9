import { describe, expect, test } from 'vitest';
import {
  arrayType,
  BIGINT,
  DATE,
  DOUBLE,
  decimalType,
  INTEGER,
  mapType,
  type SqlType,
  STRING,
  TIMESTAMP,
} from '../../../sql/sql-type.js';
import type {
  AggregateFunction,
  ArgumentType,
  Parameter,
  ParamType,
  ScalarFunction,
  ScalarSignature,
} from './function.js';
import { FunctionRegistry } from './registry.js';

const of = (type: SqlType): ParamType => ({ kind: 'exact', type });
const T: ParamType = { kind: 'generic', name: 'T' };
const ANY: ParamType = { kind: 'any' };
const DECIMAL: ParamType = { kind: 'decimal' };

function param(type: ParamType, variadic = false): Parameter {
  return { name: '', type, ...(variadic ? { variadic } : {}) };
}

function signature(parameters: readonly Parameter[], returns: ParamType = of(STRING)): ScalarSignature {
  return { parameters, returns, bind: () => () => null };
}

function scalar(name: string, ...signatures: ScalarSignature[]): ScalarFunction {
  return { kind: 'scalar', name, description: '', author: '', category: '', signatures };
}

const registry = new FunctionRegistry();

/** Returns the index of the chosen signature. */
function choice(fn: ScalarFunction, ...args: ArgumentType[]): number {
  return fn.signatures.indexOf(registry.resolveScalar(fn, args, []).signature);
}

describe('choice of a signature', () => {
  const numbers = scalar(
    'F',
    signature([param(of(INTEGER))]),
    signature([param(of(BIGINT))]),
    signature([param(DECIMAL)]),
    signature([param(of(DOUBLE))]),
  );

  test('exact types come first', () => {
    expect(choice(numbers, INTEGER)).toBe(0);
    expect(choice(numbers, BIGINT)).toBe(1);
    expect(choice(numbers, decimalType(10, 3))).toBe(2);
    expect(choice(numbers, DOUBLE)).toBe(3);
  });

  test('then implicit casts, if they lead to one signature', () => {
    expect(choice(scalar('F', signature([param(of(DOUBLE))])), INTEGER)).toBe(0);
    expect(choice(scalar('F', signature([param(of(TIMESTAMP))])), STRING)).toBe(0);
    expect(() => choice(scalar('F', signature([param(of(INTEGER))])), BIGINT)).toThrow('does not accept');
  });

  test('NULL matches everything, and may be ambiguous', () => {
    expect(choice(scalar('F', signature([param(of(STRING)), param(of(INTEGER))])), null, INTEGER)).toBe(0);
    expect(() => choice(numbers, null)).toThrow(
      "Function 'F' cannot be resolved due to ambiguous method parameters (null).\n" +
        'Use CAST() to explicitly cast your parameters to one of the supported function calls.\n' +
        'Valid function calls are:\nF(INT)\nF(BIGINT)\nF(DECIMAL)\nF(DOUBLE)\n' +
        'For detailed information on a function run: DESCRIBE FUNCTION <Function-Name>;',
    );
  });

  test('fixed arity before variadic, concrete before generic', () => {
    const fn = scalar(
      'F',
      signature([param(of(STRING), true)]),
      signature([param(of(STRING)), param(of(STRING))]),
      signature([param(T), param(T)]),
      signature([param(ANY, true)]),
    );
    expect(choice(fn, STRING, STRING)).toBe(1);
    expect(choice(fn, STRING, STRING, STRING)).toBe(0);
    expect(choice(fn, INTEGER, INTEGER)).toBe(2);
    expect(choice(fn, INTEGER, STRING)).toBe(3);
    expect(choice(fn, STRING)).toBe(0);
  });

  test('a generic is one type within a call', () => {
    const fn = scalar('F', signature([param({ kind: 'map', key: T, value: T })], T));
    expect(registry.resolveScalar(fn, [mapType(STRING, STRING)], []).returnType).toEqual(STRING);
    expect(() => choice(fn, mapType(STRING, INTEGER))).toThrow(
      'does not accept parameters (MAP<STRING, INTEGER>)',
    );
  });

  test('a variadic parameter takes none, one or many arguments, in any position', () => {
    for (const parameters of [
      [param(of(INTEGER)), param(of(STRING), true)],
      [param(of(STRING), true), param(of(INTEGER))],
      [param(of(INTEGER)), param(of(STRING), true), param(of(INTEGER)), param(of(DATE))],
    ]) {
      const fn = scalar('F', signature(parameters));
      const at = parameters.findIndex(({ variadic }) => variadic);
      const fixed = parameters
        .filter(({ variadic }) => !variadic)
        .map(({ type }) => (type as { type: SqlType }).type);
      for (let count = 0; count < 9; count++) {
        const args = [...fixed.slice(0, at), ...Array<SqlType>(count).fill(STRING), ...fixed.slice(at)];
        expect(choice(fn, ...args)).toBe(0);
        expect(() => choice(fn, ...args, DOUBLE)).toThrow('does not accept parameters');
      }
    }
  });

  test("the alternatives are listed with names in ksqlDB's case", () => {
    const fn = scalar('GREATEST', {
      ...signature([
        { name: 'val1', type: of(INTEGER) },
        { name: 'valn', type: of(INTEGER), variadic: true },
      ]),
    });
    expect(() => choice(fn, STRING, INTEGER)).toThrow(
      "Function 'greatest' does not accept parameters (STRING, INTEGER).\n" +
        'Valid alternatives are:\nGREATEST(INT val1, INT... valn)\n' +
        'For detailed information on a function run: DESCRIBE FUNCTION <Function-Name>;',
    );
  });
});

describe('return types', () => {
  test('follow from generics, including variadic ones', () => {
    const fn = scalar('F', signature([param(T), param(T, true)], { kind: 'array', element: T }));
    expect(registry.resolveScalar(fn, [BIGINT, BIGINT, BIGINT], []).returnType).toEqual(arrayType(BIGINT));
    expect(registry.resolveScalar(fn, [BIGINT], []).returnType).toEqual(arrayType(BIGINT));
  });

  test('may be computed', () => {
    const fn = scalar('F', {
      ...signature([param(DECIMAL)]),
      returns: (args) => arrayType(args[0] as SqlType),
    });
    expect(registry.resolveScalar(fn, [decimalType(4, 2)], []).returnType).toEqual(
      arrayType(decimalType(4, 2)),
    );
  });
});

test('aggregates have no implicit casts, and an empty argument list counts as a BIGINT', () => {
  const unused = () => {
    throw new Error('not called here');
  };
  const count: AggregateFunction = {
    kind: 'aggregate',
    name: 'COUNT',
    description: '',
    author: '',
    category: '',
    signatures: [{ parameters: [param(T)], returns: of(BIGINT), bind: unused }],
  };
  expect(registry.resolveAggregate(count, [], []).returnType).toEqual(BIGINT);
  const sum = { ...count, signatures: [{ ...count.signatures[0]!, parameters: [param(of(DOUBLE))] }] };
  expect(() => registry.resolveAggregate(sum, [INTEGER], [])).toThrow('does not accept parameters (INTEGER)');
});

test('names are case-insensitive and registered once', () => {
  const own = new FunctionRegistry();
  own.register(scalar('MINE', signature([])));
  expect(own.getScalar('mine').name).toBe('MINE');
  expect(() => own.register(scalar('MINE', signature([])))).toThrow('Function already registered: MINE');
  expect(() => own.getScalar('NOPE')).toThrow("Can't find any functions with the name 'NOPE'");
});
