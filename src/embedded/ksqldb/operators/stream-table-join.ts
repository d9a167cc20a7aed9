import type { StreamTableJoinStep } from '../plan/step.js';
import { rowJoiner } from './joined-row.js';
import type { TopologyBuilder } from './operator-env.js';
import type { Next } from './record.js';

/** Compiles a join that looks up the table's current row for each record of the stream. */
export function compileStreamTableJoin(
  step: StreamTableJoinStep,
  next: Next,
  builder: TopologyBuilder,
): undefined {
  const join = rowJoiner(step.left.schema.value.length, step.right.schema.value.length, step.appendsKey);
  const isLeft = step.type === 'LEFT';
  const table = builder.compile(step.right, () => {}, { old: false, view: true })!;
  builder.compile(
    step.left,
    (record) => {
      const { key, row } = record;
      if (row === null) return;
      if (key === null) {
        // A LEFT join preserves left records without a key (KIP-962).
        if (isLeft) next({ ...record, row: join(null, row, null) });
        return;
      }
      const found = table.get(record.partition, key, record.window);
      if (found === undefined && !isLeft) return;
      next({ ...record, row: join(key, row, found?.row ?? null) });
    },
    { old: false, view: false },
  );
  return undefined;
}
