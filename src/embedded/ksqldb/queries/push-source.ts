/** Push queries, and pull queries on streams. The latter are push queries that end at the current end of the topic. */
import type { Engine, TransientPlan, TransientQuery, TransientRow } from '../engine/engine.js';
import type { Ending, RowOutput, RowSource } from '../engine/row-source.js';
import { columnText } from '../schema/schema-text.js';
import { WINDOWEND, WINDOWSTART } from '../schema/system-columns.js';
import type { Value } from '../types/value.js';

export function pushSource(
  engine: Engine,
  plan: TransientPlan,
  kind: 'PULL_STREAM' | 'PUSH',
  limit: number | undefined,
  queryId = plan.id,
): RowSource {
  return {
    queryId,
    kind,
    columns: plan.columns,
    schemaText: plan.columns.map((column) => columnText(column)).join(', '),
    run: (output) => runPush(engine, plan, kind, limit, output),
  };
}

function runPush(
  engine: Engine,
  plan: TransientPlan,
  kind: 'PULL_STREAM' | 'PUSH',
  limit: number | undefined,
  output: RowOutput,
): Promise<Ending> {
  let left = limit ?? Number.POSITIVE_INFINITY;
  if (left <= 0) return Promise.resolve('Limit Reached');
  return new Promise((resolve, reject) => {
    let query: TransientQuery | undefined;
    let isOver = false;
    let isPaused = false;
    const finish = (settle: () => void): void => {
      if (isOver) return;
      isOver = true;
      query?.stop();
      settle();
    };
    const pause = (): void => {
      if (isPaused || query === undefined) return;
      isPaused = true;
      query.pause();
      void output.drained().then(() => {
        isPaused = false;
        if (!isOver) query?.resume();
      });
    };
    query = engine.startTransient(
      plan,
      {
        row: (row) => {
          if (isOver) return;
          const mayGoOn = output.row(row.tombstone ? withBounds(plan, row) : row.values, row.tombstone);
          if (--left <= 0) finish(() => resolve('Limit Reached'));
          else if (!mayGoOn) pause();
        },
        error: (error) => finish(() => reject(error)),
        end: () => finish(() => resolve('Query Completed')),
      },
      kind === 'PULL_STREAM' ? { untilEnd: true, from: 'earliest' } : {},
    );
    // Rows or the end may have arrived before this variable was set.
    if (isOver) query.stop();
    else output.onClose(() => finish(() => resolve('Query Completed')));
  });
}

/** The window bounds belong to the key, so tombstones have them. */
function withBounds(plan: TransientPlan, { values, window }: TransientRow): readonly Value[] {
  if (window === undefined) return values;
  return plan.columns.map(({ name }, i) => {
    if (name === WINDOWSTART) return BigInt(window.start);
    return name === WINDOWEND ? BigInt(window.end) : (values[i] ?? null);
  });
}
