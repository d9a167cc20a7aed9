import { compileExpression } from '../expressions/compile.js';
import { expressionText } from '../expressions/expression-text.js';
import type { FilterStep } from '../plan/step.js';
import { type Demand, demandAlso } from './demand.js';
import { mapView } from './map-view.js';
import type { TopologyBuilder } from './operator-env.js';
import type { Next, TableView } from './record.js';

export function compileFilter(
  step: FilterStep,
  next: Next,
  demand: Demand,
  builder: TopologyBuilder,
): TableView | undefined {
  const { evaluate } = compileExpression(step.condition, builder.scope(step.input, step.context), {
    purpose: 'Predicate',
    errorMessage: `Error evaluating predicate ${expressionText(step.condition)}`,
    defaultValue: false,
  });
  const below = demandAlso(demand, [step.condition]);
  if (step.output === 'STREAM') {
    return builder.compile(
      step.input,
      (record) => {
        if (record.row !== null && evaluate(record.row) === true) next(record);
      },
      below,
    );
  }
  const view = builder.compile(
    step.input,
    (record) => {
      const row = record.row !== null && evaluate(record.row) === true ? record.row : null;
      const old = record.old !== null && evaluate(record.old) === true ? record.old : null;
      // Kafka Streams uses the old row to avoid tombstones for rows that never passed (KAFKA-10077).
      if (row === null && old === null) return;
      next(row === record.row && old === record.old ? record : { ...record, row, old });
    },
    { ...below, old: true },
  );
  return view && mapView(view, ({ row, ...rest }) => (evaluate(row) === true ? { row, ...rest } : undefined));
}
