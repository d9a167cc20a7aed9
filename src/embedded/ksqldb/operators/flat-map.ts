import { compileExpression } from '../expressions/compile.js';
import { resolveTableCall } from '../expressions/typing.js';
import type { FlatMapStep } from '../plan/step.js';
import type { Value } from '../types/value.js';
import { type Demand, demandAlso } from './demand.js';
import type { TopologyBuilder } from './operator-env.js';
import type { Next } from './record.js';

export function compileFlatMap(
  step: FlatMapStep,
  next: Next,
  demand: Demand,
  builder: TopologyBuilder,
): undefined {
  const scope = builder.scope(step.input, step.context);
  const calls = step.functions.map((call) => {
    const { signature, argumentTypes, returnType, constants } = resolveTableCall(call, scope);
    const run = signature.bind({ argumentTypes, returnType, constants, config: scope.config });
    const args = call.args.map(
      (arg) => compileExpression(arg, scope, { purpose: 'Table function' }).evaluate,
    );
    const message = `Table function ${call.name} threw an exception`;
    return (row: readonly Value[]): readonly Value[] => {
      try {
        return run(...args.map((evaluate) => evaluate(row))) ?? [];
      } catch (error) {
        scope.onError(message, error);
        return [];
      }
    };
  });
  builder.compile(
    step.input,
    (record) => {
      const { row } = record;
      if (row === null) return;
      const columns = calls.map((call) => call(row));
      const length = Math.max(...columns.map((column) => column.length));
      for (let i = 0; i < length; i++) {
        next({ ...record, row: [...row, ...columns.map((column) => column[i] ?? null)] });
      }
    },
    demandAlso(demand, step.functions),
  );
  return undefined;
}
