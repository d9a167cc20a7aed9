import type { Expression } from '../../../sql/ast.js';
import type { Analysis } from '../analysis/analysis.js';
import { joinColumnName } from '../analysis/column-names.js';
import { replaceColumns } from '../expressions/rewrite.js';

/** Removes the sources from column references. In a join, the column is then called `SOURCE_COLUMN`. */
export function rewriteAnalysis(analysis: Analysis, isJoin: boolean): Analysis {
  const rewrite = (e: Expression): Expression =>
    replaceColumns(e, (column) => {
      if (column.source === undefined) return column;
      const { source, name, ...rest } = column;
      return { ...rest, name: isJoin ? joinColumnName(source, name) : name };
    });
  const { where, groupBy, partitionBy, having } = analysis;
  return {
    ...analysis,
    select: analysis.select.map((item) => {
      if (item.kind === 'Single') return { ...item, expression: rewrite(item.expression) };
      return item.kind === 'StructAll' ? { ...item, base: rewrite(item.base) } : item;
    }),
    ...(where === undefined ? {} : { where: rewrite(where) }),
    ...(groupBy === undefined ? {} : { groupBy: groupBy.map(rewrite) }),
    ...(partitionBy === undefined ? {} : { partitionBy: partitionBy.map(rewrite) }),
    ...(having === undefined ? {} : { having: rewrite(having) }),
    tableFunctions: analysis.tableFunctions.map((call) => ({ ...call, args: call.args.map(rewrite) })),
  };
}
