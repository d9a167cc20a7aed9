import type { ColumnDefinition, CreateSource } from '../../../sql/ast.js';
import { arrayType, BYTES, type SqlType, STRING, sameType, structType } from '../../../sql/sql-type.js';
import type { Catalog } from '../catalog/catalog.js';
import type { DataSource, TimestampColumn } from '../catalog/data-source.js';
import { KsqlException } from '../errors.js';
import { formatNamed } from '../formats/index.js';
import type { Column, HeaderColumn, LogicalSchema } from '../schema/schema.js';
import { isSystemColumn } from '../schema/system-columns.js';
import { locationPrefix } from './analysis.js';
import { type CustomTypes, resolveType } from './resolve-types.js';
import { keySide, valueSide } from './side-formats.js';
import type { SourceProperties } from './with-properties.js';

export const headersType: SqlType = arrayType(
  structType([
    { name: 'KEY', type: STRING },
    { name: 'VALUE', type: BYTES },
  ]),
);

/** Sorts the columns of a CREATE statement into key, value and headers. */
export function schemaOf(columns: readonly ColumnDefinition[], types: CustomTypes): LogicalSchema {
  const counts = new Map<string, number>();
  for (const { name } of columns) counts.set(name, (counts.get(name) ?? 0) + 1);
  const twice = [...counts].filter(([, count]) => count > 1).map(([name]) => `\`${name}\``);
  if (twice.length > 0) throw new KsqlException(`Duplicate column names: ${twice.join(', ')}`);
  const key: Column[] = [];
  const value: Column[] = [];
  const headers: HeaderColumn[] = [];
  for (const column of columns) {
    const type = resolveType(column.type, types);
    switch (column.constraint) {
      case 'KEY':
      case 'PRIMARY KEY':
        key.push({ name: column.name, type });
        break;
      case 'HEADERS':
      case 'HEADER':
        headers.push(headerColumn(column, type, headers));
        break;
      default:
        value.push({ name: column.name, type });
    }
  }
  return { key, value, headers };
}

function headerColumn(
  column: ColumnDefinition,
  type: SqlType,
  others: readonly HeaderColumn[],
): HeaderColumn {
  const { name, header } = column;
  if (header === undefined) {
    if (!sameType(type, headersType)) {
      throw new KsqlException(
        `Invalid type for HEADERS column: expected ARRAY<STRUCT<\`KEY\` STRING, \`VALUE\` BYTES>>, got ${type.base}`,
      );
    }
    if (others.some((other) => other.header === undefined)) {
      throw new KsqlException('Schema already contains a HEADERS column.');
    }
    if (others.length > 0) {
      throw new KsqlException('Schema already contains a HEADER column.');
    }
    return { name, type };
  }
  if (type.base !== 'BYTES') {
    throw new KsqlException(`Invalid type for HEADER('${header}') column: expected BYTES, got ${type.base}`);
  }
  if (others.some((other) => other.header === header)) {
    throw new KsqlException(`Schema already contains a HEADER('${header}') column.`);
  }
  if (others.some((other) => other.header === undefined)) {
    throw new KsqlException('Schema already contains a HEADERS column.');
  }
  return { name, type, header };
}

/** Checks that the timestamp column exists and that its type can hold a time. */
export function checkTimestampColumn(timestamp: TimestampColumn, schema: LogicalSchema): void {
  const column = [...schema.key, ...schema.value].find(({ name }) => name === timestamp.column);
  if (column === undefined) {
    throw new KsqlException(
      `The TIMESTAMP column set in the WITH clause does not exist in the schema: '${timestamp.column}'`,
    );
  }
  const { base } = column.type;
  if (base === 'STRING') {
    if (timestamp.format !== undefined) return;
    throw new KsqlException(
      'A String timestamp field has been specified without also specifying the timestamp_format',
    );
  }
  if (timestamp.format !== undefined) {
    throw new KsqlException(
      "'TIMESTAMP_FORMAT' set in the WITH clause can only be used when the timestamp column is of type STRING.",
    );
  }
  if (base === 'BIGINT' || base === 'TIMESTAMP') return;
  throw new KsqlException(
    `Timestamp column, \`${timestamp.column}\`, should be LONG(INT64), TIMESTAMP, or a String with a timestamp_format ` +
      'specified.',
  );
}

export function timestampOf(
  properties: SourceProperties,
  schema: LogicalSchema,
): TimestampColumn | undefined {
  const column = properties.timestampColumn;
  if (column === undefined) return undefined;
  const format = properties.timestampFormat;
  const timestamp = { column, ...(format === undefined ? {} : { format }) };
  checkTimestampColumn(timestamp, schema);
  return timestamp;
}

/** Checks that streams use KEY and tables use PRIMARY KEY. ksqlDB checks this in its parser. */
export function checkKeyMarks(statement: CreateSource): void {
  for (const { name, constraint, at } of statement.columns) {
    if (statement.sourceType === 'STREAM' && constraint === 'PRIMARY KEY') {
      throw new KsqlException(
        `${locationPrefix(at)}Column \`${name}\` is a 'PRIMARY KEY' column: please use 'KEY' for streams.\n` +
          'Tables have PRIMARY KEYs, which are unique and NON NULL.\nStreams have KEYs, which have no uniqueness or NON NULL constraints.',
      );
    }
    if (statement.sourceType === 'TABLE' && constraint === 'KEY') {
      throw new KsqlException(
        `${locationPrefix(at)}Column \`${name}\` is a 'KEY' column: please use 'PRIMARY KEY' for tables.\n` +
          'Tables have PRIMARY KEYs, which are unique and NON NULL.\nStreams have KEYs, which have no uniqueness or NON NULL constraints.',
      );
    }
  }
}

/**
 * Builds the source that a CREATE STREAM or CREATE TABLE statement defines.
 *
 * @throws KsqlException with ksqlDB's message if the definition is invalid
 */
export function defineSource(
  statement: CreateSource,
  properties: SourceProperties,
  catalog: Catalog,
  config: ReadonlyMap<string, string>,
  statementText: string,
  inferred: { readonly keyName?: string; readonly valueName?: string } = {},
): DataSource {
  const kind = statement.sourceType;
  const word = kind.toLowerCase();
  const keyFormat = properties.keyFormat ?? config.get('ksql.persistence.default.format.key') ?? 'KAFKA';
  const valueFormat = properties.valueFormat ?? config.get('ksql.persistence.default.format.value');
  if (valueFormat === undefined) {
    throw new KsqlException(
      "Statement is missing the 'VALUE_FORMAT' property from the WITH clause. Either provide one or set a default via " +
        "the 'ksql.persistence.default.format.value' config.",
    );
  }
  formatNamed(keyFormat);
  formatNamed(valueFormat);
  if (statement.columns.length === 0) {
    throw new KsqlException('No columns supplied.');
  }
  for (const { name } of statement.columns) {
    if (isSystemColumn(name)) {
      throw new KsqlException(
        `'${name}' is a reserved column name. You cannot use it as a name for a column.`,
      );
    }
  }
  const schema = schemaOf(statement.columns, catalog.types());
  const existing = catalog.source(statement.name);
  if (existing !== undefined && !statement.orReplace && !statement.ifNotExists) {
    throw new KsqlException(
      `Cannot add ${word} '${statement.name}': A ${existing.kind.toLowerCase()} with the same name already exists`,
    );
  }
  if (kind === 'TABLE' && schema.key.length === 0) {
    throw new KsqlException('Tables require a PRIMARY KEY. Please define the PRIMARY KEY.');
  }
  if (statement.orReplace && (statement.source || existing?.isSource === true)) {
    throw new KsqlException(
      `Cannot add ${word} '${statement.name}': CREATE OR REPLACE is not supported on source ${word}s.`,
    );
  }
  const timestamp = timestampOf(properties, schema);
  const { window } = properties;
  if (window !== undefined && schema.key.length === 0) {
    throw new KsqlException('Windowed sources require a key column.');
  }
  const keyProperties = properties.formatProperties('KEY', keyFormat, statement.name, inferred.keyName);
  const valueProperties = properties.formatProperties(
    'VALUE',
    valueFormat,
    statement.name,
    inferred.valueName,
  );
  const key = keySide(keyFormat, keyProperties, schema);
  const value = valueSide(valueFormat, valueProperties, schema, properties.wrapSingleValue, config);
  return {
    name: statement.name,
    kind,
    schema,
    topic: properties.topic!,
    keyFormat: key,
    valueFormat: value,
    ...(window === undefined ? {} : { window }),
    ...(timestamp === undefined ? {} : { timestamp }),
    isSource: statement.source,
    isCasTarget: false,
    statementText,
  };
}
