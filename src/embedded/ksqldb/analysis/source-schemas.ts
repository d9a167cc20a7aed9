import type { LogicalSchema } from '../schema/schema.js';
import { withPseudoAndKeyColumns } from '../schema/system-columns.js';
import type { AliasedSource } from './analysis.js';

/** The columns that expressions can name, by the alias of their source. */
export function sourceSchemas(
  sources: readonly AliasedSource[],
  withWindowBounds: boolean,
): ReadonlyMap<string, LogicalSchema> {
  return new Map(
    sources.map(({ alias, source }) => [
      alias,
      withPseudoAndKeyColumns(source.schema, withWindowBounds || source.window !== undefined),
    ]),
  );
}
