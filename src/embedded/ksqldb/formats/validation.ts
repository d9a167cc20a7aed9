/** Checks that all formats share, with ksqlDB's messages. */
import type { SqlType } from '../../../sql/sql-type.js';
import { KsqlException } from '../errors.js';
import type { Column } from '../schema/schema.js';
import { columnText, typeText } from '../schema/schema-text.js';
import type { FormatProperties, WrappingFeature } from './format.js';

/** Formats columns for messages: ``[`K` INTEGER KEY, `V` STRING]``. */
export function columnListText(columns: readonly Column[], isKey: boolean): string {
  return `[${columns.map((column) => columnText(column, isKey)).join(', ')}]`;
}

/** @throws KsqlException if the format does not know a property, or it is blank */
export function checkProperties(
  format: string,
  properties: FormatProperties,
  supported: readonly string[],
): void {
  const unknown = Object.keys(properties).filter((name) => !supported.includes(name));
  if (unknown.length > 0) {
    throw new KsqlException(`${format} does not support the following configs: [${unknown.join(', ')}]`);
  }
  for (const [name, value] of Object.entries(properties)) {
    if (value.trim() === '') {
      const all = Object.entries(properties).map(([key, text]) => `${key}=${text.trim()}`);
      throw new KsqlException(`${name} cannot be empty. Format configuration: {${all.join(', ')}}`);
    }
  }
}

/** @throws KsqlException if a key column is a map or contains one */
export function checkKeyColumns(columns: readonly Column[]): void {
  for (const column of columns) {
    if (!containsMap(column.type)) continue;
    throw new KsqlException(
      'Map keys, including types that contain maps, are not supported as they may lead to unexpected behavior ' +
        `due to inconsistent serialization. Key column name: \`${column.name}\`. ` +
        `Column type: ${typeText(column.type)}. See https://github.com/confluentinc/ksql/issues/6621 for more.`,
    );
  }
}

/** @throws KsqlException `message` if a map with keys other than STRING occurs in the columns */
export function checkMapKeys(columns: readonly Column[], message: string): void {
  for (const column of columns) {
    if (containsOtherMap(column.type)) throw new KsqlException(message);
  }
}

/** Returns the error for a schema that the format does not support. */
export function schemaNotSupported(
  format: string,
  columns: readonly Column[],
  isKey: boolean,
  feature: WrappingFeature | null,
  cause: unknown,
): KsqlException {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new KsqlException(
    `${isKey ? 'Key' : 'Value'} format does not support schema.\nformat: ${format}\n` +
      `schema: Persistence{columns=${columnListText(columns, isKey)}, features=[${feature ?? ''}]}\n` +
      `reason: ${reason}`,
    cause,
  );
}

function containsMap(type: SqlType): boolean {
  switch (type.base) {
    case 'MAP':
      return true;
    case 'ARRAY':
      return containsMap(type.element);
    case 'STRUCT':
      return type.fields.some((field) => containsMap(field.type));
    default:
      return false;
  }
}

function containsOtherMap(type: SqlType): boolean {
  switch (type.base) {
    case 'MAP':
      return type.key.base !== 'STRING' || containsOtherMap(type.value);
    case 'ARRAY':
      return containsOtherMap(type.element);
    case 'STRUCT':
      return type.fields.some((field) => containsOtherMap(field.type));
    default:
      return false;
  }
}
