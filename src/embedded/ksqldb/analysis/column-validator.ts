import type { ColumnReference, Expression } from '../../../sql/ast.js';
import { KsqlException } from '../errors.js';
import { expressionText } from '../expressions/expression-text.js';
import { columnsOf } from '../expressions/rewrite.js';
import type { LogicalSchema } from '../schema/schema.js';
import { isWindowBound } from '../schema/system-columns.js';
import { locationPrefix } from './analysis.js';
import { mayBeSyntheticKey } from './column-names.js';

/** Checks that the columns of an expression exist in the sources of a query. */
export class ColumnValidator {
  readonly #schemas: ReadonlyMap<string, LogicalSchema>;
  readonly #maySynthesise: boolean;

  constructor(schemas: ReadonlyMap<string, LogicalSchema>, maySynthesise: boolean) {
    this.#schemas = schemas;
    this.#maySynthesise = maySynthesise;
  }

  /** Returns the aliases of the sources that the expression uses. */
  check(
    expression: Expression,
    clause: string,
    problem: (column: string) => string = () => 'cannot be resolved.',
  ): ReadonlySet<string> {
    const used = new Set<string>();
    for (const column of columnsOf(expression)) {
      const owners = this.#ownersOf(column);
      if (owners.length === 0) {
        if (this.#couldBeSynthetic(column, clause)) continue;
        throw this.#unknown(column, clause, problem);
      }
      if (column.source === undefined && owners.length > 1 && isWindowBound(column.name)) {
        throw this.#unknown(column, clause, problem);
      }
      used.add(column.source ?? owners[0]!);
    }
    return used;
  }

  #ownersOf(column: ColumnReference): readonly string[] {
    const candidates = column.source === undefined ? [...this.#schemas.keys()] : [column.source];
    return candidates.filter((alias) =>
      this.#schemas.get(alias)?.value.some((candidate) => candidate.name === column.name),
    );
  }

  #couldBeSynthetic(column: ColumnReference, clause: string): boolean {
    return (
      this.#maySynthesise &&
      this.#schemas.size > 1 &&
      column.source === undefined &&
      clause === 'SELECT' &&
      mayBeSyntheticKey(column.name)
    );
  }

  #unknown(column: ColumnReference, clause: string, problem: (column: string) => string): KsqlException {
    const name = expressionText(column);
    return new KsqlException(`${locationPrefix(column.at)}${clause} column '${name}' ${problem(name)}`);
  }
}
