import type { Expression } from '../../../sql/ast.js';
import { unqualified } from '../analysis/columns.js';
import type { SideFormat } from '../catalog/data-source.js';
import { keyFormatFor } from '../catalog/key-format.js';
import { KsqlException } from '../errors.js';
import { formatNamed } from '../formats/index.js';
import { type PlannerEnv, sameSideFormat } from './planner-env.js';
import { needsRepartition, repartitionedSchema, tableRepartition } from './repartition.js';
import { type Step, sourceSteps } from './step.js';

const windowedRepartition =
  'Implicit repartitioning of windowed sources is not supported. See https://github.com/confluentinc/ksql/issues/4385.';

const windowedRegistry =
  ' As a result, ksqlDB does not support joins on windowed sources with Schema-Registry-enabled key formats (AVRO, ' +
  'JSON_SR, PROTOBUF) at this time. Please repartition your sources to use a different key format before performing the join.';

/** Repartitions one side of a join by the join expression, unless that is its key already. */
export function keyForJoin(step: Step, expression: Expression, context: string, env: PlannerEnv): Step {
  const { schema, appended } = repartitionedSchema(step.schema, [expression], env);
  if (!needsRepartition(step.schema, [expression])) return step;
  if (step.output === 'TABLE') throw tableRepartition(step.schema, [expression]);
  if (step.window !== undefined) throw new KsqlException(windowedRepartition);
  return {
    kind: 'partitionBy',
    input: step,
    expressions: [expression],
    appended,
    schema,
    output: 'STREAM',
    keyFormat: keyFormatFor(
      step.keyFormat,
      schema.key.map((column) => column.type),
      true,
    ),
    context: [context],
  };
}

/**
 * Chooses the key format of both sides: the left side's, unless the left is repartitioned and the right is not.
 *
 * Source: https://github.com/confluentinc/ksql/blob/master/design-proposals/klip-33-key-format.md
 */
export function chooseKeyFormat(left: Step, right: Step, env: PlannerEnv): SideFormat {
  const preferred = ownFormat(left) ?? ownFormat(right);
  if (preferred !== undefined) return preferred;
  const sources = [...sourceSteps(left), ...sourceSteps(right)];
  const first = sources.find((step) => step.source.keyFormat.format !== 'NONE');
  return (
    first?.source.keyFormat ?? {
      format: env.config.get('ksql.persistence.default.format.key') ?? 'KAFKA',
      properties: {},
    }
  );
}

/** The key format of a side's topic. Undefined if the side is repartitioned. */
function ownFormat(step: Step): SideFormat | undefined {
  switch (step.kind) {
    case 'source':
      return step.keyFormat;
    case 'partitionBy':
      return undefined;
    case 'streamStreamJoin':
    case 'streamTableJoin':
    case 'tableTableJoin':
    case 'foreignKeyJoin':
      return ownFormat(step.left) ?? ownFormat(step.right);
    default:
      return ownFormat(step.input);
  }
}

/** Changes the key format of a join's side, which repartitions it unless it is repartitioned already. */
export function rekeyForJoin(step: Step, format: SideFormat): Step {
  const types = step.schema.key.map((column) => column.type);
  const keyFormat = keyFormatFor(format, types, step.output === 'STREAM');
  // Keys that contain a schema id have different bytes in different topics, so both sides must be repartitioned.
  const isForced = formatNamed(keyFormat.format).supportsSchemaInference;
  if (!isForced && sameSideFormat(step.keyFormat, keyFormat)) return step;
  if (step.kind === 'partitionBy') return { ...step, keyFormat };
  if (step.kind === 'select' && step.input.kind === 'partitionBy') {
    return { ...step, input: { ...step.input, keyFormat }, keyFormat };
  }
  if (step.window !== undefined && (!isForced || step.output === 'TABLE')) {
    throw new KsqlException(windowedRepartition + (isForced ? windowedRegistry : ''));
  }
  if (step.output === 'TABLE') {
    return {
      kind: 'rekeyTable',
      input: step,
      schema: step.schema,
      output: 'TABLE',
      keyFormat,
      context: step.context,
    };
  }
  return {
    kind: 'partitionBy',
    input: step,
    expressions: step.schema.key.map((column) => unqualified(column.name)),
    appended: step.schema.key.map(() => false),
    schema: step.schema,
    output: 'STREAM',
    keyFormat,
    context: step.context,
    ...(step.window === undefined ? {} : { window: step.window }),
  };
}
