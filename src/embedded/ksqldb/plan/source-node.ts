import type { Expression } from '../../../sql/ast.js';
import type { AliasedSource } from '../analysis/analysis.js';
import { joinGrammatically, unqualified } from '../analysis/columns.js';
import type { SideFormat } from '../catalog/data-source.js';
import { KsqlException } from '../errors.js';
import { expressionText } from '../expressions/expression-text.js';
import type { LogicalSchema } from '../schema/schema.js';
import { isPseudoColumn, isWindowBound, withPseudoAndKeyColumns } from '../schema/system-columns.js';
import type { PlanNode } from './planner-env.js';

/** Plans one source of a query. */
export function sourceNode(aliased: AliasedSource, context: string): PlanNode {
  const { alias, source } = aliased;
  const schema = withPseudoAndKeyColumns(source.schema, source.window !== undefined);
  const keyFormat: SideFormat = source.keyFormat;
  return {
    step: {
      kind: 'source',
      source,
      alias,
      context: [context, 'Source'],
      schema,
      output: source.kind,
      keyFormat,
      ...(source.window === undefined ? {} : { window: source.window }),
    },
    selectStar: () => starColumns(schema),
    resolveSelect: (_, expression) => expression,
    checkKey: (sink, projection) => {
      const isMissing = schema.key.some(
        ({ name }) =>
          !projection.contains({ kind: 'Column', source: alias, name }) &&
          !projection.contains(unqualified(name)),
      );
      if (isMissing) {
        throw keysMissing(
          sink,
          'key column',
          schema.key.map(({ name }) => unqualified(name)),
        );
      }
    },
  };
}

/** The columns of `*`: the key, the bounds of the window, then the other columns except pseudo columns. */
export function starColumns(schema: LogicalSchema): readonly string[] {
  const names = schema.value.map((column) => column.name);
  const keys = schema.key.map((column) => column.name);
  const isKey = new Set(keys);
  return [
    ...keys.filter((name) => names.includes(name)),
    ...names.filter(isWindowBound),
    ...names.filter((name) => !isWindowBound(name) && !isPseudoColumn(name) && !isKey.has(name)),
  ];
}

/** The error for a projection that lacks the key. With `isAny`, one of the expressions is enough, as in joins. */
export function keysMissing(
  sink: string,
  type: string,
  keys: readonly Expression[],
  isAny = false,
  isSynthetic = false,
): KsqlException {
  const texts = keys.map(expressionText);
  const plural = !isAny && keys.length > 1 ? 's' : '';
  const types = keys.length === 1 ? type : `${type}s`;
  const link = isSynthetic ? 'See https://cnfl.io/2LV7ouS.' : '';
  const addition = isSynthetic
    ? `\n${texts[0]} was added as a synthetic key column because the join criteria did not match any source column. ` +
      'This expression must be included in the projection and may be aliased. '
    : '';
  return new KsqlException(
    `Key${plural} missing from projection (ie, SELECT). ${link}\n` +
      `The query used to build \`${sink}\` must include the ${types} ${joinGrammatically(texts, isAny ? 'or' : 'and')} ` +
      `in its projection (eg, SELECT ${isAny ? texts[0] : texts.join(', ')}...).${addition}`,
  );
}
