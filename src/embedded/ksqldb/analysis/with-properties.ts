import type { Literal, WithProperties } from '../../../sql/ast.js';
import { KsqlException } from '../errors.js';
import { literalValue } from '../expressions/literal.js';
import type { FormatProperties } from '../formats/format.js';
import { formatProperties } from '../formats/format-properties.js';
import { parseDelimiter } from '../formats/index.js';
import { formatterOf } from '../functions/java-time/formatter.js';
import type { WindowInfo } from '../schema/schema.js';
import { parseDuration } from './duration.js';

type PropertyType = 'STRING' | 'INT' | 'SHORT' | 'LONG' | 'BOOLEAN';

const common: Readonly<Record<string, PropertyType>> = {
  KAFKA_TOPIC: 'STRING',
  PARTITIONS: 'INT',
  REPLICAS: 'SHORT',
  RETENTION_MS: 'LONG',
  CLEANUP_POLICY: 'STRING',
  TIMESTAMP: 'STRING',
  TIMESTAMP_FORMAT: 'STRING',
  VALUE_AVRO_SCHEMA_FULL_NAME: 'STRING',
  KEY_SCHEMA_FULL_NAME: 'STRING',
  VALUE_SCHEMA_FULL_NAME: 'STRING',
  VALUE_FORMAT: 'STRING',
  KEY_FORMAT: 'STRING',
  FORMAT: 'STRING',
  WRAP_SINGLE_VALUE: 'BOOLEAN',
  KEY_PROTOBUF_NULLABLE_REPRESENTATION: 'STRING',
  VALUE_PROTOBUF_NULLABLE_REPRESENTATION: 'STRING',
  VALUE_DELIMITER: 'STRING',
  KEY_DELIMITER: 'STRING',
  KEY_SCHEMA_ID: 'INT',
  VALUE_SCHEMA_ID: 'INT',
};

const sourceOnly: Readonly<Record<string, PropertyType>> = {
  WINDOW_TYPE: 'STRING',
  WINDOW_SIZE: 'STRING',
  SOURCE_CONNECTOR: 'STRING',
  SOURCED_BY_CONNECTOR: 'STRING',
};

/**
 * The checked properties in the WITH clause of a CREATE STREAM or CREATE TABLE statement, with or without AS SELECT.
 *
 * Source: https://docs.ksqldb.io/en/latest/developer-guide/ksqldb-reference/create-stream/
 */
export class SourceProperties {
  readonly #values = new Map<string, string | number | boolean>();

  /** @throws KsqlException for unknown names, values of the wrong type, and properties that exclude each other */
  constructor(properties: WithProperties, hasQuery: boolean) {
    const types = hasQuery ? common : { ...common, ...sourceOnly };
    for (const [name, literal] of properties) {
      const type = Object.hasOwn(types, name) ? types[name] : undefined;
      if (type !== undefined) this.#values.set(name, typedValue(name, type, literal));
    }
    const unknown = [...properties.keys()].filter((name) => !Object.hasOwn(types, name));
    if (!hasQuery && !this.#values.has('KAFKA_TOPIC')) {
      throw new KsqlException('Missing required property "KAFKA_TOPIC" which has no default value.');
    }
    this.#checkValues();
    if (unknown.length > 0) {
      throw new KsqlException(`Invalid config variable(s) in the WITH clause: ${unknown.join(',')}`);
    }
    this.#checkFormats();
    this.#checkTimestampFormat();
    if (!hasQuery) this.#checkWindow();
  }

  get topic(): string | undefined {
    return this.#text('KAFKA_TOPIC');
  }
  get partitions(): number | undefined {
    return this.#number('PARTITIONS');
  }
  get replicas(): number | undefined {
    return this.#number('REPLICAS');
  }
  get retentionMs(): number | undefined {
    return this.#number('RETENTION_MS');
  }
  get cleanupPolicy(): string | undefined {
    return this.#text('CLEANUP_POLICY');
  }
  get keyFormat(): string | undefined {
    return (this.#text('FORMAT') ?? this.#text('KEY_FORMAT'))?.toUpperCase();
  }
  get valueFormat(): string | undefined {
    return (this.#text('FORMAT') ?? this.#text('VALUE_FORMAT'))?.toUpperCase();
  }
  get wrapSingleValue(): boolean | undefined {
    const value = this.#values.get('WRAP_SINGLE_VALUE');
    return typeof value === 'boolean' ? value : undefined;
  }
  get keySchemaId(): number | undefined {
    return this.#number('KEY_SCHEMA_ID');
  }
  get valueSchemaId(): number | undefined {
    return this.#number('VALUE_SCHEMA_ID');
  }
  /** The column's name in upper case, or as written if it is in backticks. */
  get timestampColumn(): string | undefined {
    const text = this.#text('TIMESTAMP')?.trim();
    if (text === undefined) return undefined;
    const isQuoted = text.length > 1 && text.startsWith('`') && text.endsWith('`');
    return isQuoted ? text.slice(1, -1).replaceAll('``', '`') : text.toUpperCase();
  }
  get timestampFormat(): string | undefined {
    return this.#text('TIMESTAMP_FORMAT');
  }
  get window(): WindowInfo | undefined {
    const type = this.#text('WINDOW_TYPE')?.toUpperCase();
    if (type === undefined) return undefined;
    const size = this.#windowSize();
    return { type: type as WindowInfo['type'], ...(size === undefined ? {} : { sizeMs: size }) };
  }

  /** The name of the schema's record or message if the statement has one. */
  schemaFullName(side: 'KEY' | 'VALUE'): string | undefined {
    const name = this.#writtenSchemaName(side)?.trim();
    return name === '' ? undefined : name;
  }

  #writtenSchemaName(side: 'KEY' | 'VALUE'): string | undefined {
    const avro = side === 'VALUE' ? this.#text('VALUE_AVRO_SCHEMA_FULL_NAME') : undefined;
    return avro ?? this.#text(`${side}_SCHEMA_FULL_NAME`);
  }

  /** Properties of the key's or the value's format. AVRO derives the schema's name from the source's `name`. */
  formatProperties(
    side: 'KEY' | 'VALUE',
    format: string,
    name: string,
    inferredName?: string,
  ): FormatProperties {
    const schemaFullName = this.#writtenSchemaName(side) ?? inferredName;
    const delimiter = this.#text(`${side}_DELIMITER`);
    const schemaId = this.#number(`${side}_SCHEMA_ID`);
    const nullableRepresentation = this.#text(`${side}_PROTOBUF_NULLABLE_REPRESENTATION`);
    return formatProperties(format, side === 'KEY', name, {
      ...(schemaFullName === undefined ? {} : { schemaFullName }),
      ...(delimiter === undefined ? {} : { delimiter }),
      ...(schemaId === undefined ? {} : { schemaId }),
      ...(nullableRepresentation === undefined ? {} : { nullableRepresentation }),
    });
  }

  #text(name: string): string | undefined {
    const value = this.#values.get(name);
    return value === undefined ? undefined : String(value);
  }

  #number(name: string): number | undefined {
    const value = this.#values.get(name);
    return typeof value === 'number' ? value : undefined;
  }

  #checkValues(): void {
    if (this.topic === '') {
      throw new KsqlException('Invalid value  for property KAFKA_TOPIC: String must be non-empty');
    }
    for (const name of ['KEY_DELIMITER', 'VALUE_DELIMITER']) {
      const delimiter = this.#text(name);
      if (delimiter === undefined) continue;
      try {
        parseDelimiter(delimiter);
      } catch (error) {
        throw new KsqlException(`Configuration ${name} is invalid: ${(error as Error).message}`, error);
      }
    }
    this.#checkOneOf('WINDOW_TYPE', ['SESSION', 'HOPPING', 'TUMBLING']);
    this.#checkOneOf('KEY_PROTOBUF_NULLABLE_REPRESENTATION', ['OPTIONAL', 'WRAPPER']);
    this.#checkOneOf('VALUE_PROTOBUF_NULLABLE_REPRESENTATION', ['OPTIONAL', 'WRAPPER']);
    this.#windowSize();
  }

  #checkOneOf(name: string, allowed: readonly string[]): void {
    const value = this.#text(name);
    if (value === undefined || allowed.includes(value.toUpperCase())) return;
    throw new KsqlException(
      `Invalid value ${value} for property ${name}: String must be one of: ${allowed.join(', ')}, null`,
    );
  }

  #windowSize(): number | undefined {
    const text = this.#text('WINDOW_SIZE');
    if (text === undefined) return undefined;
    try {
      return parseDuration(text);
    } catch (error) {
      throw new KsqlException(
        `Configuration WINDOW_SIZE is invalid: ${(error as Error).message}\nExample valid value: '10 SECONDS'`,
        error,
      );
    }
  }

  #checkFormats(): void {
    if (!this.#values.has('FORMAT')) return;
    for (const name of ['KEY_FORMAT', 'VALUE_FORMAT']) {
      if (!this.#values.has(name)) continue;
      throw new KsqlException(
        `Cannot supply both '${name}' and 'FORMAT' properties, as 'FORMAT' sets both key and value formats. ` +
          "Either use just 'FORMAT', or use 'KEY_FORMAT' and 'VALUE_FORMAT'.",
      );
    }
  }

  #checkTimestampFormat(): void {
    const pattern = this.timestampFormat;
    if (pattern === undefined) return;
    try {
      formatterOf(pattern, 'root');
    } catch (error) {
      throw new KsqlException(
        `Invalid datetime format for config:TIMESTAMP_FORMAT, reason:${(error as Error).message}`,
        error,
      );
    }
  }

  #checkWindow(): void {
    const type = this.#text('WINDOW_TYPE')?.toUpperCase();
    const hasSize = this.#values.has('WINDOW_SIZE');
    const needsSize = type !== undefined && type !== 'SESSION';
    if (needsSize && !hasSize) {
      throw new KsqlException(
        `${type} windows require 'WINDOW_SIZE' to be provided in the WITH clause. For example: 'WINDOW_SIZE'='10 SECONDS'`,
      );
    }
    if (!needsSize && hasSize)
      throw new KsqlException("'WINDOW_SIZE' should not be set for SESSION windows.");
  }
}

function typedValue(name: string, type: PropertyType, literal: Literal): string | number | boolean {
  const value = literalValue(literal);
  const text = value === null ? 'null' : String(value);
  const refuse = (why: string): never => {
    throw new KsqlException(`Invalid value ${text} for property ${name}: ${why}`);
  };
  switch (type) {
    case 'STRING':
      return typeof value === 'string' ? value : refuse('Expected value to be a string, but it was not');
    case 'BOOLEAN': {
      const lower = text.toLowerCase();
      if (lower !== 'true' && lower !== 'false') return refuse('Expected value to be either true or false');
      return lower === 'true';
    }
    default: {
      const trimmed = text.trim();
      const number = Number(trimmed);
      const isWhole = trimmed !== '' && Number.isInteger(number);
      return isWhole && typeof value !== 'boolean' ? number : refuse(`Not a number of type ${type}`);
    }
  }
}
