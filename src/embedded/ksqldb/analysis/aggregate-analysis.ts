import type { ColumnReference, Expression, FunctionCall } from '../../../sql/ast.js';
import { KsqlException } from '../errors.js';
import { expressionText } from '../expressions/expression-text.js';
import { childrenOf, columnsOf } from '../expressions/rewrite.js';
import type { FunctionRegistry } from '../functions/registry.js';
import { isWindowBound, windowBoundColumns } from '../schema/system-columns.js';
import { unqualified } from './columns.js';

/** The input columns and functions of an aggregation, in the order in which the query names them. */
export interface AggregateAnalysis {
  /** Columns of the input that SELECT, WHERE, GROUP BY and HAVING name. */
  readonly required: readonly ColumnReference[];
  /** COUNT(*) has the default column as its argument. */
  readonly functions: readonly FunctionCall[];
  /** All arguments of the functions. */
  readonly args: readonly Expression[];
}

export interface AggregateClauses {
  readonly select: readonly Expression[];
  readonly where?: Expression;
  readonly groupBy: readonly Expression[];
  readonly having?: Expression;
  readonly isWindowed: boolean;
  /** What COUNT(*) counts. */
  readonly defaultColumn: ColumnReference;
}

/** Collects and checks the parts of an aggregation, as ksqlDB's AggregateAnalyzer does. */
export function analyseAggregate(clauses: AggregateClauses, registry: FunctionRegistry): AggregateAnalysis {
  return new AggregateAnalyser(clauses, registry).run();
}

type Collector = (aggregate: string | undefined, column: ColumnReference) => void;

class AggregateAnalyser {
  readonly #clauses: AggregateClauses;
  readonly #registry: FunctionRegistry;
  readonly #grouped: ReadonlySet<string>;
  readonly #required = new Map<string, ColumnReference>();
  readonly #functions: FunctionCall[] = [];
  readonly #args: Expression[] = [];
  readonly #badSelects: string[] = [];
  readonly #badHavings: string[] = [];

  constructor(clauses: AggregateClauses, registry: FunctionRegistry) {
    this.#clauses = clauses;
    this.#registry = registry;
    const bounds = clauses.isWindowed ? windowBoundColumns.map(({ name }) => unqualified(name)) : [];
    this.#grouped = new Set([...clauses.groupBy, ...bounds].map(expressionText));
  }

  run(): AggregateAnalysis {
    const { select, where, groupBy, having } = this.#clauses;
    for (const e of select) this.#select(e);
    if (where !== undefined) this.#visit(where, (_, column) => this.#rejectBound(column));
    for (const e of groupBy) this.#groupBy(e);
    if (having !== undefined) this.#having(having);
    this.#enforce();
    return { required: [...this.#required.values()], functions: this.#functions, args: this.#args };
  }

  #select(e: Expression): void {
    const outside = new Set<string>();
    this.#visit(e, (aggregate, column) => {
      if (aggregate !== undefined) this.#rejectBound(column);
      else outside.add(expressionText(column));
    });
    if (this.#grouped.has(expressionText(e))) return;
    if ([...outside].every((column) => this.#grouped.has(column))) return;
    this.#badSelects.push(expressionText(e));
  }

  #groupBy(e: Expression): void {
    this.#visit(e, (aggregate, column) => {
      if (aggregate !== undefined) {
        throw new KsqlException(
          `GROUP BY does not support aggregate functions: ${aggregate} is an aggregate function.`,
        );
      }
      this.#rejectBound(column);
    });
  }

  #having(e: Expression): void {
    this.#visit(e, (aggregate, column) => {
      this.#rejectBound(column);
      if (aggregate === undefined && !this.#grouped.has(expressionText(column))) {
        this.#badHavings.push(expressionText(column));
      }
    });
  }

  #visit(root: Expression, collect: Collector): void {
    const lambdaFree = new Set(columnsOf(root));
    let inAggregate = false;
    const visit = (e: Expression, aggregate: string | undefined, isInGrouped: boolean): void => {
      const grouped = isInGrouped || this.#grouped.has(expressionText(e));
      if (e.kind === 'Column') {
        if (!lambdaFree.has(e)) return;
        if (!grouped || inAggregate || isWindowBound(e.name)) collect(aggregate, e);
        if (!isWindowBound(e.name) && !this.#required.has(e.name)) this.#required.set(e.name, e);
        return;
      }
      if (e.kind !== 'Call') {
        for (const child of childrenOf(e)) visit(child, aggregate, grouped);
        return;
      }
      const fn = this.#registry.get(e.name);
      if (fn === undefined) throw new KsqlException(`Can't find any functions with the name '${e.name}'`);
      if (fn.kind !== 'aggregate') {
        for (const child of e.args) visit(child, aggregate, grouped);
        return;
      }
      if (aggregate !== undefined) {
        throw new KsqlException(`Aggregate functions can not be nested: ${aggregate}(${e.name}())`);
      }
      inAggregate = true;
      const isDefault = e.args.length === 0;
      const call: FunctionCall = isDefault
        ? { kind: 'Call', name: e.name, args: [this.#clauses.defaultColumn] }
        : e;
      this.#functions.push(call);
      this.#args.push(...call.args);
      if (isDefault) lambdaFree.add(this.#clauses.defaultColumn);
      for (const child of call.args) visit(child, e.name, grouped);
    };
    visit(root, undefined, false);
  }

  #rejectBound(column: ColumnReference): void {
    if (!this.#clauses.isWindowed || !isWindowBound(column.name)) return;
    throw new KsqlException(
      `Window bounds column ${expressionText(column)} can only be used in the SELECT clause of windowed aggregations ` +
        'and can not be passed to aggregate functions.\nSee https://github.com/confluentinc/ksql/issues/4397',
    );
  }

  #enforce(): void {
    if (this.#functions.length === 0) {
      throw new KsqlException('GROUP BY requires aggregate functions in either the SELECT or HAVING clause.');
    }
    if (this.#badSelects.length > 0) {
      throw new KsqlException(
        `Non-aggregate SELECT expression(s) not part of GROUP BY: ${this.#badSelects.join(', ')}\n` +
          'Either add the column(s) to the GROUP BY or remove them from the SELECT.',
      );
    }
    if (this.#badHavings.length > 0) {
      throw new KsqlException(
        `Non-aggregate HAVING expression not part of GROUP BY: ${this.#badHavings.join(', ')}\n` +
          'Consider switching the HAVING clause to a WHERE clause before the GROUP BY.',
      );
    }
  }
}
