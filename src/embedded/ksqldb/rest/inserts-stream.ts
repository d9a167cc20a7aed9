/**
 * POST /inserts-stream: one line with arguments, then one line per row. Every row is acknowledged.
 *
 * Source: https://docs.ksqldb.io/en/latest/developer-guide/ksqldb-rest-api/streaming-endpoint/
 */
import type { DataSource } from '../catalog/data-source.js';
import { KsqlException, messageOf } from '../errors.js';
import { JsonSyntaxError, parseExactJson } from '../jackson-json.js';
import { errorCodes, genericError, RestError } from '../rest-error.js';
import { appendRow, encodeRow } from '../runtime/record-writer.js';
import type { StatementContext } from '../statements/context.js';
import { targetOf } from '../statements/insert-values.js';
import { jsonType, type MediaType } from './accept.js';
import type { Exchange } from './exchange.js';
import { rowOfJson } from './json-coercion.js';
import { parseBody, sessionProperties, textField, unknownPropertyOnQuery } from './requests.js';

/** Longer lines are rejected, because a line has to fit in memory. */
const longestLine = 4 * 1024 * 1024;

export async function insertsStream(
  context: StatementContext,
  exchange: Exchange,
  mediaType: MediaType,
): Promise<void> {
  if (!exchange.isHttp2) {
    throw genericError(400, errorCodes.http2Only, 'This endpoint is only available when using HTTP2');
  }
  const isJson = mediaType === jsonType;
  let source: DataSource | undefined;
  let sequence = 0;
  let sent = 0;
  const send = async (entity: object): Promise<void> => {
    const text = JSON.stringify(entity);
    const framed = isJson ? `${sent === 0 ? '[' : ','}${text}` : `${text}\n`;
    sent++;
    if (!exchange.write(framed)) await exchange.drained();
  };
  const finish = (): void => {
    if (isJson) exchange.write(sent === 0 ? '[]' : ']');
    exchange.end();
  };
  for await (const line of linesOf(exchange)) {
    if (exchange.isClosed) return;
    if (source === undefined) {
      source = openTarget(context, line);
      exchange.begin(undefined);
      continue;
    }
    const seq = sequence++;
    const failure = insert(context, source, line);
    if (failure === undefined) {
      await send({ seq, status: 'ok' });
      continue;
    }
    await send({ '@type': 'InsertError', status: 'error', seq, ...failure });
    finish();
    return;
  }
  if (source === undefined) openTarget(context, '');
  finish();
}

async function* linesOf(exchange: Exchange): AsyncGenerator<string, void, undefined> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of exchange.request as AsyncIterable<Buffer>) {
    rest += decoder.decode(chunk, { stream: true });
    let end = rest.indexOf('\n');
    while (end >= 0) {
      const line = rest.slice(0, end);
      rest = rest.slice(end + 1);
      if (line.trim() !== '') yield line;
      end = rest.indexOf('\n');
    }
    if (rest.length > longestLine) {
      throw genericError(413, errorCodes.requestTooLarge, `A row is longer than ${longestLine} characters`);
    }
  }
  if (rest.trim() !== '') yield rest;
}

function openTarget(context: StatementContext, line: string): DataSource {
  const args = parseBody(line);
  const properties = args.get('properties') ?? null;
  if (properties instanceof Map) {
    sessionProperties(Object.fromEntries(properties), unknownPropertyOnQuery);
  }
  const target = textField(args, 'target') ?? '';
  try {
    return targetOf(context.engine, nameOf(target), '');
  } catch (error) {
    if (!(error instanceof KsqlException)) throw error;
    throw genericError(400, errorCodes.badStatement, error.message, error);
  }
}

/** Reads a name as SQL does: unquoted names are upper-cased. */
function nameOf(target: string): string {
  const quote = target[0];
  if (target.length > 1 && (quote === '`' || quote === '"') && target.endsWith(quote)) {
    return target.slice(1, -1);
  }
  if (!/^[A-Za-z_][A-Za-z0-9_@]*$/.test(target)) {
    throw genericError(
      400,
      errorCodes.badStatement,
      `Invalid target name: Invalid identifier text: ${target}. A valid identifier is made of letters, digits and '_', or is quoted.`,
    );
  }
  return target.toUpperCase();
}

function insert(
  context: StatementContext,
  source: DataSource,
  line: string,
): { readonly message: string; readonly error_code: number } | undefined {
  try {
    const node = parseExactJson(line);
    if (!(node instanceof Map)) throw new JsonSyntaxError('not an object');
    const row = encodeRow(
      source,
      { ...rowOfJson(source, node), time: context.clock() },
      context.engine.registry,
    );
    appendRow(context.engine.store, source.topic, row);
    return undefined;
  } catch (error) {
    if (error instanceof JsonSyntaxError) {
      return { message: 'Invalid JSON in inserts stream', error_code: errorCodes.badRequest };
    }
    if (error instanceof RestError) {
      return { message: error.body.message, error_code: error.body.error_code };
    }
    if (error instanceof KsqlException) {
      return { message: messageOf(error), error_code: errorCodes.serverError };
    }
    throw error;
  }
}
