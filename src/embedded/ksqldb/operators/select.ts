import { compileExpression } from '../expressions/compile.js';
import { expressionText } from '../expressions/expression-text.js';
import type { SelectStep } from '../plan/step.js';
import type { Value } from '../types/value.js';
import { type Demand, demandFor } from './demand.js';
import { mapView } from './map-view.js';
import type { TopologyBuilder } from './operator-env.js';
import type { Next, TableView } from './record.js';

export function compileSelect(
  step: SelectStep,
  next: Next,
  demand: Demand,
  builder: TopologyBuilder,
): TableView | undefined {
  const scope = builder.scope(step.input, step.context);
  const evaluators = step.items.map(
    ({ name, expression }, i) =>
      compileExpression(expression, scope, {
        purpose: 'Select',
        errorMessage: `Error computing expression ${expressionText(expression)} for column ${name} with index ${i}`,
      }).evaluate,
  );
  const count = evaluators.length;
  const project = (row: readonly Value[]): readonly Value[] => {
    const result = new Array<Value>(count);
    for (let i = 0; i < count; i++) result[i] = evaluators[i]!(row);
    return result;
  };
  const isTable = step.output === 'TABLE';
  const view = builder.compile(
    step.input,
    (record) => {
      const { row, old } = record;
      next({
        key: record.key,
        window: record.window,
        row: row === null ? null : project(row),
        old: isTable && demand.old && old !== null ? project(old) : null,
        time: record.time,
        partition: record.partition,
        headers: record.headers,
      });
    },
    demandFor(
      demand,
      step.items.map((item) => item.expression),
    ),
  );
  return view && mapView(view, (found) => ({ ...found, row: project(found.row) }));
}
