import { partitionFor } from '../../kafka/records/murmur2.js';
import { compileExpression } from '../expressions/compile.js';
import { expressionText } from '../expressions/expression-text.js';
import { columnsOf } from '../expressions/rewrite.js';
import { formatNamed } from '../formats/index.js';
import type { PartitionByStep, RekeyTableStep, Step } from '../plan/step.js';
import { sourceSteps } from '../plan/step.js';
import type { Column } from '../schema/schema.js';
import { valuesKey } from '../types/compare.js';
import type { Value } from '../types/value.js';
import { type Demand, demandAlso } from './demand.js';
import type { TopologyBuilder } from './operator-env.js';
import { moveTo, type Next, type TableView } from './record.js';

/** Returns the partition that a key would be written to, so that equal keys end up in the same partition. */
export type Partitioner = (key: readonly Value[] | null, from: number) => number;

/** Returns the partitioner for a step's keys, over the largest partition count of its sources. */
export function partitionerOf(step: Step, columns: readonly Column[], builder: TopologyBuilder): Partitioner {
  const { env } = builder;
  const sources = sourceSteps(step);
  const count = Math.max(...sources.map(({ source }) => env.partitionsOf(source.topic)));
  if (count === 1) return () => 0;
  if (formatNamed(step.keyFormat.format).supportsSchemaInference) {
    // The bytes of such keys contain a schema id, so equal keys may differ. Joins therefore repartition both sides.
    return (key, from) => (key === null ? from : partitionFor(Buffer.from(valuesKey(key), 'utf8'), count));
  }
  const serde = env.keySerde(step.keyFormat, columns, '');
  return (key, from) => {
    const bytes = serde.serialize(key);
    return bytes === null ? from : partitionFor(bytes, count);
  };
}

/** Compiles PARTITION BY, which gives a stream a new key. */
export function compilePartitionBy(
  step: PartitionByStep,
  next: Next,
  demand: Demand,
  builder: TopologyBuilder,
): undefined {
  const { input, expressions, appended } = step;
  if (expressions.length === 0) {
    builder.compile(input, (record) => next(moveTo(record, null, null, record.partition)), demand);
    return undefined;
  }
  const keyNames = new Set(input.schema.key.map((column) => column.name));
  const scope = builder.scope(input, step.context);
  const parts = expressions.map((expression) => {
    const { evaluate } = compileExpression(expression, scope, {
      purpose: 'SelectKey',
      errorMessage: `Error computing new key from expression ${expressionText(expression)}`,
    });
    const readsKeyOnly = columnsOf(expression).every((column) => keyNames.has(column.name));
    return { evaluate, readsKeyOnly };
  });
  const keySlots = input.schema.key.map(({ name }) =>
    input.schema.value.findIndex((column) => column.name === name),
  );
  const partition = partitionerOf(step, step.schema.key, builder);
  const appends = appended.some(Boolean);
  builder.compile(
    input,
    (record) => {
      const { row } = record;
      let source = row;
      if (source === null) {
        // A record without a value still has a key, which is enough for expressions over key columns.
        const filled = new Array<Value>(input.schema.value.length).fill(null);
        keySlots.forEach((slot, i) => {
          if (slot >= 0) filled[slot] = record.key?.[i] ?? null;
        });
        source = filled;
      }
      const values = new Array<Value>(parts.length);
      for (let i = 0; i < parts.length; i++) {
        const { evaluate, readsKeyOnly } = parts[i]!;
        values[i] = row === null && !readsKeyOnly ? null : evaluate(source);
      }
      const key = values.length === 1 && values[0] === null ? null : values;
      next({
        key,
        window: record.window,
        row: row === null || !appends ? row : [...row, ...values.filter((_, i) => appended[i])],
        old: record.old,
        time: record.time,
        partition: partition(key, record.partition),
        headers: record.headers,
      });
    },
    demandAlso(demand, expressions),
  );
  return undefined;
}

/** Compiles the change of a table's key format, which may move rows to other partitions. */
export function compileRekeyTable(
  step: RekeyTableStep,
  next: Next,
  demand: Demand,
  builder: TopologyBuilder,
): TableView | undefined {
  const partition = partitionerOf(step, step.schema.key, builder);
  const view = builder.compile(
    step.input,
    (record) => next(moveTo(record, record.key, record.window, partition(record.key, record.partition))),
    demand,
  );
  if (view === undefined) return undefined;
  const count = Math.max(...sourceSteps(step).map(({ source }) => builder.env.partitionsOf(source.topic)));
  const partitions = Array.from({ length: count }, (_, i) => i);
  // The rows stay in the partition they were read from, so lookups search all partitions.
  return {
    get: (_, key, window) => {
      for (const p of partitions) {
        const found = view.get(p, key, window);
        if (found !== undefined) return found;
      }
      return undefined;
    },
    rows: (p) => view.rows(p),
    rowsOf: (_, key) => partitions.flatMap((p) => [...view.rowsOf(p, key)]),
  };
}
