import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { arrayType, decimalType, mapType, type SqlType, STRING, structType } from '../../../sql/sql-type.js';
import { KsqlException } from '../errors.js';
import { Decimal } from '../types/decimal.js';
import { EvaluationError } from '../types/evaluation-error.js';
import type { Value } from '../types/value.js';
import { builtinFunctions, createRegistry } from './builtin.js';
import { call } from './call.test-util.js';
import type { ArgumentType, ArgumentValue, CallSite, Parameter, ParamType, SqlFunction } from './function.js';
import { returnTypeOf } from './registry.js';

const RECORDED = new URL('../../../../../shared/ksqldb-rest/recorded.json', import.meta.url);

interface Exchange {
  readonly name: string;
  readonly response: { readonly json: readonly Recorded[] };
}

interface Recorded {
  readonly name: string;
  readonly author: string;
  readonly version: string;
  readonly functions: readonly {
    readonly name: string;
    readonly type: string;
    readonly category: string;
    readonly arguments: readonly { readonly name: string }[];
  }[];
}

function recorded(name: string): Recorded {
  const exchanges = JSON.parse(readFileSync(RECORDED, 'utf8')) as readonly Exchange[];
  return exchanges.find((exchange) => exchange.name === name)!.response.json[0]!;
}

/** A type and a sample value for each kind of parameter. */
function sample(type: ParamType): { type: ArgumentType; value: ArgumentValue } {
  switch (type.kind) {
    case 'exact':
      return { type: type.type, value: sampleValue(type.type) };
    case 'decimal':
      return { type: decimalType(6, 2), value: new Decimal(12345n, 2) };
    case 'struct':
      return { type: structType([{ name: 'A', type: STRING }]), value: ['a'] };
    case 'generic':
    case 'any':
      return { type: STRING, value: 'a' };
    case 'array': {
      const element = sample(type.element);
      return { type: arrayType(element.type as SqlType), value: [element.value as Value, null] };
    }
    case 'map': {
      const key = sample(type.key);
      const value = sample(type.value);
      return {
        type: mapType(key.type as SqlType, value.type as SqlType),
        value: new Map([[key.value as Value, value.value as Value]]),
      };
    }
    case 'lambda': {
      const params = type.params.map((param) => sample(param).type as SqlType);
      const returns = sample(type.returns);
      return {
        type: { base: 'LAMBDA', params, returns: returns.type as SqlType },
        value: () => returns.value as Value,
      };
    }
    case 'intervalUnit':
      return { type: { base: 'INTERVALUNIT' }, value: 'DAY' };
  }
}

function sampleValue(type: SqlType): Value {
  switch (type.base) {
    case 'STRING':
      return '2';
    case 'BIGINT':
      return 3n;
    case 'BOOLEAN':
      return true;
    case 'BYTES':
      return Buffer.from([1, 2, 3, 4]);
    case 'ARRAY':
      return [sampleValue(type.element)];
    case 'STRUCT':
      return type.fields.map((field) => sampleValue(field.type));
    default:
      return 1;
  }
}

interface BoundSample {
  readonly site: CallSite;
  readonly values: readonly ArgumentValue[];
}

function boundSample(
  parameters: readonly Parameter[],
  returns: Parameters<typeof returnTypeOf>[0],
): BoundSample {
  const samples = parameters.map((parameter) => sample(parameter.type));
  const argumentTypes = samples.map(({ type }) => type);
  const values = samples.map(({ value }) => value);
  const constants = values.map((value) => (typeof value === 'function' ? undefined : value));
  return {
    site: {
      argumentTypes,
      constants,
      config: new Map(),
      returnType: returnTypeOf(returns, argumentTypes, constants),
    },
    values,
  };
}

/** Returns the arguments with each one replaced by NULL in turn, and with all of them NULL. */
function withNulls(
  values: readonly ArgumentValue[],
  count = values.length,
): readonly (readonly ArgumentValue[])[] {
  const single = Array.from({ length: count }, (_, at) =>
    values.map((value, i) => (i === at ? null : value)),
  );
  return [values, ...single, values.map((value, i) => (i < count ? null : value))];
}

/** Expects a value, NULL or a meaningful error, but never a crash of the implementation. */
function answers(run: () => unknown): void {
  try {
    expect(run()).not.toBeUndefined();
  } catch (error) {
    if (!(error instanceof KsqlException || error instanceof EvaluationError)) throw error;
  }
}

const NAMED = builtinFunctions().map((fn): readonly [string, SqlFunction] => [fn.name, fn]);

describe('the built-in functions', () => {
  it.skipIf(!existsSync(RECORDED))('are those that a ksqlDB 7.9 server lists (needs ../shared)', () => {
    const listed = recorded('list functions').functions;
    const line = (name: string, type: string, category: string) => `${name} ${type} ${category}`;
    const expected = listed.map((fn) => line(fn.name, fn.type, fn.category)).sort();
    const own = builtinFunctions().map((fn) => line(fn.name, fn.kind.toUpperCase(), fn.category));
    expect(own.sort()).toStrictEqual(expected);
  });

  it.skipIf(!existsSync(RECORDED))('have the signatures that a server describes (needs ../shared)', () => {
    for (const name of ['describe function', 'describe function scalar']) {
      const description = recorded(name);
      const fn = createRegistry().get(description.name)!;
      const names = (parameters: readonly { name: string }[]) =>
        parameters.map((parameter) => parameter.name);
      expect(fn.signatures.map(({ parameters }) => names(parameters))).toStrictEqual(
        description.functions.map((overload) => names(overload.arguments)),
      );
      expect([fn.author, fn.version]).toStrictEqual([description.author, description.version]);
    }
  });

  it.each(NAMED)('%s is documented', (name, fn) => {
    expect(name).toBe(name.toUpperCase());
    expect(fn.description).not.toBe('');
    for (const { parameters } of fn.signatures) {
      expect(parameters.filter((parameter) => parameter.variadic).length).toBeLessThan(2);
      for (const parameter of parameters) expect(parameter.name).not.toBe('');
    }
  });

  it.each(NAMED)('%s accepts NULL for any argument', (_name, fn) => {
    if (fn.kind === 'aggregate') {
      for (const signature of fn.signatures) {
        const { site, values } = boundSample(signature.parameters, signature);
        const bound = signature.bind(site);
        const columns = values.length - (signature.constants ?? 0);
        for (const args of withNulls(values, columns)) {
          const row = args.slice(0, columns) as readonly Value[];
          answers(() => bound.result(bound.add(bound.add(bound.initial(), row), row)));
          answers(() => bound.undo?.(bound.add(bound.initial(), row), row) ?? null);
          answers(() => bound.result(bound.merge(bound.add(bound.initial(), row), bound.initial())));
        }
      }
      return;
    }
    for (const signature of fn.signatures) {
      const { site, values } = boundSample(signature.parameters, signature);
      const bound = signature.bind(site) as (...args: readonly ArgumentValue[]) => unknown;
      for (const args of withNulls(values)) answers(() => bound(...args));
    }
  });
});

describe('a user-defined function', () => {
  const twice: SqlFunction = {
    kind: 'scalar',
    name: 'TWICE',
    description: 'A string, twice.',
    author: 'me',
    category: 'STRING',
    signatures: [
      {
        parameters: [{ name: 'text', type: { kind: 'exact', type: STRING } }],
        returns: { kind: 'exact', type: STRING },
        bind: () => (text) => (text === null ? null : `${text}${text}`),
      },
    ],
  };

  it('is found alongside the built-in ones', () => {
    const registry = createRegistry([twice]);
    expect(registry.get('twice')).toBe(twice);
    expect(registry.all().length).toBe(builtinFunctions().length + 1);
  });

  it('must have a unique name', () => {
    expect(() => createRegistry([twice, twice])).toThrow('already registered');
    expect(() => createRegistry([{ ...twice, name: 'LEN' }])).toThrow('already registered');
  });
});

describe('the encoding of the last five payments', () => {
  it('can be decoded from its text', () => {
    const mark = call('CHR', 30) as string;
    const separator = call('CHR', 31) as string;
    const absent = call('COALESCE', null, mark) as string;
    const text = call('CONCAT', '2024-01-01', separator, '42', separator, absent);
    const parts = call('SPLIT', text as string, separator) as readonly Value[];
    expect(parts).toStrictEqual(['2024-01-01', '42', mark]);
    expect(call('NULLIF', parts[2]!, mark)).toBe(null);
  });

  it('masks the middle of a card number, and all of a short number', () => {
    const card = '4111111111111111';
    const stars = call('LPAD', '', (call('LEN', card) as number) - 10, '*');
    const head = call('SUBSTRING', card, 1, 6);
    expect(call('CONCAT', head, stars, call('SUBSTRING', card, -4))).toBe('411111******1111');
    expect(call('LPAD', '', -7, '*')).toBe(null);
  });
});
