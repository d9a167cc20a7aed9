import type {
  ParamType,
  ScalarSignature,
  SqlFunction,
} from '../../src/embedded/ksqldb/functions/function.js';
import type { FunctionRegistry } from '../../src/embedded/ksqldb/functions/registry.js';
import { formatSqlType } from '../../src/embedded/ksqldb/types/format-type.js';
import {
  BIGINT,
  BOOLEAN,
  DOUBLE,
  decimalType,
  INTEGER,
  type SqlType,
  STRING,
  sameType,
} from '../../src/sql/sql-type.js';
import type { Random } from './random.js';
import { randomType, simpleTypes } from './random-types.js';

export interface TypedColumn {
  /** As it is written in SQL. */
  readonly text: string;
  readonly type: SqlType;
}

type Call = { readonly fn: SqlFunction; readonly signature: SqlFunction['signatures'][number] };

const texts = [
  "''",
  "'a'",
  "'abc,def;g=h'",
  "'12'",
  "'-3.50'",
  "'1e400'",
  "'true'",
  "'é𝄞'",
  '\'{"a":[1,{"b":null}]}\'',
  "'[1,2,3]'",
  "'$.a[0]'",
  "'(a+)+$'",
  "'[a-'",
  "'yyyy-MM-dd''T''HH:mm:ss[.SSS]'",
  "'yyyy-MM-dd'",
  "'HH:mm:ss'",
  "'2026-02-29'",
  "'2026-11-20T08:30:00.123'",
  "'23:59:59'",
  "'UTC'",
  "'Europe/Berlin'",
  "'+25:00'",
  "'http://u@h:99/p?q=%zz#f'",
  "'utf8'",
  "'hex'",
  "'base64'",
  "'0x1'",
  "'%_'",
  "'MD5'",
  "'US'",
  "'km'",
  "'DESC'",
  "'null'",
  "','",
] as const;
const integers = ['0', '1', '-1', '2', '7', '100', '2147483647', '-2147483648'] as const;
const bigints = ['9223372036854775807', '-9223372036854775808', '1700000000000', '0', '1', '-1'] as const;
const doubles = [
  "CAST('NaN' AS DOUBLE)",
  "CAST('Infinity' AS DOUBLE)",
  '1E0',
  '-0E0',
  '1.5E300',
  '5E-324',
  '0.1E0',
] as const;
const units = ['DAY', 'DAYS', 'HOURS', 'MINUTES', 'SECONDS', 'MILLISECONDS'] as const;

/** Writes random expressions whose types fit, as far as signatures tell; functions may still refuse a constant. */
export class RandomExpressions {
  readonly #random: Random;
  readonly #calls: readonly Call[];
  readonly #byBase = new Map<string, Call[]>();
  #columns: readonly TypedColumn[] = [];
  #lambdas = 0;

  constructor(random: Random, registry: FunctionRegistry) {
    this.#random = random;
    this.#calls = registry
      .all()
      .filter(({ kind }) => kind === 'scalar')
      .flatMap((fn) => fn.signatures.map((signature) => ({ fn, signature })));
    for (const call of this.#calls) {
      const { returns } = call.signature;
      const base =
        typeof returns === 'function'
          ? undefined
          : returns.kind === 'exact'
            ? returns.type.base
            : returns.kind.toUpperCase();
      if (base === undefined) continue;
      this.#byBase.set(base, [...(this.#byBase.get(base) ?? []), call]);
    }
  }

  useColumns(columns: readonly TypedColumn[]): void {
    this.#columns = columns;
  }

  /** A call of any scalar function. */
  anyCall(depth: number): string {
    return this.#call(this.#random.pick(this.#calls), depth);
  }

  any(depth: number): string {
    return this.#random.chance(0.6) ? this.anyCall(depth) : this.of(randomType(this.#random, 1), depth);
  }

  /** The arguments of a signature, constants included: those must be literals. */
  args(
    parameters: readonly { readonly type: ParamType; readonly variadic?: boolean }[],
    constants: number,
    depth: number,
  ): string[] {
    const generics = new Map<string, SqlType>();
    const plain = parameters.length - constants;
    return parameters.flatMap((parameter, i) => {
      const count = parameter.variadic === true ? this.#random.below(4) : 1;
      return Array.from({ length: count }, () => {
        const type = this.#instance(parameter.type, generics);
        return i >= plain ? this.literal(type as SqlType) : this.#argument(parameter.type, generics, depth);
      });
    });
  }

  condition(depth: number): string {
    return this.of(BOOLEAN, depth);
  }

  of(type: SqlType, depth: number): string {
    const random = this.#random;
    const columns = this.#columns.filter((column) => sameType(column.type, type));
    if (columns.length > 0 && random.chance(depth > 0 ? 0.35 : 0.7)) return random.pick(columns).text;
    if (depth <= 0) return this.literal(type);
    switch (random.below(9)) {
      case 0:
        return this.literal(type);
      case 1:
        return `CASE WHEN ${this.condition(depth - 1)} THEN ${this.of(type, depth - 1)} ELSE ${this.of(type, depth - 1)} END`;
      case 2:
        return `COALESCE(${this.of(type, depth - 1)}, ${this.of(type, depth - 1)})`;
      case 3:
        return `CAST(${this.of(this.#castable(type), depth - 1)} AS ${formatSqlType(type)})`;
      case 4: {
        const holder = this.#columns.filter((c) => c.type.base === 'ARRAY' && sameType(c.type.element, type));
        if (holder.length > 0) return `${random.pick(holder).text}[${this.of(INTEGER, depth - 1)}]`;
        const map = this.#columns.filter((c) => c.type.base === 'MAP' && sameType(c.type.value, type));
        return map.length > 0
          ? `${random.pick(map).text}[${this.of(STRING, depth - 1)}]`
          : this.literal(type);
      }
      default:
        return this.#operation(type, depth) ?? this.#callOf(type, depth);
    }
  }

  literal(type: SqlType): string {
    const random = this.#random;
    if (random.chance(0.08)) return `CAST(NULL AS ${formatSqlType(type)})`;
    switch (type.base) {
      case 'BOOLEAN':
        return random.pick(['TRUE', 'FALSE']);
      case 'INTEGER':
        return random.pick(integers);
      case 'BIGINT':
        return `CAST('${random.pick(bigints)}' AS BIGINT)`;
      case 'DOUBLE':
        return random.pick(doubles);
      case 'STRING':
        return random.pick(texts);
      case 'BYTES':
        return `TO_BYTES('${random.pick(['', 'AQ==', '////', 'AAECAwQFBgc='])}', 'base64')`;
      case 'DATE':
        return `CAST('${random.pick(['1970-01-01', '2024-02-29', '0001-01-01', '9999-12-31'])}' AS DATE)`;
      case 'TIME':
        return `CAST('${random.pick(['00:00:00', '23:59:59.999'])}' AS TIME)`;
      case 'TIMESTAMP':
        return `CAST('${random.pick(['1970-01-01T00:00:00', '2026-03-29T02:30:00.5', '0001-01-01T00:00:00', '9999-12-31T23:59:59'])}' AS TIMESTAMP)`;
      case 'DECIMAL':
        return `CAST(${random.pick(["'0'", "'1'", "'-9.99'", "'123456789012345678901234567890.12345678'", '0.001'])} AS ${formatSqlType(type)})`;
      case 'ARRAY':
        return `ARRAY[${random.some(3, () => this.literal(type.element), 1).join(', ')}]`;
      case 'MAP':
        return `MAP(${random.some(2, (i) => `${type.key.base === 'STRING' ? `'k${i}'` : this.literal(type.key)} := ${this.literal(type.value)}`, 1).join(', ')})`;
      case 'STRUCT':
        return `STRUCT(${type.fields.map((field) => `${field.name} := ${this.literal(field.type)}`).join(', ')})`;
    }
  }

  #castable(to: SqlType): SqlType {
    if (to.base === 'STRING') return randomType(this.#random, 1);
    if (['INTEGER', 'BIGINT', 'DOUBLE', 'DECIMAL'].includes(to.base)) {
      return this.#random.pick([INTEGER, BIGINT, DOUBLE, STRING, decimalType(10, 3)]);
    }
    return this.#random.chance(0.5) ? STRING : to;
  }

  #operation(type: SqlType, depth: number): string | undefined {
    const random = this.#random;
    if (random.chance(0.5)) return undefined;
    const less = depth - 1;
    if (type.base === 'BOOLEAN') {
      const operand = random.chance(0.8)
        ? random.pick([...simpleTypes, decimalType(10, 2)])
        : randomType(random, 1);
      const two = () => this.of(operand, less);
      switch (random.below(8)) {
        case 0:
          return `(${this.condition(less)} ${random.pick(['AND', 'OR'])} ${this.condition(less)})`;
        case 1:
          return `NOT ${this.condition(less)}`;
        case 2:
          return `(${two()} IS ${random.pick(['', 'NOT '])}NULL)`;
        case 3:
          return `(${two()} ${random.pick(['', 'NOT '])}IN (${two()}, ${this.literal(operand)}))`;
        case 4:
          return `(${this.of(STRING, less)} ${random.pick(['', 'NOT '])}LIKE ${this.of(STRING, less)})`;
        case 5:
          return `(${two()} BETWEEN ${two()} AND ${two()})`;
        case 6:
          return `(${two()} IS ${random.pick(['', 'NOT '])}DISTINCT FROM ${two()})`;
        default:
          return `(${two()} ${random.pick(['=', '<>', '<', '<=', '>', '>='])} ${two()})`;
      }
    }
    if (['INTEGER', 'BIGINT', 'DOUBLE', 'DECIMAL'].includes(type.base)) {
      return `(${this.of(type, less)} ${random.pick(['+', '-', '*', '/', '%'])} ${this.of(type, less)})`;
    }
    if (type.base === 'STRING')
      return `(${this.of(STRING, less)} ${random.pick(['+', '||'])} ${this.of(STRING, less)})`;
    return undefined;
  }

  #callOf(type: SqlType, depth: number): string {
    const calls = this.#byBase.get(type.base);
    if (calls === undefined) return this.literal(type);
    const call = this.#random.pick(calls);
    // Arrays and maps of another element type would not fit here.
    if (type.base === 'ARRAY' || type.base === 'MAP' || type.base === 'STRUCT' || type.base === 'DECIMAL')
      return this.literal(type);
    return this.#call(call, depth);
  }

  #call({ fn, signature }: Call, depth: number): string {
    const { parameters } = signature as ScalarSignature;
    return `${fn.name}(${this.args(parameters, 0, depth - 1).join(', ')})`;
  }

  /** The type that a parameter takes in this call; undefined for what has none. */
  #instance(type: ParamType, generics: Map<string, SqlType>): SqlType | undefined {
    const random = this.#random;
    switch (type.kind) {
      case 'exact':
        return type.type;
      case 'decimal':
        return decimalType(10 + random.below(20), random.below(10));
      case 'struct':
        return { base: 'STRUCT', fields: [{ name: 'F0', type: randomType(random, 0) }] };
      case 'any':
        return randomType(random, 1);
      case 'generic': {
        let chosen = generics.get(type.name);
        if (chosen === undefined) {
          chosen = random.chance(0.7)
            ? random.pick([INTEGER, BIGINT, STRING, DOUBLE])
            : randomType(random, 1);
          generics.set(type.name, chosen);
        }
        return chosen;
      }
      case 'array': {
        const element = this.#instance(type.element, generics);
        return element && { base: 'ARRAY', element };
      }
      case 'map': {
        const key = this.#instance(type.key, generics);
        const value = this.#instance(type.value, generics);
        return key && value && { base: 'MAP', key, value };
      }
      default:
        return undefined;
    }
  }

  #argument(type: ParamType, generics: Map<string, SqlType>, depth: number): string {
    if (type.kind === 'intervalUnit') return this.#random.pick(units);
    if (type.kind === 'lambda') {
      const params = type.params.map((param) => ({
        text: `L${this.#lambdas++}`,
        type: this.#instance(param, generics) ?? STRING,
      }));
      const outer = this.#columns;
      this.#columns = [...outer, ...params];
      const returns = this.#instance(type.returns, generics) ?? STRING;
      const body = this.of(returns, Math.max(depth, 1));
      this.#columns = outer;
      const names = params.map(({ text }) => text).join(', ');
      return `${params.length === 1 ? names : `(${names})`} => ${body}`;
    }
    return this.of(this.#instance(type, generics) ?? STRING, depth);
  }
}
