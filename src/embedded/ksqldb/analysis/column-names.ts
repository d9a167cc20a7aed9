import type { Expression } from '../../../sql/ast.js';
import type { LogicalSchema } from '../schema/schema.js';

const generatedPrefix = 'KSQL_COL';
const aggregatePrefix = 'KSQL_AGG_VARIABLE_';
const syntheticKey = 'ROWKEY';

/** Splits `NAME_12` into `NAME` and 12. */
function splitNumber(name: string): { readonly base: string; readonly number: number | undefined } {
  let at = name.length;
  while (at > 0 && name[at - 1]! >= '0' && name[at - 1]! <= '9') at--;
  if (at === name.length || at === 0 || name[at - 1] !== '_') return { base: name, number: undefined };
  return { base: name.slice(0, at - 1), number: Number(name.slice(at)) };
}

class Generator {
  readonly #prefix: string;
  readonly #used: Set<number>;
  #next = 0;

  constructor(prefix: string, used: Set<number>) {
    this.#prefix = prefix;
    this.#used = used;
  }

  next(): string {
    while (this.#used.has(this.#next)) this.#next++;
    const index = this.#next++;
    return index === 0 && this.#prefix !== generatedPrefix ? this.#prefix : `${this.#prefix}_${index}`;
  }
}

/** Generates unused aliases for columns without one: the name of the struct field, or KSQL_COL_n. */
export class ColumnAliases {
  readonly #generators = new Map<string, Generator>();

  constructor(schemas: Iterable<LogicalSchema>) {
    const used = new Map<string, Set<number>>();
    for (const schema of schemas) {
      for (const { name } of [...schema.key, ...schema.value, ...schema.headers]) {
        const { base, number } = splitNumber(name);
        const numbers = used.get(base);
        if (numbers === undefined) used.set(base, new Set([number ?? 0]));
        else numbers.add(number ?? 0);
      }
    }
    for (const [base, numbers] of used) this.#generators.set(base, new Generator(base, numbers));
  }

  for(expression: Expression): string {
    if (expression.kind !== 'Dereference') return this.#generator(generatedPrefix).next();
    return this.#generator(splitNumber(expression.field).base).next();
  }

  /** The name of a join's key if it is not one of the sources' columns. */
  syntheticJoinKey(): string {
    return this.#generator(syntheticKey).next();
  }

  #generator(prefix: string): Generator {
    let generator = this.#generators.get(prefix);
    if (generator === undefined) {
      generator = new Generator(prefix, new Set());
      this.#generators.set(prefix, generator);
    }
    return generator;
  }
}

export const joinColumnName = (source: string, column: string): string => `${source}_${column}`;
export const aggregateColumnName = (index: number): string => `${aggregatePrefix}${index}`;
export const isAggregateColumn = (name: string): boolean => name.startsWith(aggregatePrefix);
export const tableFunctionColumnName = (index: number): string => `KSQL_SYNTH_${index}`;
export const mayBeSyntheticKey = (name: string): boolean => name.startsWith(syntheticKey);
