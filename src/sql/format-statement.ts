import type {
  AssertSchema,
  AssertTopic,
  ColumnDefinition,
  CreateAsSelect,
  CreateSource,
  Duration,
  Expression,
  ListStatement,
  Literal,
  PrintTopic,
  Statement,
} from './ast.js';
import { formatExpression } from './format-expression.js';
import { formatDuration, formatQuery } from './format-query.js';
import { formatType } from './format-type.js';
import { quoteIfNeeded, quoteString } from './identifiers.js';

function joined(...parts: readonly (string | false | undefined)[]): string {
  return parts.filter((part) => part !== false && part !== undefined && part !== '').join(' ');
}

/** Formats ` WITH (...)` in the order of the names. Empty if there are no properties. */
function formatWith(properties: ReadonlyMap<string, Literal>): string {
  if (properties.size === 0) return '';
  const texts = [...properties]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}=${formatExpression(value)}`);
  return ` WITH (${texts.join(', ')})`;
}

/** Properties of connectors can have any name. */
function formatConnectorWith(properties: ReadonlyMap<string, Literal>): string {
  const texts = [...properties].map(([name, value]) => `${quoteString(name)}=${formatExpression(value)}`);
  return ` WITH (${texts.join(', ')})`;
}

/** Formats a column of a CREATE statement, such as `ID BIGINT KEY`. */
export function formatColumn({ name, type, constraint, header }: ColumnDefinition): string {
  const mark = constraint === 'HEADER' ? `HEADER(${quoteString(header ?? '')})` : constraint;
  return joined(quoteIfNeeded(name), formatType(type), mark);
}

function formatColumns(columns: readonly ColumnDefinition[]): string {
  return columns.length === 0 ? '' : ` (${columns.map(formatColumn).join(', ')})`;
}

function head(s: CreateSource | CreateAsSelect): string {
  return joined(
    'CREATE',
    s.orReplace && 'OR REPLACE',
    s.kind === 'CreateSource' && s.source && 'SOURCE',
    s.sourceType,
    s.ifNotExists && 'IF NOT EXISTS',
    quoteIfNeeded(s.name),
  );
}

function formatNames(names: readonly string[]): string {
  return names.length === 0 ? '' : `(${names.map(quoteIfNeeded).join(', ')})`;
}

function formatValues(values: readonly Expression[]): string {
  return `(${values.map((value) => formatExpression(value)).join(', ')})`;
}

function formatTimeout(timeout: Duration | undefined): string | undefined {
  return timeout === undefined ? undefined : `TIMEOUT ${formatDuration(timeout)}`;
}

function formatList({ what, all, scope, extended }: ListStatement): string {
  return joined('SHOW', all && 'ALL', scope, what, extended && 'EXTENDED');
}

function formatPrint({ topic, fromBeginning, interval, limit }: PrintTopic): string {
  return joined(
    `PRINT ${quoteString(topic)}`,
    fromBeginning && 'FROM BEGINNING',
    interval !== undefined && `INTERVAL ${interval}`,
    limit !== undefined && `LIMIT ${limit}`,
  );
}

function formatAssertTopic({ topic, exists, with: properties, timeout }: AssertTopic): string {
  const start = joined('ASSERT', !exists && 'NOT EXISTS', 'TOPIC', quoteString(topic));
  return joined(start + formatWith(properties), formatTimeout(timeout));
}

function formatAssertSchema({ exists, subject, id, timeout }: AssertSchema): string {
  return joined(
    'ASSERT',
    !exists && 'NOT EXISTS',
    'SCHEMA',
    subject !== undefined && `SUBJECT ${quoteString(subject)}`,
    id !== undefined && `ID ${id}`,
    formatTimeout(timeout),
  );
}

/** Formats a query ID. Most are plain names. */
function formatId(id: string): string {
  return quoteIfNeeded(id);
}

/**
 * Formats a statement as in ksqlDB's responses, without the final semicolon. Column names are not
 * resolved and no properties are added. For the text of a running query, do that to the tree first.
 */
export function formatStatement(s: Statement): string {
  switch (s.kind) {
    case 'CreateSource':
      return head(s) + formatColumns(s.columns) + formatWith(s.with);
    case 'CreateAsSelect':
      return `${head(s)}${formatWith(s.with)} AS ${formatQuery(s.query, true)}`;
    case 'InsertInto': {
      const properties = formatWith(s.with);
      const query = formatQuery(s.query, true);
      return `INSERT INTO ${quoteIfNeeded(s.target)} ${properties === '' ? '' : `${properties} `}${query}`;
    }
    case 'InsertValues':
      return joined(
        `INSERT INTO ${quoteIfNeeded(s.target)}`,
        formatNames(s.columns),
        `VALUES ${formatValues(s.values)}`,
      );
    case 'Query':
      return formatQuery(s.query);
    case 'DropSource':
      return joined(
        `DROP ${s.sourceType}`,
        s.ifExists && 'IF EXISTS',
        quoteIfNeeded(s.name),
        s.deleteTopic && 'DELETE TOPIC',
      );
    case 'AlterSource': {
      const columns = s.add.map(({ name, type }) => `ADD COLUMN ${quoteIfNeeded(name)} ${formatType(type)}`);
      return `ALTER ${s.sourceType} ${quoteIfNeeded(s.name)}\n${columns.join(',\n')}`;
    }
    case 'CreateType':
      return joined(
        'CREATE TYPE',
        s.ifNotExists && 'IF NOT EXISTS',
        `${quoteIfNeeded(s.name)} AS ${formatType(s.type)}`,
      );
    case 'DropType':
      return joined('DROP TYPE', s.ifExists && 'IF EXISTS', quoteIfNeeded(s.name));
    case 'CreateConnector':
      return joined(
        `CREATE ${s.connectorType} CONNECTOR`,
        s.ifNotExists && 'IF NOT EXISTS',
        quoteIfNeeded(s.name) + formatConnectorWith(s.with),
      );
    case 'DropConnector':
      return joined('DROP CONNECTOR', s.ifExists && 'IF EXISTS', quoteIfNeeded(s.name));
    case 'Terminate':
    case 'Pause':
    case 'Resume':
      return `${s.kind.toUpperCase()} ${s.all ? 'ALL' : formatId(s.queryId)}`;
    case 'SetProperty':
      return `SET ${quoteString(s.property)}=${quoteString(s.value)}`;
    case 'AlterSystem':
      return `ALTER SYSTEM ${quoteString(s.property)}=${quoteString(s.value)}`;
    case 'UnsetProperty':
      return `UNSET ${quoteString(s.property)}`;
    case 'Define':
      return `DEFINE ${s.name}=${quoteString(s.value)}`;
    case 'Undefine':
      return `UNDEFINE ${s.name}`;
    case 'List':
      return formatList(s);
    case 'Describe':
      return joined('DESCRIBE', quoteIfNeeded(s.name), s.extended && 'EXTENDED');
    case 'DescribeAll':
      return joined('DESCRIBE', s.what, s.extended && 'EXTENDED');
    case 'DescribeFunction':
      return `DESCRIBE FUNCTION ${formatFunctionName(s.name)}`;
    case 'DescribeConnector':
      return `DESCRIBE CONNECTOR ${quoteIfNeeded(s.name)}`;
    case 'Explain':
      return `EXPLAIN \n${s.statement === undefined ? formatId(s.queryId ?? '') : formatStatement(s.statement)}`;
    case 'Print':
      return formatPrint(s);
    case 'RunScript':
      return `RUN SCRIPT ${quoteString(s.file)}`;
    case 'AssertTopic':
      return formatAssertTopic(s);
    case 'AssertSchema':
      return formatAssertSchema(s);
    case 'AssertValues':
      return joined(
        `ASSERT VALUES ${quoteIfNeeded(s.source)}`,
        formatNames(s.columns),
        `VALUES ${formatValues(s.values)}`,
      );
    case 'AssertTombstone':
      return joined(
        `ASSERT NULL VALUES ${quoteIfNeeded(s.source)}`,
        formatNames(s.columns),
        `KEY ${formatValues(s.values)}`,
      );
    case 'AssertSource':
      return `ASSERT ${s.sourceType} ${quoteIfNeeded(s.name)}${formatColumns(s.columns)}${formatWith(s.with)}`;
  }
}

/** Kept as written, because the name is case-insensitive. */
function formatFunctionName(name: string): string {
  return quoteIfNeeded(name.toUpperCase()) === name.toUpperCase() ? name : quoteIfNeeded(name);
}
