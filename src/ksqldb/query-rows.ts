import type { Readable } from 'node:stream';
import type { SimpleBase, SqlType } from '../sql/sql-type.js';
import { type ExactJson, parseExact, plain } from './exact-json.js';
import { KsqldbError } from './ksqldb-error.js';
import { type RowValue, typedValue } from './row-value.js';

export interface QueryColumn {
  readonly name: string;
  readonly type: SqlType;
}

export type QueryRow = readonly RowValue[];

/** A running query. Its header has arrived, and iteration reads its rows. Leaving the loop ends it on the server. */
export interface QueryRows extends AsyncIterable<QueryRow> {
  readonly queryId: string | null;
  readonly columns: readonly QueryColumn[];
  /** Ends the query and the iteration. */
  close(): void;
}

async function* lines(stream: Readable): AsyncGenerator<string> {
  let rest = '';
  stream.setEncoding('utf8');
  for await (const chunk of stream) {
    rest += chunk as string;
    let start = 0;
    for (let end = rest.indexOf('\n'); end >= 0; end = rest.indexOf('\n', start)) {
      const line = rest.slice(start, end).trim();
      start = end + 1;
      if (line !== '') yield line;
    }
    rest = rest.slice(start);
  }
  if (rest.trim() !== '') yield rest.trim();
}

function parseLine(line: string, where: string): ExactJson {
  try {
    return parseExact(line);
  } catch (cause) {
    throw new KsqldbError('KSQLDB_PROTOCOL', 'The answer to the query broke off or is not JSON.', {
      where,
      cause,
    });
  }
}

const SIMPLE: ReadonlySet<string> = new Set<SimpleBase>([
  'BOOLEAN',
  'INTEGER',
  'BIGINT',
  'DOUBLE',
  'STRING',
  'BYTES',
  'DATE',
  'TIME',
  'TIMESTAMP',
]);

/**
 * A server sends only resolved types, without names of CREATE TYPE. The parser is loaded only if a type
 * needs it. Most responses, such as those for the migration history, have simple types.
 */
async function columnType(text: string): Promise<SqlType> {
  if (SIMPLE.has(text)) return { base: text as SimpleBase };
  const { parseType } = await import('../sql/parse.js');
  return parseType(text) as SqlType;
}

/** Reads a response in `application/vnd.ksqlapi.delimited.v1`: a header line, then one array per row. */
export async function readQueryRows(stream: Readable, close: () => void, where: string): Promise<QueryRows> {
  let closed = false;
  const source = lines(stream);
  const first = await source.next();
  if (first.done === true) {
    throw new KsqldbError('KSQLDB_PROTOCOL', 'The server ended the answer before its header.', { where });
  }
  const header = plain(parseLine(first.value, where)) as {
    queryId?: string | null;
    columnNames: string[];
    columnTypes: string[];
  };
  const columns = await Promise.all(
    header.columnNames.map(async (name, i) => ({
      name,
      type: await columnType(header.columnTypes[i] ?? 'STRING'),
    })),
  );

  async function* rows(): AsyncGenerator<QueryRow> {
    try {
      for (let next = await source.next(); next.done !== true; next = await source.next()) {
        if (closed) return;
        const line = parseLine(next.value, where);
        if (Array.isArray(line)) {
          yield line.map((value, i) => typedValue(value, columns[i]?.type ?? { base: 'STRING' }));
          continue;
        }
        const message = plain(line) as { error_code?: number; message?: string };
        if (message.error_code !== undefined) {
          throw new KsqldbError('KSQLDB_SERVER', message.message ?? 'The query failed.', {
            where,
            errorCode: message.error_code,
          });
        }
      }
    } catch (error) {
      // A stream that we closed ends with an abort. That is the end of the rows, not an error.
      if (closed) return;
      if (error instanceof KsqldbError) throw error;
      throw new KsqldbError('KSQLDB_UNREACHABLE', 'The connection was lost while the query ran.', {
        where,
        cause: error,
      });
    } finally {
      closed = true;
      close();
    }
  }

  return {
    queryId: header.queryId ?? null,
    columns,
    close: () => {
      closed = true;
      close();
    },
    [Symbol.asyncIterator]: rows,
  };
}
