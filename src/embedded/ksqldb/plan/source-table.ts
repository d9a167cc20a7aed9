import { unqualified } from '../analysis/columns.js';
import type { DataSource } from '../catalog/data-source.js';
import { sourceNode } from './source-node.js';
import type { Step } from './step.js';

/** Plans the materialization of CREATE SOURCE TABLE, which keeps the table's columns as they are. */
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
