/**
 * The three formats in which rows are sent.
 *
 * Source: https://docs.ksqldb.io/en/latest/developer-guide/ksqldb-rest-api/streaming-endpoint/
 */
import type { RowSource } from '../engine/row-source.js';
import type { ErrorBody } from '../rest-error.js';
import { typeText } from '../schema/schema-text.js';
import type { Value } from '../types/value.js';
import { delimitedType, jsonType, ksqlV1JsonType, type MediaType } from './accept.js';
import { rowWriter } from './json-values.js';

/** Each method returns the text to send, which may be empty. */
export interface RowWriter {
  readonly contentType: MediaType;
  header(): string;
  row(values: readonly Value[], isTombstone: boolean): string;
  error(error: ErrorBody): string;
  /** `message` is "Limit Reached" or "Query Completed", for formats that include it. */
  end(message: string | undefined): string;
}

export function rowWriterFor(mediaType: MediaType, source: RowSource): RowWriter {
  switch (mediaType) {
    case delimitedType:
      return delimited(source);
    case ksqlV1JsonType:
      return streamedRows(source);
    default:
      return jsonArray(source);
  }
}

function metadata({ queryId, columns }: RowSource): string {
  return JSON.stringify({
    queryId,
    columnNames: columns.map(({ name }) => name),
    columnTypes: columns.map(({ type }) => typeText(type)),
  });
}

/** One line for the header and one per row. Tombstones are omitted. */
function delimited(source: RowSource): RowWriter {
  const write = rowWriter(source.rowTypes ?? source.columns.map(({ type }) => type));
  return {
    contentType: delimitedType,
    header: () => `${metadata(source)}\n`,
    row: (values, isTombstone) => (isTombstone ? '' : `${write(values)}\n`),
    error: (error) => `${JSON.stringify(error)}\n`,
    end: () => '',
  };
}

/** One JSON array with the header and the rows. Tombstones are omitted. */
function jsonArray(source: RowSource): RowWriter {
  const write = rowWriter(source.rowTypes ?? source.columns.map(({ type }) => type));
  return {
    contentType: jsonType,
    header: () => `[${metadata(source)}`,
    row: (values, isTombstone) => (isTombstone ? '' : `,${write(values)}`),
    error: (error) => `,${JSON.stringify(error)}`,
    end: () => ']',
  };
}

/** One JSON array of objects, each with one of these fields: `header`, `row`, `errorMessage`, `finalMessage`. */
function streamedRows(source: RowSource): RowWriter {
  const write = rowWriter(source.rowTypes ?? source.columns.map(({ type }) => type));
  const header = JSON.stringify({ header: { queryId: source.queryId, schema: source.schemaText } });
  // A pull query on a table has no final message. A row is written only when the next one is known or the query ends.
  const isPull = source.kind === 'PULL_TABLE';
  const item = isPull ? (text: string) => `,\n${text}` : (text: string) => `${text},\n`;
  return {
    contentType: ksqlV1JsonType,
    header: () => (isPull ? `[${header}` : `[${header},\n`),
    row: (values, isTombstone) =>
      item(`{"row":{"columns":${write(values)}${isTombstone ? ',"tombstone":true' : ''}}}`),
    error: (error) => (isPull ? `,\n` : '') + JSON.stringify({ errorMessage: error }),
    end: (message) =>
      isPull || message === undefined ? ']' : `${JSON.stringify({ finalMessage: message })}]`,
  };
}
