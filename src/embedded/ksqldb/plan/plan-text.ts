import type { LogicalSchema } from '../schema/schema.js';
import { quoteNever, schemaText } from '../schema/schema-text.js';
import { windowBoundColumns } from '../schema/system-columns.js';
import { inputsOf, type QueryPlan, type Step } from './step.js';

const names: Readonly<Record<Step['kind'], string>> = {
  source: 'SOURCE',
  filter: 'FILTER',
  select: 'PROJECT',
  partitionBy: 'REKEY',
  rekeyTable: 'REKEY',
  flatMap: 'FLAT_MAP',
  groupBy: 'GROUP_BY',
  aggregate: 'AGGREGATE',
  streamStreamJoin: 'JOIN',
  streamTableJoin: 'JOIN',
  tableTableJoin: 'JOIN',
  foreignKeyJoin: 'JOIN',
};

/** Formats a plan as EXPLAIN shows it: one line per step, the sink first, inputs indented below. */
export function planText(plan: QueryPlan, queryId: string): string {
  const lines: string[] = [];
  const line = (indent: number, name: string, schema: string, logger: string): void => {
    lines.push(`${'\t'.repeat(2 * indent)} > [ ${name} ] | Schema: ${schema} | Logger: ${logger}`);
  };
  let indent = 0;
  if (plan.sink !== undefined) {
    line(indent++, 'SINK', schemaText(plan.root.schema, quoteNever), `${queryId}.${plan.sink.name}`);
  }
  const walk = (step: Step, depth: number): void => {
    line(
      depth,
      names[step.kind],
      schemaText(shownSchema(step), quoteNever),
      [queryId, ...step.context].join('.'),
    );
    for (const input of inputsOf(step)) walk(input, depth + 1);
  };
  walk(plan.root, indent);
  return `${lines.join('\n')}\n`;
}

/** Formats a plan as the topology in EXPLAIN: source topics, processors, sink topic. */
export function topologyText(plan: QueryPlan): string {
  const lines = ['Topologies:', '   Sub-topology: 0'];
  let next = 0;
  const nameOf = (prefix: string): string => `${prefix}-${String(next++).padStart(10, '0')}`;
  const walk = (step: Step, to: string): void => {
    if (step.kind === 'source') {
      lines.push(
        `    Source: ${nameOf('KSTREAM-SOURCE')} (topics: [${step.source.topic}])`,
        `      --> ${to}`,
      );
      return;
    }
    const name = step.context.join('-');
    for (const input of inputsOf(step)) walk(input, name);
    lines.push(`    Processor: ${name} (stores: [])`, `      --> ${to}`);
  };
  if (plan.sink === undefined) {
    walk(plan.root, 'none');
  } else {
    const sink = 'KSTREAM-SINK';
    walk(plan.root, sink);
    lines.push(`    Sink: ${sink} (topic: ${plan.sink.topic})`);
  }
  return `${lines.join('\n')}\n\n`;
}

/** The schema that ksqlDB shows for a step. Its aggregates keep all columns of the query; ours keep the ones in use. */
function shownSchema(step: Step): LogicalSchema {
  if (step.kind !== 'aggregate') return step.schema;
  const carried = step.input.schema.value.filter(({ name }) => step.required.includes(name));
  const added = [...step.schema.value, ...(step.windowing === undefined ? [] : windowBoundColumns)];
  const value = new Map([...carried, ...added].map((column) => [column.name, column]));
  return { ...step.schema, value: [...value.values()] };
}
