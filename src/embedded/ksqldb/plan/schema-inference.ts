import type { ColumnDefinition, CreateSource } from '../../../sql/ast.js';
import type { SourceProperties } from '../analysis/with-properties.js';
import { KsqlException } from '../errors.js';
import type { WrappingFeature } from '../formats/format.js';
import { formatNamed, keyWrapping } from '../formats/index.js';
import {
  checkOneDefinition,
  type InferredSchema,
  inferColumns,
} from '../formats/registry/schema-inference.js';
import type { PlannerContext } from './planner-context.js';
import type { NamedSchemas } from './schema-registration.js';

export interface InferredStatement {
  readonly statement: CreateSource;
  /** Whether columns came from the registry. */
  readonly isChanged: boolean;
  readonly named: NamedSchemas;
  /** Names of the records or messages in the schemas that the statement specifies by id. */
  readonly keyName?: string;
  readonly valueName?: string;
}

const isKeyColumn = ({ constraint }: ColumnDefinition): boolean =>
  constraint === 'KEY' || constraint === 'PRIMARY KEY';
const isHeader = ({ constraint }: ColumnDefinition): boolean =>
  constraint === 'HEADERS' || constraint === 'HEADER';

/** Adds the columns that a CREATE statement omits from the schema registry, if its formats support that. */
export function inferStatement(
  statement: CreateSource,
  properties: SourceProperties,
  formats: { readonly key: string; readonly value: string },
  context: PlannerContext,
): InferredStatement {
  const { columns } = statement;
  const keys = columns.filter(isKeyColumn);
  const values = columns.filter((column) => !isKeyColumn(column) && !isHeader(column));
  const key = inferSide('KEY', keys.length > 0, formats.key, statement, properties, context);
  const value = inferSide('VALUE', values.length > 0, formats.value, statement, properties, context);
  if (key === undefined && value === undefined) return { statement, isChanged: false, named: {} };
  if (key !== undefined) checkOneDefinition(key, properties.schemaFullName('KEY') !== undefined, true);
  if (value !== undefined) checkOneDefinition(value, properties.schemaFullName('VALUE') !== undefined, false);
  const constraint = statement.sourceType === 'TABLE' ? 'PRIMARY KEY' : 'KEY';
  const isKeyById = properties.keySchemaId !== undefined;
  const isValueById = properties.valueSchemaId !== undefined;
  return {
    statement: {
      ...statement,
      columns: [
        ...columns.filter(isHeader),
        ...(key?.columns.map((column): ColumnDefinition => ({ ...column, constraint })) ?? keys),
        ...(value?.columns ?? values),
      ],
    },
    isChanged: true,
    named: { ...(isKeyById && key && { key }), ...(isValueById && value && { value }) },
    ...(isKeyById && key?.fullName !== undefined ? { keyName: key.fullName } : {}),
    ...(isValueById && value?.fullName !== undefined ? { valueName: value.fullName } : {}),
  };
}

function inferSide(
  side: 'KEY' | 'VALUE',
  hasColumns: boolean,
  formatName: string,
  statement: CreateSource,
  properties: SourceProperties,
  context: PlannerContext,
): InferredSchema | undefined {
  const isKey = side === 'KEY';
  const format = formatNamed(formatName);
  const schemaId = isKey ? properties.keySchemaId : properties.valueSchemaId;
  if (schemaId !== undefined) {
    if (!format.supportsSchemaInference) throw noInference(side, format.name);
    if (hasColumns) {
      throw new KsqlException(`Table elements and ${side}_SCHEMA_ID cannot both exist for create statement.`);
    }
  } else if (hasColumns || !format.supportsSchemaInference) {
    return undefined;
  }
  const wrap = properties.wrapSingleValue;
  const valueFeature: WrappingFeature | null =
    wrap === undefined ? null : wrap ? 'WRAP_SINGLES' : 'UNWRAP_SINGLES';
  return inferColumns({
    registry: context.registry,
    format,
    properties: properties.formatProperties(side, format.name, statement.name),
    topic: properties.topic!,
    ...(schemaId === undefined ? {} : { schemaId }),
    feature: isKey ? keyWrapping(format, 1) : valueFeature,
    isKey,
  });
}

export function noInference(side: 'KEY' | 'VALUE', format: string): KsqlException {
  return new KsqlException(
    `${side}_FORMAT should support schema inference when ${side}_SCHEMA_ID is provided. Current format is ${format}.`,
  );
}
