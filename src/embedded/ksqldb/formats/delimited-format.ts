/** The DELIMITED format: one line with the values of the columns, in order. */
import type { SqlType } from '../../../sql/sql-type.js';
import { DeserializeError, KsqlException } from '../errors.js';
import type { Column } from '../schema/schema.js';
import type { Decimal } from '../types/decimal.js';
import { formatJavaDouble, parseJavaDouble } from '../types/java-double.js';
import { parseBase64 } from '../types/text.js';
import type { Value } from '../types/value.js';
import { csvValue, parseCsv } from './csv.js';
import type { Format, FormatProperties, Serde, SerdeOptions } from './format.js';
import { fitDecimalText, parseInt32, parseLong } from './json/numbers.js';
import { checkedTime } from './json/reader.js';
import { checkedSchema } from './schema-check.js';

export const delimitedFormat: Format = {
  name: 'DELIMITED',
  supportsKey: true,
  supportsSchemaInference: false,
  wrapping: { wrap: false, unwrap: true, byDefault: false },
  validate: checkedSchema(['delimiter'], checkColumns),
  createSerde: createDelimitedSerde,
};

/**
 * Parses the delimiter of a statement: one character, TAB or SPACE.
 *
 * @throws KsqlException
 */
export function parseDelimiter(text: string): string {
  const example = "\nExample valid value: ';'";
  if (text.trim() === '') {
    throw new KsqlException(
      'Delimiter cannot be empty, if you meant to have a tab or space for delimiter, please ' +
        `use the special values 'TAB' or 'SPACE'${example}`,
    );
  }
  if (text.length === 1) return text;
  if (text === 'TAB') return '\t';
  if (text === 'SPACE') return ' ';
  throw new KsqlException(
    `Invalid delimiter value: '${text}'. Delimiter must be a single character or TAB,SPACE${example}`,
  );
}

function checkColumns(columns: readonly Column[], properties: FormatProperties): void {
  parseDelimiter(properties.delimiter ?? ',');
  for (const { name, type } of columns) {
    if (type.base === 'ARRAY' || type.base === 'MAP' || type.base === 'STRUCT') {
      throw new KsqlException(
        `The 'DELIMITED' format does not support type '${type.base}', column: \`${name}\``,
      );
    }
  }
}

function createDelimitedSerde({ columns, properties, topic }: SerdeOptions): Serde {
  const delimiter = parseDelimiter(properties.delimiter ?? ',');
  const readers = columns.map((column) => reader(column.type));
  const writers = columns.map((column) => writer(column.type));
  return {
    deserialize(bytes) {
      if (bytes === null) return null;
      try {
        const texts = parseCsv(bytes.toString('utf8'), delimiter);
        if (texts === null) throw new Error('No fields in record');
        if (texts.length !== readers.length) {
          throw new Error(
            `Column count mismatch on deserialization. topic: ${topic}, expected: ${readers.length}, got: ${texts.length}`,
          );
        }
        return texts.map((text, i) => (text === '' ? null : readers[i]!(text)));
      } catch (cause) {
        throw new DeserializeError('Error deserializing delimited', cause);
      }
    },
    serialize(values) {
      if (values === null) return null;
      let line = '';
      for (let i = 0; i < writers.length; i++) {
        const value = values[i]!;
        if (i > 0) line += delimiter;
        line += csvValue(value === null ? null : writers[i]!(value), i === 0, delimiter);
      }
      return Buffer.from(line, 'utf8');
    },
  };
}

function reader(type: SqlType): (text: string) => Value {
  switch (type.base) {
    case 'BOOLEAN':
      return (text) => text.toLowerCase() === 'true';
    case 'INTEGER':
    case 'DATE':
      return (text) => parseInt32(text) ?? notNumber();
    case 'BIGINT':
      return (text) => parseLong(text) ?? notNumber();
    case 'TIMESTAMP':
      return (text) => Number(parseLong(text) ?? notNumber());
    case 'TIME':
      return (text) => checkedTime(parseLong(text) ?? notNumber());
    case 'DOUBLE':
      return (text) => parseJavaDouble(text) ?? notNumber();
    case 'DECIMAL':
      return (text) => fitDecimalText(text, type.precision, type.scale);
    case 'BYTES':
      return (text) => {
        const bytes = parseBase64(text);
        if (bytes === null) throw new Error('Value is not a valid Base64 encoded string');
        return bytes;
      };
    default:
      return (text) => text;
  }
}

/** Java's message quotes the text here, which may be sensitive, so it is left out. */
function notNumber(): never {
  throw new Error("The text is not a number of the column's type");
}

function writer(type: SqlType): (value: Exclude<Value, null>) => string {
  switch (type.base) {
    case 'DOUBLE':
      return (value) => formatJavaDouble(value as number);
    case 'DECIMAL':
      return (value) => (value as Decimal).toString();
    case 'BYTES':
      return (value) => (value as Buffer).toString('base64');
    default:
      return String;
  }
}
