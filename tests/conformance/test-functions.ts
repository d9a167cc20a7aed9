/**
 * The functions that ksqlDB's own test cases call and that exist in its test jars only, as functions of a user of
 * the engine: each is a `SqlFunction` given to `createRegistry`.
 */
import {
  aggregate,
  arrayOf,
  generic,
  mapOf,
  P_ANY,
  P_BIGINT,
  P_BOOLEAN,
  P_DECIMAL,
  P_DOUBLE,
  P_INT,
  P_STRING,
  param,
  scalar,
  signature,
  sqlTypeOf,
  table,
  variadic,
} from '../../src/embedded/ksqldb/functions/define.js';
import type {
  AggregateSignature,
  BoundAggregate,
  CallSite,
  ParamType,
  SqlFunction,
  TableSignature,
} from '../../src/embedded/ksqldb/functions/function.js';
import { KsqlFunctionException } from '../../src/embedded/ksqldb/functions/function-error.js';
import type { Decimal } from '../../src/embedded/ksqldb/types/decimal.js';
import { textWriter } from '../../src/embedded/ksqldb/types/text.js';
import type { Value } from '../../src/embedded/ksqldb/types/value.js';
import {
  arrayType,
  BIGINT,
  DOUBLE,
  decimalType,
  INTEGER,
  mapType,
  type SqlType,
  STRING,
  structType,
} from '../../src/sql/sql-type.js';

const STRUCT_A = structType([{ name: 'A', type: STRING }]);
const STRUCT_AB = structType([
  { name: 'A', type: INTEGER },
  { name: 'B', type: INTEGER },
]);
const P_STRUCT_A: ParamType = { kind: 'exact', type: STRUCT_A };
const P_STRUCT_AB: ParamType = { kind: 'exact', type: STRUCT_AB };

const OTHER = { category: 'OTHER', description: 'A function of the conformance cases.' };

const TEST_UDF = scalar(
  'TEST_UDF',
  OTHER,
  signature([param('arg1', P_INT), param('arg2', P_STRING)], P_STRING, () => 'doStuffIntString'),
  signature([param('arg1', P_BIGINT), param('arg2', P_STRING)], P_STRING, () => 'doStuffLongString'),
  signature(
    [param('arg1', P_BIGINT), param('arg2', P_BIGINT), param('arg3', P_STRING)],
    P_STRING,
    () => 'doStuffLongLongString',
  ),
  signature([variadic('longs', P_BIGINT)], P_STRING, () => 'doStuffLongVarargs'),
  signature(
    [param('struct', P_STRUCT_A)],
    P_STRING,
    (struct: readonly Value[] | null) => struct?.[0] ?? null,
  ),
  signature([], P_STRUCT_A, () => ['foo']),
);

const BAD_UDF = scalar(
  'BAD_UDF',
  OTHER,
  signature([param('arg1', P_INT)], P_STRING, () => {
    throw new KsqlFunctionException('boom!');
  }),
  signature([param('shouldThrow', P_BOOLEAN)], P_INT, (shouldThrow: boolean | null) => {
    if (shouldThrow) throw new KsqlFunctionException('You asked me to throw...');
    return 0;
  }),
  {
    parameters: [param('arg', P_STRING)],
    returns: P_STRING,
    bind: () => {
      let calls = 0;
      return (arg) => (calls++ % 2 === 0 ? null : (arg as Value));
    },
  },
);

/** Gives its first argument if it may be evaluated at all. */
function guarded(name: string, type: ParamType): SqlFunction {
  return scalar(
    name,
    OTHER,
    signature(
      [param('retValue', type), param('shouldBeEvaluated', P_BOOLEAN)],
      type,
      (value: Value, allowed: boolean | null) => {
        if (!allowed) throw new KsqlFunctionException(`${name} must not be evaluated here`);
        return value;
      },
    ),
  );
}

const TOSTRING = scalar(
  'TOSTRING',
  OTHER,
  ...[P_STRING, P_INT, P_BIGINT, mapOf(P_STRING, P_INT)].map((type) => ({
    parameters: [param('value', type)],
    returns: P_STRING,
    bind: (site: CallSite) => {
      const write = textWriter(sqlTypeOf(site.argumentTypes[0]));
      return (value: unknown) => (value === null ? null : write(value as Exclude<Value, null>));
    },
  })),
);

const bigintProduct = (a: number | bigint | null, b: number | bigint | null) =>
  a === null || b === null ? null : BigInt.asIntN(64, BigInt(a) * BigInt(b));

const MULTIPLY = scalar(
  'MULTIPLY',
  OTHER,
  signature([param('v1', P_INT), param('v2', P_INT)], P_BIGINT, bigintProduct),
  signature([param('v1', P_BIGINT), param('v2', P_BIGINT)], P_BIGINT, bigintProduct),
  signature([param('v1', P_DOUBLE), param('v2', P_DOUBLE)], P_DOUBLE, (a: number | null, b: number | null) =>
    a === null || b === null ? null : a * b,
  ),
);

const TOMAP = scalar(
  'TOMAP',
  OTHER,
  signature(
    [param('value', P_STRING)],
    { kind: 'exact', type: mapType(STRING, STRING) },
    (value: Value) => new Map([[value, value]]),
  ),
);

const TOLIST = scalar(
  'TOLIST',
  OTHER,
  signature([param('value', P_STRING)], { kind: 'exact', type: arrayType(STRING) }, (value: Value) => [
    value,
  ]),
);

const TOSTRUCT = scalar(
  'TOSTRUCT',
  OTHER,
  signature([param('value', P_STRING)], P_STRUCT_A, (value: Value) => [value]),
);

const BACKWARD_CONCAT = scalar(
  'BACKWARD_CONCAT',
  OTHER,
  signature(
    [param('v1', P_STRING), param('v2', P_STRING)],
    P_STRING,
    (first: string | null, second: string | null) => `${second ?? ''}${first ?? ''}`,
  ),
);

const SIMPLE: readonly ParamType[] = [P_INT, P_BIGINT, P_DOUBLE, P_BOOLEAN, P_STRING];
const SEVEN: readonly ParamType[] = [...SIMPLE, P_DECIMAL, P_STRUCT_A];
const TEST_DECIMAL = decimalType(30, 10);

/** Seven rows: the text of what `pick` takes from each argument. */
function texts(
  wrap: (type: ParamType) => ParamType,
  inner: (type: SqlType) => SqlType,
  pick: (value: Value) => Value,
): TableSignature {
  return {
    parameters: SEVEN.map((type, i) => param(`arg${i}`, wrap(type))),
    returns: P_STRING,
    bind: ({ argumentTypes }) => {
      const writers = argumentTypes.map((type) => textWriter(inner(sqlTypeOf(type))));
      return (...args) =>
        args.map((arg, i) => {
          const value = arg === null ? null : pick(arg as Value);
          return value === null ? 'null' : writers[i]!(value);
        });
    },
  };
}

const TEST_UDTF = table(
  'TEST_UDTF',
  { description: OTHER.description },
  ...[...SIMPLE, P_STRUCT_A].map(
    (type): TableSignature => ({
      parameters: [param('value', type)],
      returns: type,
      bind: () => (value) => {
        // The Java function takes numbers and booleans as primitives, which have no NULL.
        if (value === null && type !== P_STRING && type !== P_STRUCT_A) {
          throw new KsqlFunctionException('TEST_UDTF has no rows for NULL');
        }
        return [value as Value];
      },
    }),
  ),
  {
    parameters: [param('value', P_DECIMAL)],
    returns: () => TEST_DECIMAL,
    documentedReturns: P_DECIMAL,
    bind: () => (value) => [value === null ? null : (value as Decimal).setScale(TEST_DECIMAL.scale)],
  },
  texts(
    (type) => type,
    (type) => type,
    (value) => value,
  ),
  texts(
    arrayOf,
    (type) => (type.base === 'ARRAY' ? type.element : type),
    (value) => (value as readonly Value[])[0] ?? null,
  ),
  texts(
    (type) => mapOf(P_STRING, type),
    (type) => (type.base === 'MAP' ? type.value : type),
    (value) => [...(value as ReadonlyMap<Value, Value>).values()][0] ?? null,
  ),
);

const THROWING_UDTF = table(
  'THROWING_UDTF',
  { description: OTHER.description },
  {
    parameters: [param('shouldThrow', P_BOOLEAN)],
    returns: P_BOOLEAN,
    bind: () => (shouldThrow) => {
      if (shouldThrow) throw new KsqlFunctionException('You asked me to throw...');
      return [shouldThrow as Value];
    },
  },
);

const lengthOf = (text: Value | undefined): bigint => BigInt((text as string | null)?.length ?? 0);
const bigintOf = (value: Value | undefined): bigint => BigInt((value as bigint | number | null) ?? 0);

/** A BIGINT that grows by what `amount` says of each row. */
function growing(
  start: bigint,
  amount: (args: readonly Value[]) => bigint,
  finish: (total: bigint) => bigint = (total) => total,
): BoundAggregate {
  return {
    stateType: BIGINT,
    returnType: BIGINT,
    initial: () => start,
    add: (state, args) => (state as bigint) + amount(args),
    merge: (a, b) => (a as bigint) + (b as bigint),
    result: (state) => finish(state as bigint),
  };
}

function sumSignature(type: ParamType): AggregateSignature {
  return {
    parameters: [param('val1', type)],
    returns: P_BIGINT,
    bind: () => ({
      ...growing(0n, ([value]) => bigintOf(value)),
      undo: (state, [value]) => (state as bigint) - bigintOf(value),
    }),
  };
}

const TEST_UDAF = aggregate(
  'TEST_UDAF',
  { description: OTHER.description },
  sumSignature(P_INT),
  sumSignature(P_BIGINT),
  {
    parameters: [param('val1', P_DOUBLE)],
    returns: P_DOUBLE,
    bind: () => ({
      stateType: DOUBLE,
      returnType: DOUBLE,
      initial: () => 0,
      add: (state, [value]) => (state as number) + ((value as number | null) ?? 0),
      merge: (a, b) => (a as number) + (b as number),
      result: (state) => state,
    }),
  },
  {
    parameters: [param('val1', P_STRING), param('init', P_STRING)],
    constants: 1,
    returns: P_BIGINT,
    bind: ({ constants }) => growing(lengthOf(constants[1]), ([text]) => lengthOf(text)),
  },
  {
    parameters: [param('val1', P_STRUCT_AB)],
    returns: P_STRUCT_AB,
    bind: () => {
      const sum = (a: Value, b: Value | undefined): Value => {
        const [a1, a2] = a as readonly number[];
        const [b1, b2] = (b ?? []) as readonly (number | null)[];
        return [a1! + (b1 ?? 0), a2! + (b2 ?? 0)];
      };
      return {
        stateType: STRUCT_AB,
        returnType: STRUCT_AB,
        initial: () => [0, 0],
        add: (state, [value]) => sum(state, value),
        merge: sum,
        result: (state) => state,
      };
    },
  },
);

/** Columns, then a literal INT and literal strings; it starts with the number and the strings' lengths. */
function multiArgument(name: string, columns: readonly ParamType[]): SqlFunction {
  return aggregate(
    name,
    { description: OTHER.description },
    {
      parameters: [
        ...columns.map((type, i) => param(`val${i + 1}`, type)),
        param('init', P_INT),
        variadic('inits', P_STRING),
      ],
      constants: 2,
      returns: P_BIGINT,
      bind: ({ constants }) => {
        const [init, ...texts] = constants.slice(columns.length);
        const start = texts.reduce<bigint>((total, text) => total + lengthOf(text), bigintOf(init));
        return growing(start, (args) =>
          columns.reduce(
            (total, type, i) => total + (type === P_STRING ? lengthOf(args[i]) : bigintOf(args[i])),
            0n,
          ),
        );
      },
    },
  );
}

const sumAndLengths = ([first, ...texts]: readonly Value[]): bigint =>
  texts.reduce<bigint>((total, text) => total + lengthOf(text), bigintOf(first));

const VAR_ARG = aggregate(
  'VAR_ARG',
  { description: OTHER.description },
  {
    parameters: [param('val1', P_BIGINT), variadic('val2', P_STRING)],
    returns: P_BIGINT,
    bind: () => growing(0n, sumAndLengths),
  },
);

const MID_VAR_ARG = aggregate(
  'MID_VAR_ARG',
  { description: OTHER.description },
  {
    parameters: [
      param('val1', P_BIGINT),
      variadic('val2', P_STRING),
      param('init1', P_INT),
      param('init2', P_INT),
    ],
    constants: 2,
    returns: P_BIGINT,
    bind: ({ constants }) => {
      const [first, second] = constants.slice(-2);
      return growing(0n, sumAndLengths, (total) => total + bigintOf(first) + bigintOf(second));
    },
  },
);

/** The first arguments of the rows without a NULL. */
function firstOfComplete(name: string, parameters: AggregateSignature['parameters']): SqlFunction {
  return aggregate(
    name,
    { description: OTHER.description },
    {
      parameters,
      returns: (args) => arrayType(sqlTypeOf(args[0])),
      bind: ({ returnType }) => ({
        stateType: returnType,
        returnType,
        initial: () => [],
        add: (state, args) => (args.includes(null) ? state : [...(state as readonly Value[]), args[0]!]),
        merge: (a, b) => [...(a as readonly Value[]), ...(b as readonly Value[])],
        result: (state) => state,
      }),
    },
  );
}

export const TEST_FUNCTIONS: readonly SqlFunction[] = [
  TEST_UDF,
  BAD_UDF,
  guarded('WHENCONDITION', P_BOOLEAN),
  guarded('WHENRESULT', P_INT),
  TOSTRING,
  MULTIPLY,
  TOMAP,
  TOLIST,
  TOSTRUCT,
  BACKWARD_CONCAT,
  TEST_UDTF,
  THROWING_UDTF,
  TEST_UDAF,
  multiArgument('MULTI_ARG', [P_BIGINT, P_STRING]),
  multiArgument('FOUR_ARG', [P_BIGINT, P_STRING, P_STRING, P_STRING]),
  multiArgument('FIVE_ARG', [P_BIGINT, P_STRING, P_STRING, P_STRING, P_INT]),
  VAR_ARG,
  MID_VAR_ARG,
  firstOfComplete('GENERIC_VAR_ARG', [
    param('val1', generic('A')),
    param('val2', generic('B')),
    variadic('val3', generic('C')),
  ]),
  firstOfComplete('OBJ_COL_ARG', [param('val1', P_INT), variadic('val2', P_ANY)]),
];
