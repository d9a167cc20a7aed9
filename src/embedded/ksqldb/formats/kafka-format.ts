/** The KAFKA format: Kafka's own serializers for one column, with 4 or 8 bytes big-endian, UTF-8, or plain bytes. */
import type { SqlType } from '../../../sql/sql-type.js';
import { DeserializeError, KsqlException } from '../errors.js';
import type { Column } from '../schema/schema.js';
import type { Value } from '../types/value.js';
import type { Format, Serde, SerdeOptions } from './format.js';
import { checkedSchema } from './schema-check.js';
import { columnListText } from './validation.js';
import { voidSerde } from './void-serde.js';

export const kafkaFormat: Format = {
  name: 'KAFKA',
  supportsKey: true,
  supportsSchemaInference: false,
  wrapping: { wrap: false, unwrap: true, byDefault: false },
  validate: checkedSchema([], checkColumns),
  createSerde: createKafkaSerde,
};

const supportedTypes: readonly string[] = ['INTEGER', 'BIGINT', 'DOUBLE', 'STRING', 'BYTES'];

function checkColumns(columns: readonly Column[], _properties: unknown, isKey: boolean): void {
  const [column] = columns;
  if (column === undefined) return;
  if (columns.length > 1) {
    throw new KsqlException(
      `The 'KAFKA' format only supports a single field. Got: ${columnListText(columns, isKey)}`,
    );
  }
  if (!supportedTypes.includes(column.type.base)) {
    throw new KsqlException(`The 'KAFKA' format does not support type '${column.type.base}'`);
  }
}

function createKafkaSerde({ columns, topic }: SerdeOptions): Serde {
  const [column] = columns;
  if (column === undefined) return voidSerde;
  const read = reader(column.type);
  const write = writer(column.type);
  return {
    deserialize(bytes) {
      if (bytes === null) return null;
      try {
        return [read(bytes)];
      } catch (cause) {
        throw new DeserializeError(`Error deserializing KAFKA message from topic: ${topic}`, cause);
      }
    },
    serialize(values) {
      const value = values?.[0];
      return value === null || value === undefined ? null : write(value);
    },
  };
}

function reader(type: SqlType): (bytes: Buffer) => Value {
  switch (type.base) {
    case 'INTEGER':
      return (bytes) => sized(bytes, 4, 'Integer').readInt32BE(0);
    case 'BIGINT':
      return (bytes) => sized(bytes, 8, 'Long').readBigInt64BE(0);
    case 'DOUBLE':
      return (bytes) => sized(bytes, 8, 'Double').readDoubleBE(0);
    case 'STRING':
      return (bytes) => bytes.toString('utf8');
    default:
      return (bytes) => bytes;
  }
}

function writer(type: SqlType): (value: Exclude<Value, null>) => Buffer {
  switch (type.base) {
    case 'INTEGER':
      return (value) => {
        const bytes = Buffer.allocUnsafe(4);
        bytes.writeInt32BE(value as number, 0);
        return bytes;
      };
    case 'BIGINT':
      return (value) => {
        const bytes = Buffer.allocUnsafe(8);
        bytes.writeBigInt64BE(value as bigint, 0);
        return bytes;
      };
    case 'DOUBLE':
      return (value) => {
        const bytes = Buffer.allocUnsafe(8);
        bytes.writeDoubleBE(value as number, 0);
        return bytes;
      };
    case 'STRING':
      return (value) => Buffer.from(value as string, 'utf8');
    default:
      return (value) => value as Buffer;
  }
}

function sized(bytes: Buffer, size: number, name: string): Buffer {
  if (bytes.length !== size) {
    throw new Error(`Size of data received by ${name}Deserializer is not ${size}`);
  }
  return bytes;
}
