import { unqualified } from '../analysis/columns.js';
import type { DataSource } from '../catalog/data-source.js';
import { sourceNode } from './source-node.js';
import type { Step } from './step.js';

/** The plan of CREATE SOURCE TABLE: the table's own columns. */
export function sourceTableRoot(source: DataSource): Step {
  const { step } = sourceNode({ alias: source.name, source }, 'KsqlTopic');
  const { schema } = source;
  const value = [...schema.value, ...schema.headers.map(({ name, type }) => ({ name, type }))];
  return {
    kind: 'select',
    input: step,
    items: value.map(({ name }) => ({ name, expression: unqualified(name) })),
    schema: { key: schema.key, value, headers: [] },
    output: 'TABLE',
    keyFormat: step.keyFormat,
    context: ['Project'],
    ...(step.window === undefined ? {} : { window: step.window }),
  };
}
