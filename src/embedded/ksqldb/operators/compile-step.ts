import type { Step } from '../plan/step.js';
import { compileAggregate } from './aggregate.js';
import type { Demand } from './demand.js';
import { compileFilter } from './filter.js';
import { compileFlatMap } from './flat-map.js';
import { compileForeignKeyJoin } from './foreign-key-join.js';
import type { TopologyBuilder } from './operator-env.js';
import { compilePartitionBy, compileRekeyTable } from './partition-by.js';
import type { Next, TableView } from './record.js';
import { compileSelect } from './select.js';
import { compileSource } from './source.js';
import { compileStreamStreamJoin } from './stream-stream-join.js';
import { compileStreamTableJoin } from './stream-table-join.js';
import { compileTableTableJoin } from './table-table-join.js';

/**
 * Compiles a step and its inputs into functions that push records to `next`. Returns the view of a table.
 *
 * @throws KsqlException if an expression does not compile in ksqlDB
 */
export function compileStep(
  step: Step,
  next: Next,
  demand: Demand,
  builder: TopologyBuilder,
): TableView | undefined {
  switch (step.kind) {
    case 'source':
      return compileSource(step, next, demand, builder);
    case 'filter':
      return compileFilter(step, next, demand, builder);
    case 'select':
      return compileSelect(step, next, demand, builder);
    case 'flatMap':
      return compileFlatMap(step, next, demand, builder);
    case 'partitionBy':
      return compilePartitionBy(step, next, demand, builder);
    case 'rekeyTable':
      return compileRekeyTable(step, next, demand, builder);
    case 'groupBy':
      throw new Error('A GROUP BY step is only valid as the input of an aggregation');
    case 'aggregate':
      return compileAggregate(step, next, demand, builder);
    case 'streamStreamJoin':
      return compileStreamStreamJoin(step, next, builder);
    case 'streamTableJoin':
      return compileStreamTableJoin(step, next, builder);
    case 'tableTableJoin':
      return compileTableTableJoin(step, next, demand, builder);
    case 'foreignKeyJoin':
      return compileForeignKeyJoin(step, next, builder);
  }
}
