import type { CreateAsSelect, InsertInto } from '../../../sql/ast.js';
import { type SqlType, sameType } from '../../../sql/sql-type.js';
import { analyseQuery } from '../analysis/analyze.js';
import { keySide, valueSide } from '../analysis/side-formats.js';
import { timestampOf } from '../analysis/source-definition.js';
import type { SourceProperties } from '../analysis/with-properties.js';
import type { DataSource, SideFormat } from '../catalog/data-source.js';
import { KsqlException, KsqlStatementException } from '../errors.js';
import { literalValue } from '../expressions/literal.js';
import type { FormatProperties } from '../formats/format.js';
import { inheritedProperties } from '../formats/format-properties.js';
import { formatNamed, keyWrapping } from '../formats/index.js';
import {
  checkInferredColumns,
  type InferredSchema,
  inferColumns,
} from '../formats/registry/schema-inference.js';
import type { LogicalSchema } from '../schema/schema.js';
import { schemaText } from '../schema/schema-text.js';
import type { Change, Command, CommandId, PlannedQuery, SchemaRegistration } from './command.js';
import type { PlannerContext } from './planner-context.js';
import { planSelect } from './query-planner.js';
import { noInference } from './schema-inference.js';
import { type NamedSchemas, registrationsOf } from './schema-registration.js';
import type { SinkPlan, Step } from './step.js';
import type { SinkTopic } from './topic-properties.js';
import { checkQueryUpgrade, checkSourceUpgrade } from './upgrade.js';

export interface PersistentQueryRequest {
  readonly statement: CreateAsSelect | InsertInto;
  readonly statementText: string;
  /** The WITH clause. Only for CREATE ... AS SELECT. */
  readonly properties?: SourceProperties;
  readonly topic?: SinkTopic;
  /** The existing source with the name of the sink. */
  readonly existing: DataSource | undefined;
}

/** Plans the query of CREATE ... AS SELECT or INSERT INTO. */
export function planPersistentQuery(request: PersistentQueryRequest, context: PlannerContext): Command {
  const { statement, statementText, existing } = request;
  const isInsert = statement.kind === 'InsertInto';
  const name = isInsert ? statement.target : statement.name;
  const query =
    statement.query.emit === undefined ? { ...statement.query, emit: 'CHANGES' as const } : statement.query;
  const analysis = analyseQuery(query, context.catalog, context.functions, true);
  const target = { name, ...(isInsert && existing !== undefined ? { schema: existing.schema } : {}) };
  const node = planSelect(analysis, context, target);
  node.checkKey(name, { contains: () => false });
  const { step } = node;
  checkDuplicates(step.schema);
  const named = isInsert ? {} : namedSchemas(request, step, context);
  const sink = isInsert ? insertSink(existing!, step) : createSink(request, step, context, named);
  if (isInsert) checkInsert(existing!, step);
  else checkCreate(statement, existing, step, statementText);
  const sources = analysis.sources.map(({ source }) => source);
  const id = queryId(statement, name, step, context);
  const older = context.queries.get(id);
  const plan = {
    root: step,
    sink,
    sources,
    ...(analysis.limit === undefined ? {} : { limit: analysis.limit }),
  };
  if (older !== undefined) {
    if (isInsert) throw new KsqlException(`Query ID '${id}' already exists.`);
    if (existing !== undefined) checkSourceUpgrade(existing, sourceOf(sink, statementText));
    checkQueryUpgrade(older.plan, plan);
  }
  const planned: PlannedQuery = {
    id,
    type: isInsert ? 'INSERT' : 'CREATE_AS',
    plan,
    statementText,
    overrides: context.overrides,
    replaces: older !== undefined,
  };
  const changes: Change[] = [];
  let schemas: readonly SchemaRegistration[] = [];
  if (!isInsert) {
    const source = sourceOf(sink, statementText);
    if (existing !== undefined) checkSourceUpgrade(existing, source);
    if (sources.some((from) => from.name === name)) {
      throw new KsqlException(`Source name '${name}' should not be referenced itself.`);
    }
    const { topic } = request;
    schemas = registrationsOf(sink, true, named);
    changes.push({
      kind: 'putSource',
      source,
      derivedFrom: sources.map((from) => from.name),
      ...(topic === undefined ? {} : { topic }),
    });
  } else if (existing!.isSource) {
    throw new KsqlException(
      `Cannot insert into read-only ${existing!.kind.toLowerCase()}: ${existing!.name}`,
    );
  }
  context.compileCheck(planned);
  changes.push({ kind: 'startQuery', query: planned });
  const type: CommandId['type'] = !isInsert && statement.sourceType === 'TABLE' ? 'table' : 'stream';
  return {
    commandId: { type, entity: `\`${name}\``, execution: 'create' },
    statementText,
    message: `Created query with ID ${id}`,
    queryId: id,
    changes,
    schemas,
  };
}

function checkDuplicates(schema: LogicalSchema): void {
  const names = [...schema.key, ...schema.value].map((column) => column.name);
  const twice = [...new Set(names.filter((name, i) => names.indexOf(name) !== i))];
  if (twice.length === 0) return;
  throw new KsqlException(
    `Value columns clash with key columns: ${twice.map((name) => `\`${name}\``).join(', ')}`,
  );
}

function checkCreate(
  statement: CreateAsSelect,
  existing: DataSource | undefined,
  step: Step,
  statementText: string,
): void {
  if (existing !== undefined && !statement.orReplace) {
    throw new KsqlException(
      `Cannot add ${step.output.toLowerCase()} '${statement.name}': A ${existing.kind.toLowerCase()} with the same name ` +
        'already exists',
    );
  }
  if (statement.sourceType === step.output) return;
  const [made, wanted] = step.output === 'TABLE' ? ['TABLE', 'TABLE'] : ['STREAM', 'STREAM'];
  throw new KsqlStatementException(
    `Invalid result type. Your SELECT query produces a ${made}. ` +
      `Please use CREATE ${wanted} AS SELECT statement instead.`,
    statementText,
  );
}

function checkInsert(target: DataSource, step: Step): void {
  if (target.kind !== step.output) {
    const kind = (output: string): string => (output === 'TABLE' ? 'KTABLE' : 'KSTREAM');
    throw new KsqlException(
      `Incompatible data sink and query result. Data sink (${target.name}) type is ${kind(target.kind)} but select ` +
        `query result is ${kind(step.output)}.`,
    );
  }
  const result = [
    ...step.schema.key.map((column) => ({ ...column, isKey: true })),
    ...step.schema.value.map((column) => ({ ...column, isKey: false })),
  ];
  const wanted = [
    ...target.schema.key.map((column) => ({ ...column, isKey: true })),
    ...target.schema.value.map((column) => ({ ...column, isKey: false })),
  ];
  const fits =
    result.length === wanted.length &&
    result.every((column, i) => {
      const other = wanted[i]!;
      return column.name === other.name && column.isKey === other.isKey && canBecome(column.type, other.type);
    });
  if (fits) return;
  throw new KsqlException(
    `Incompatible schema between results and sink.\nResult schema is ${schemaText(step.schema)}\n` +
      `Sink schema is ${schemaText(target.schema)}`,
  );
}

const numberOrder = ['INTEGER', 'BIGINT', 'DECIMAL', 'DOUBLE'];

/** Whether ksqlDB casts implicitly: only from a number to a wider one. */
function canBecome(from: SqlType, to: SqlType): boolean {
  if (sameType(from, to)) return true;
  if (from.base === 'DECIMAL' && to.base === 'DECIMAL') {
    return from.scale <= to.scale && from.precision - from.scale <= to.precision - to.scale;
  }
  const a = numberOrder.indexOf(from.base);
  const b = numberOrder.indexOf(to.base);
  if (to.base === 'DECIMAL' && (from.base === 'INTEGER' || from.base === 'BIGINT')) {
    return to.precision - to.scale >= (from.base === 'INTEGER' ? 10 : 19);
  }
  return a >= 0 && b > a;
}

function insertSink(target: DataSource, step: Step): SinkPlan {
  return {
    name: target.name,
    topic: target.topic,
    kind: target.kind,
    schema: step.schema,
    keyFormat: target.keyFormat,
    valueFormat: target.valueFormat,
    ...(target.window === undefined ? {} : { window: target.window }),
    creates: false,
  };
}

/** Loads the schemas whose ids CREATE ... AS SELECT specifies, and checks that the query's columns match them. */
function namedSchemas(request: PersistentQueryRequest, step: Step, context: PlannerContext): NamedSchemas {
  const properties = request.properties!;
  const statement = request.statement as CreateAsSelect;
  const first = context.catalog.source(statement.query.from.left.name)!;
  const find = (
    side: 'KEY' | 'VALUE',
    id: number | undefined,
    formatName: string,
  ): InferredSchema | undefined => {
    if (id === undefined) return undefined;
    const isKey = side === 'KEY';
    const format = formatNamed(formatName);
    if (!format.supportsSchemaInference) throw noInference(side, format.name);
    const wrap = properties.wrapSingleValue;
    const inferred = inferColumns({
      registry: context.registry,
      format,
      properties: properties.formatProperties(side, format.name, statement.name),
      topic: request.topic!.name,
      schemaId: id,
      feature: isKey
        ? keyWrapping(format, 1)
        : wrap === undefined
          ? null
          : wrap
            ? 'WRAP_SINGLES'
            : 'UNWRAP_SINGLES',
      isKey,
    });
    checkInferredColumns(isKey ? step.schema.key : step.schema.value, inferred.columns, isKey);
    return inferred;
  };
  const key = find('KEY', properties.keySchemaId, properties.keyFormat ?? first.keyFormat.format);
  const value = find('VALUE', properties.valueSchemaId, properties.valueFormat ?? first.valueFormat.format);
  return { ...(key && { key }), ...(value && { value }) };
}

function createSink(
  request: PersistentQueryRequest,
  step: Step,
  context: PlannerContext,
  named: NamedSchemas,
): SinkPlan {
  const { properties, topic } = request;
  const statement = request.statement as CreateAsSelect;
  const { schema } = step;
  const first = context.catalog.source(statement.query.from.left.name)!;
  const byNull = statement.query.partitionBy?.expressions[0]?.kind === 'Null';
  const explicitKey = properties!.keyFormat;
  if (byNull && explicitKey !== undefined && explicitKey !== 'NONE') {
    throw new KsqlException('Key format specified for stream without key columns.');
  }
  const keyName = byNull ? 'NONE' : (explicitKey ?? first.keyFormat.format);
  const valueName = properties!.valueFormat ?? first.valueFormat.format;
  const keyProperties = inherited(
    keyName,
    first.keyFormat,
    properties!.formatProperties('KEY', keyName, statement.name, named.key?.fullName),
  );
  const valueProperties = inherited(
    valueName,
    first.valueFormat,
    properties!.formatProperties('VALUE', valueName, statement.name, named.value?.fullName),
  );
  const isInheritedNone = explicitKey === undefined && keyName === 'NONE' && schema.key.length > 0;
  const defaultKey = context.config.get('ksql.persistence.default.format.key') ?? 'KAFKA';
  const keyFormat = isInheritedNone
    ? keySide(defaultKey, {}, schema)
    : keySide(keyName, keyProperties, schema);
  const timestamp = timestampOf(properties!, schema);
  const valueFormat = valueSide(
    valueName,
    valueProperties,
    schema,
    properties!.wrapSingleValue,
    context.config,
  );
  const window = step.window;
  return {
    name: statement.name,
    topic: topic!.name,
    kind: step.output,
    schema,
    keyFormat,
    valueFormat,
    ...(window === undefined ? {} : { window }),
    ...(timestamp === undefined ? {} : { timestamp }),
    creates: true,
  };
}

/** A sink of the same format inherits properties such as the delimiter. */
function inherited(format: string, from: SideFormat, own: FormatProperties): FormatProperties {
  return format === from.format ? { ...inheritedProperties(format, from.properties), ...own } : own;
}

function sourceOf(sink: SinkPlan, statementText: string): DataSource {
  return {
    name: sink.name,
    kind: sink.kind,
    schema: sink.schema,
    topic: sink.topic,
    keyFormat: sink.keyFormat,
    valueFormat: sink.valueFormat,
    ...(sink.window === undefined ? {} : { window: sink.window }),
    ...(sink.timestamp === undefined ? {} : { timestamp: sink.timestamp }),
    isSource: false,
    isCasTarget: true,
    statementText,
  };
}

const reserved = ['INSERTQUERY_', 'CTAS_', 'CSAS_', 'CST_'];

function queryId(
  statement: CreateAsSelect | InsertInto,
  sink: string,
  step: Step,
  context: PlannerContext,
): string {
  if (statement.kind === 'InsertInto') {
    const literal = statement.with.get('QUERY_ID');
    if (literal === undefined) return `INSERTQUERY_${context.queryNumber}`;
    const id = String(literalValue(literal)).toUpperCase();
    if (reserved.some((prefix) => id.startsWith(prefix))) {
      throw new KsqlException(
        `Query IDs must not start with a reserved query ID prefix (${reserved.join(', ')}). Got '${id}'.`,
      );
    }
    if (![...id].every((c) => (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c === '_')) {
      throw new KsqlException(`Query IDs may contain only alphanumeric characters and '_'. Got: '${id}'`);
    }
    return id;
  }
  const writers = [...context.queries.values()].filter((query) => query.plan.sink?.name === sink);
  if (writers.length > 1) {
    throw new KsqlException(
      `REPLACE for sink \`${sink}\` is not supported because there are multiple queries writing into it: ` +
        `[${writers.map((query) => query.id).join(', ')}]`,
    );
  }
  if (writers.length === 1) return writers[0]!.id;
  return `${step.output === 'TABLE' ? 'CTAS' : 'CSAS'}_${sink.toUpperCase()}_${context.queryNumber}`;
}
