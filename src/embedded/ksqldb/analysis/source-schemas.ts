import type { LogicalSchema } from '../schema/schema.js';
import { withPseudoAndKeyColumns } from '../schema/system-columns.js';
import type { AliasedSource } from './analysis.js';

/** The columns of each source as expressions may name them. */
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
