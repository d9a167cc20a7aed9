import { KsqlException } from '../errors.js';
import { delimitedFormat } from './delimited-format.js';
import type { Format } from './format.js';
import { jsonFormat } from './json-format.js';
import { kafkaFormat } from './kafka-format.js';
import { noneFormat } from './none-format.js';
import {
  avroFormat,
  jsonSchemaFormat,
  protobufFormat,
  protobufNoSrFormat,
} from './registry/registry-formats.js';

const formats: ReadonlyMap<string, Format> = new Map(
  [
    jsonFormat,
    delimitedFormat,
    kafkaFormat,
    noneFormat,
    avroFormat,
    protobufFormat,
    protobufNoSrFormat,
    jsonSchemaFormat,
  ].map((format) => [format.name, format]),
);

export const formatNames: readonly string[] = [...formats.keys()];

/** @throws KsqlException if no format has that name, ignoring case */
export function formatNamed(name: string): Format {
  const format = formats.get(name.toUpperCase());
  if (format === undefined) throw new KsqlException(`Unknown format: ${name.toUpperCase()}`);
  return format;
}
