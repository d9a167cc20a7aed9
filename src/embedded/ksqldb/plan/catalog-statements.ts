import type {
  AlterSource,
  CreateType,
  DropSource,
  DropType,
  QueryControl,
  Statement,
} from '../../../sql/ast.js';
import { formatStatement } from '../../../sql/format-statement.js';
import { resolveType } from '../analysis/resolve-types.js';
import { KsqlException } from '../errors.js';
import { typeText } from '../schema/schema-text.js';
import type { Change, Command, CommandId } from './command.js';
import type { PlannerContext } from './planner-context.js';

/** Plans the statements that contain no query: DROP, ALTER, CREATE TYPE, TERMINATE, PAUSE, RESUME, ALTER SYSTEM. */
export function planCatalogStatement(statement: Statement, context: PlannerContext): Command {
  switch (statement.kind) {
    case 'DropSource':
      return planDrop(statement, context);
    case 'AlterSource':
      return planAlter(statement, context);
    case 'CreateType':
      return planCreateType(statement, context);
    case 'DropType':
      return planDropType(statement, context);
    case 'Terminate':
    case 'Pause':
    case 'Resume':
      return planQueryControl(statement, context);
    case 'AlterSystem':
      return {
        commandId: { type: 'cluster', entity: statement.property, execution: 'alter' },
        statementText: `${statement.text};`,
        message: `System property ${statement.property} was set to ${statement.value}.`,
        changes: [{ kind: 'setConfig', name: statement.property, value: statement.value }],
      };
    default:
      throw new KsqlException('Statement not executable');
  }
}

function planDrop(statement: DropSource, { catalog, queries }: PlannerContext): Command {
  const { name, sourceType } = statement;
  // ksqlDB deletes the topic first and logs the statement without DELETE TOPIC.
  const statementText = statement.deleteTopic
    ? `${formatStatement({ ...statement, deleteTopic: false })};`
    : `${statement.text};`;
  const commandId: CommandId = {
    type: sourceType === 'TABLE' ? 'table' : 'stream',
    entity: name,
    execution: 'drop',
  };
  const source = catalog.source(name);
  const word = sourceType === 'TABLE' ? 'Table' : 'Stream';
  if (source === undefined) {
    if (statement.ifExists) {
      return { commandId, statementText, message: `Source \`${name}\` does not exist.`, changes: [] };
    }
    throw new KsqlException(`${word} ${name} does not exist.${catalog.alternatives(name, sourceType)}`);
  }
  if (source.kind !== sourceType) {
    throw new KsqlException(
      `Incompatible data source type is ${source.kind.toLowerCase()}, but statement was DROP ${sourceType.toLowerCase()}`,
    );
  }
  if (source.isSource && statement.deleteTopic) {
    throw new KsqlException(`Cannot delete topic for read-only source: ${name}`);
  }
  const all = [...queries.values()];
  const inserts = all.filter((query) => query.type === 'INSERT');
  const readers = inserts.filter((query) => query.plan.sources.some((from) => from.name === name));
  const writers = inserts.filter((query) => query.plan.sink?.name === name);
  const ids = (list: typeof all): string =>
    list
      .map((query) => query.id)
      .sort()
      .join(', ');
  if (readers.length > 0 || writers.length > 0) {
    throw new KsqlException(
      `Cannot drop ${name}.\nThe following queries read from this source: [${ids(readers)}].\n` +
        `The following queries write into this source: [${ids(writers)}].\n` +
        `You need to terminate them before dropping ${name}.`,
    );
  }
  const derived = catalog.derived(name);
  if (derived.length > 0) {
    throw new KsqlException(
      `Cannot drop ${name}.\nThe following streams and/or tables read from this source: ` +
        `[${[...derived].sort().join(', ')}].\nYou need to drop them before dropping ${name}.`,
    );
  }
  const own = all.filter(
    (query) =>
      (query.type === 'CREATE_AS' && query.plan.sink?.name === name) ||
      (query.type === 'CREATE_SOURCE' && query.plan.sources[0]?.name === name),
  );
  return {
    commandId,
    statementText,
    message: `Source \`${name}\` (topic: ${source.topic}) was dropped.`,
    changes: [
      ...own.map((query): Change => ({ kind: 'stopQuery', id: query.id })),
      { kind: 'dropSource', source, deleteTopic: statement.deleteTopic },
    ],
  };
}

function planAlter(statement: AlterSource, { catalog }: PlannerContext): Command {
  const { name, sourceType } = statement;
  const source = catalog.source(name);
  if (source?.isSource === true) {
    const word = sourceType.toLowerCase();
    throw new KsqlException(
      `Cannot alter ${word} '${name}': ALTER operations are not supported on source ${word}s.`,
    );
  }
  if (source === undefined) throw new KsqlException(`Source ${name} does not exist.`);
  if (source.kind !== sourceType) {
    throw new KsqlException(
      `Incompatible data source type is ${source.kind}, but statement was ALTER ${sourceType}`,
    );
  }
  if (source.isCasTarget)
    throw new KsqlException('ALTER command is not supported for CREATE ... AS statements.');
  const known = new Set(
    [...source.schema.key, ...source.schema.value, ...source.schema.headers].map((column) => column.name),
  );
  const added = statement.add.map((column) => ({
    name: column.name,
    type: resolveType(column.type, catalog.types()),
  }));
  for (const column of added) {
    if (known.has(column.name)) {
      throw new KsqlException(
        `Cannot add column \`${column.name}\` to schema. A column with the same name already exists.`,
      );
    }
    known.add(column.name);
  }
  const schema = { ...source.schema, value: [...source.schema.value, ...added] };
  return {
    commandId: { type: sourceType === 'TABLE' ? 'table' : 'stream', entity: name, execution: 'alter' },
    statementText: `${statement.text};`,
    message: `${sourceType === 'TABLE' ? 'Table' : 'Stream'} ${name} altered.`,
    changes: [
      {
        kind: 'putSource',
        // DESCRIBE shows every statement that shaped the source.
        source: { ...source, schema, statementText: `${source.statementText}\n${statement.text};` },
      },
    ],
  };
}

function planCreateType(statement: CreateType, { catalog }: PlannerContext): Command {
  const { name } = statement;
  const statementText = `${statement.text};`;
  const commandId: CommandId = { type: 'type', entity: name, execution: 'create' };
  const existing = catalog.types().get(name);
  if (existing !== undefined) {
    if (statement.ifNotExists) {
      const message = `${name} is already registered with type ${typeText(existing)}`;
      return { commandId, statementText, message, changes: [] };
    }
    throw new KsqlException(
      `Cannot register custom type '${name}' since it is already registered with type: ${typeText(existing)}`,
    );
  }
  const type = resolveType(statement.type, catalog.types());
  return {
    commandId,
    statementText,
    message: `Registered custom type with name '${name}' and SQL type ${typeText(type)}`,
    changes: [{ kind: 'putType', name, type }],
  };
}

function planDropType(statement: DropType, { catalog }: PlannerContext): Command {
  const { name } = statement;
  const statementText = `${statement.text};`;
  const commandId: CommandId = { type: 'type', entity: name, execution: 'drop' };
  if (!catalog.types().has(name)) {
    if (statement.ifExists) {
      return { commandId, statementText, message: `Type '${name}' does not exist`, changes: [] };
    }
    throw new KsqlException(`Type ${name} does not exist.`);
  }
  return {
    commandId,
    statementText,
    message: `Dropped type '${name}'`,
    changes: [{ kind: 'dropType', name }],
  };
}

function planQueryControl(statement: QueryControl, { queries }: PlannerContext): Command {
  const ids = statement.all ? [...queries.keys()] : [statement.queryId];
  for (const id of ids) if (!queries.has(id)) throw new KsqlException(`Unknown queryId: ${id}`);
  const kind = { Terminate: 'stopQuery', Pause: 'pauseQuery', Resume: 'resumeQuery' } as const;
  const type = { Terminate: 'terminate', Pause: 'pause', Resume: 'resume' } as const;
  const message = {
    Terminate: 'Query terminated.',
    Pause: 'Query paused.',
    Resume: 'Query resumed.',
  } as const;
  return {
    commandId: {
      type: type[statement.kind],
      entity: statement.all ? 'ALL' : statement.queryId,
      execution: 'execute',
    },
    statementText: `${statement.text};`,
    message: message[statement.kind],
    changes: ids.map((id) => ({ kind: kind[statement.kind], id })),
  };
}
