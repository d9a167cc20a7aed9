import type { CreateAsSelect, CreateSource, InsertInto, Query, Statement } from '../../../sql/ast.js';
import { formatStatement } from '../../../sql/format-statement.js';
import { resolveQueryTypes, resolveType } from '../analysis/resolve-types.js';
import { sanitizeQuery } from '../analysis/sanitize.js';
import { checkKeyMarks, defineSource } from '../analysis/source-definition.js';
import { SourceProperties } from '../analysis/with-properties.js';
import { KsqlException, KsqlStatementException, ParseFailedException } from '../errors.js';
import { formatNamed } from '../formats/index.js';
import { planCatalogStatement } from './catalog-statements.js';
import type { Command, PlannedQuery } from './command.js';
import { planPersistentQuery } from './persistent-query-planner.js';
import type { PlannerContext } from './planner-context.js';
import { type InferredStatement, inferStatement } from './schema-inference.js';
import { registrationsOf } from './schema-registration.js';
import { sourceTableRoot } from './source-table.js';
import { sinkTopic, sourceTopic, withTopicProperties } from './topic-properties.js';
import { checkSourceUpgrade } from './upgrade.js';

/** The result of a statement that changes nothing, such as CREATE ... IF NOT EXISTS for an existing source. */
export interface Warning {
  readonly warning: string;
  readonly statementText: string;
}

/**
 * Validates a statement and returns the changes that it makes. Changes nothing itself.
 *
 * @throws KsqlStatementException or KsqlException with ksqlDB's message
 */
export function planStatement(statement: Statement, context: PlannerContext): Command | Warning {
  switch (statement.kind) {
    case 'CreateSource':
      return planCreateSource(statement, context);
    case 'CreateAsSelect':
      return planCreateAsSelect(statement, context);
    case 'InsertInto':
      return planInsertInto(statement, context);
    default:
      return named(`${statement.text};`, () => planCatalogStatement(statement, context));
  }
}

/** ksqlDB's prefix for errors that its parser finds in a syntactically correct statement. */
const prepareFailed = 'Failed to prepare statement: ';

/** Runs a part of the planning. Turns its errors into errors of the whole statement. */
function named<T>(statementText: string, run: () => T, prefix = ''): T {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof KsqlException)) throw error;
    if (error instanceof KsqlStatementException && error.statementText === statementText) throw error;
    const Kind = prefix === prepareFailed ? ParseFailedException : KsqlStatementException;
    throw new Kind(prefix + error.message, statementText, error);
  }
}

function planCreateSource(statement: CreateSource, context: PlannerContext): Command | Warning {
  const original = `${statement.text};`;
  const { catalog } = context;
  const properties = named(
    original,
    () => {
      checkKeyMarks(statement);
      for (const column of statement.columns) resolveType(column.type, catalog.types());
      return new SourceProperties(statement.with, false);
    },
    prepareFailed,
  );
  const existing = catalog.source(statement.name);
  const kind = statement.sourceType;
  if (existing !== undefined && statement.ifNotExists) {
    return {
      warning:
        `Cannot add ${kind.toLowerCase()} \`${statement.name}\`: A ${existing.kind.toLowerCase()} with the same name ` +
        'already exists.',
      statementText: original,
    };
  }
  const formats = {
    key: properties.keyFormat ?? context.config.get('ksql.persistence.default.format.key') ?? 'KAFKA',
    value: properties.valueFormat ?? context.config.get('ksql.persistence.default.format.value'),
  };
  const shown = { KEY_FORMAT: formats.key, VALUE_FORMAT: formats.value };
  named(`${formatStatement(withTopicProperties(statement, shown))};`, () => {
    for (const format of Object.values(shown)) if (format !== undefined) formatNamed(format);
  });
  const inferred = named(original, () => inferColumnsOf(statement, properties, formats, context));
  const topic = named(original, () => sourceTopic(statement, properties, context));
  const filled = withTopicProperties(inferred.statement, {
    ...shown,
    CLEANUP_POLICY: kind === 'TABLE' ? 'compact' : 'delete',
  });
  const statementText = `${formatStatement(filled)};`;
  return named(statementText, () => {
    const source = defineSource(
      inferred.statement,
      properties,
      catalog,
      context.config,
      statementText,
      inferred,
    );
    if (existing !== undefined) checkSourceUpgrade(existing, source);
    const isById = properties.keySchemaId !== undefined || properties.valueSchemaId !== undefined;
    const command: Command = {
      commandId: {
        type: kind === 'TABLE' ? 'table' : 'stream',
        entity: `\`${statement.name}\``,
        execution: 'create',
      },
      statementText,
      message: kind === 'TABLE' ? 'Table created' : 'Stream created',
      changes: [{ kind: 'putSource', source, topic }],
      schemas: registrationsOf(source, false, inferred.named),
      // By the time of a replay, the registry may have a newer schema. The schema of an id never changes.
      ...(inferred.isChanged && !isById ? { replayText: formatStatement(inferred.statement) } : {}),
    };
    if (!statement.source || kind === 'STREAM') return command;
    const query = materialize(source.name, command, context);
    return {
      ...command,
      message: `Created query with ID ${query.id}`,
      queryId: query.id,
      changes: [...command.changes, { kind: 'startQuery', query }],
    };
  });
}

function inferColumnsOf(
  statement: CreateSource,
  properties: SourceProperties,
  { key, value }: { readonly key: string; readonly value: string | undefined },
  context: PlannerContext,
): InferredStatement {
  // Without a value format, a later check rejects the statement.
  if (value === undefined) return { statement, isChanged: false, named: {} };
  return inferStatement(statement, properties, { key, value }, context);
}

/** Plans the query without a sink that keeps the rows of a CREATE SOURCE TABLE for pull queries. */
function materialize(name: string, command: Command, context: PlannerContext): PlannedQuery {
  const [change] = command.changes;
  if (change?.kind !== 'putSource') throw new Error('A source table is put into the catalog first');
  const { source } = change;
  return {
    id: `CST_${name.toUpperCase()}_${context.queryNumber}`,
    type: 'CREATE_SOURCE',
    statementText: command.statementText,
    overrides: context.overrides,
    replaces: false,
    plan: { root: sourceTableRoot(source), sources: [source] },
  };
}

function planCreateAsSelect(statement: CreateAsSelect, context: PlannerContext): Command | Warning {
  const original = `${statement.text};`;
  const { catalog } = context;
  const properties = named(original, () => new SourceProperties(statement.with, true), prepareFailed);
  const query = prepared(statement.query, original, context);
  const existing = catalog.source(statement.name);
  const kind = statement.sourceType;
  if (existing !== undefined && statement.ifNotExists) {
    return {
      warning:
        `Cannot add ${kind.toLowerCase()} \`${statement.name}\`: A ${existing.kind.toLowerCase()} with the same name ` +
        'already exists.',
      statementText: original,
    };
  }
  const topic = named(original, () => sinkTopic(statement, query, properties, context));
  const filled = withTopicProperties(
    { ...statement, query },
    {
      KAFKA_TOPIC: topic.name,
      PARTITIONS: topic.partitions,
      REPLICAS: 1,
      RETENTION_MS: topic.retentionMs,
      CLEANUP_POLICY: topic.configs['cleanup.policy'],
    },
  );
  const statementText = `${formatStatement(filled)};`;
  return named(
    statementText,
    () =>
      planPersistentQuery(
        { statement: { ...statement, query }, properties, topic, statementText, existing },
        context,
      ),
    'Could not determine output schema for query due to error: ',
  );
}

function planInsertInto(statement: InsertInto, context: PlannerContext): Command {
  const statementText = `${statement.text};`;
  const target = context.catalog.source(statement.target);
  named(
    statementText,
    () => {
      if (target === undefined) {
        const { at } = statement;
        // ksqlDB reports the position after the words INSERT INTO.
        const place =
          at === undefined ? '' : `Line: ${at.line}, Col: ${at.column + 'INSERT INTO'.length + 2}: `;
        const hint = context.catalog.alternatives(statement.target);
        throw new KsqlException(`${place}Source \`${statement.target}\` does not exist.${hint}`);
      }
      if (target.kind !== 'STREAM') {
        throw new KsqlException(
          `INSERT INTO can only be used to insert into a stream. ${target.name} is a table.`,
        );
      }
      if (target.schema.headers.length > 0) {
        throw new KsqlException(`Cannot insert into ${target.name} because it has header columns`);
      }
    },
    'Exception while preparing statement: ',
  );
  const query = prepared(statement.query, statementText, context);
  return named(statementText, () =>
    planPersistentQuery({ statement: { ...statement, query }, statementText, existing: target }, context),
  );
}

/** Resolves the types and qualifies the columns of a query. ksqlDB calls this preparing a statement. */
export function prepared(
  query: Query,
  statementText: string,
  context: Pick<PlannerContext, 'catalog'>,
): Query {
  const typed = named(statementText, () => resolveQueryTypes(query, context.catalog.types()), prepareFailed);
  return named(
    statementText,
    () => sanitizeQuery(typed, context.catalog),
    'Exception while preparing statement: ',
  );
}
