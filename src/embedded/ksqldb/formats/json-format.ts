import type { StructType } from '../../../sql/sql-type.js';
import { DeserializeError } from '../errors.js';
import type { Column } from '../schema/schema.js';
import type { Value } from '../types/value.js';
import type { Format, Serde, SerdeOptions } from './format.js';
import { ConversionError } from './json/conversion-error.js';
import { jsonReader, StructReader } from './json/reader.js';
import { JsonScanner, JsonSyntaxError, MISSING, NULL, type ValueKind } from './json/scanner.js';
import { JsonOutput, jsonWriter, structWriter } from './json/writer.js';
import { checkedSchema } from './schema-check.js';
import { checkMapKeys } from './validation.js';

/** The JSON format: objects by column name, or a bare value for a single unwrapped column. */
export const jsonFormat: Format = {
  name: 'JSON',
  supportsKey: true,
  supportsSchemaInference: false,
  wrapping: { wrap: true, unwrap: true, byDefault: true },
  validate: checkedSchema([], checkJsonColumns),
  createSerde: (options) => createJsonSerde(options),
};

/** @throws KsqlException if a map has keys other than STRING */
export function checkJsonColumns(columns: readonly Column[]): void {
  checkMapKeys(columns, 'JSON only supports MAP types with STRING keys');
}

/** @param prefix the number of bytes before the JSON text in a record */
export function createJsonSerde(options: SerdeOptions, prefix = 0): Serde {
  const deserialize = jsonDeserializer(options, prefix);
  const write = jsonRowWriter(options);
  const out = new JsonOutput();
  return {
    deserialize,
    serialize(values) {
      if (values === null) return null;
      out.reset();
      return write(out, values) ? out.take() : null;
    },
  };
}

/** Writes a row as JSON and returns true, or returns false if the record has no bytes. */
export function jsonRowWriter(options: SerdeOptions): (out: JsonOutput, values: readonly Value[]) => boolean {
  const { columns } = options;
  if (columns.length === 1 && !options.wrapSingle) {
    const write = jsonWriter(columns[0]!.type);
    return (out, [value]) => {
      if (value === null || value === undefined) return false;
      write(out, value);
      return true;
    };
  }
  const write = structWriter(structOf(columns));
  return (out, values) => {
    write(out, values);
    return true;
  };
}

/** Creates the deserializer of `createJsonSerde`. */
export function jsonDeserializer(
  options: SerdeOptions,
  prefix: number,
): (bytes: Buffer | null) => Value[] | null {
  const json = new JsonScanner();
  const side = options.isKey ? 'key' : 'value';
  const { columns } = options;
  let read: (bytes: Buffer) => Value[] | null;
  if (columns.length === 1 && !options.wrapSingle) {
    const readColumn = jsonReader(columns[0]!.type);
    read = (bytes) => {
      const at = json.start(bytes, prefix);
      let kind: ValueKind = MISSING;
      let end = at;
      if (at >= 0) {
        end = json.scanValue(at, 0);
        kind = json.kind;
      }
      return [kind === NULL ? null : readColumn(json, at, end, kind)];
    };
  } else {
    const reader = new StructReader(structOf(columns));
    read = (bytes) => reader.readText(json, json.start(bytes, prefix));
  }
  return (bytes) => {
    if (bytes === null) return null;
    try {
      return read(bytes);
    } catch (error) {
      throw deserializeError(`Failed to deserialize ${side} from topic: ${options.topic}. `, error);
    }
  };
}

function deserializeError(prefix: string, error: unknown): unknown {
  if (error instanceof ConversionError) {
    return new DeserializeError(`${prefix}${error.problem}, path: $${error.path}`);
  }
  return error instanceof JsonSyntaxError ? new DeserializeError(`${prefix}${error.message}`) : error;
}

export function structOf(columns: readonly Column[]): StructType {
  return { base: 'STRUCT', fields: columns };
}
