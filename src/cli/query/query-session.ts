import type { Readable } from 'node:stream';
import { PaystreamError } from '../../errors/paystream-error.js';
import type { KsqldbClient } from '../../ksqldb/ksqldb-client.js';
import { KsqldbError } from '../../ksqldb/ksqldb-error.js';
import { SessionSettings } from '../../ksqldb/session-settings.js';
import type { Statement } from '../../sql/ast.js';
import { parseStatement } from '../../sql/parse.js';
import { splitStatements } from '../../sql/split-statements.js';
import { SqlSyntaxError } from '../../sql/sql-syntax-error.js';
import { note } from '../output.js';
import { entityLines } from './entity-text.js';
import { type OutputMode, rowWriter } from './row-writer.js';
import { readSqlFile } from './sql-file.js';

/** Runs statements in order. SET and DEFINE apply to the statements that follow. */
export class QuerySession {
  readonly #client: KsqldbClient;
  readonly #write: (line: string) => void;
  readonly #settings: SessionSettings;
  mode: OutputMode;

  constructor(
    client: KsqldbClient,
    options: {
      readonly mode: OutputMode;
      readonly properties?: Readonly<Record<string, string>>;
      readonly variables?: Readonly<Record<string, string>>;
      readonly write: (line: string) => void;
    },
  ) {
    this.#client = client;
    this.mode = options.mode;
    this.#write = options.write;
    this.#settings = new SessionSettings(options);
  }

  /** Runs all statements of a text. Aborting the signal ends the running query and skips the rest. */
  async run(sql: string, signal: AbortSignal): Promise<void> {
    for (const raw of splitStatements(sql)) {
      if (signal.aborted) return;
      try {
        await this.#runOne(`${raw.text}\n;`, signal);
      } catch (error) {
        throw pointedAt(error, sql, raw.line, raw.column);
      }
    }
  }

  async #runOne(sql: string, signal: AbortSignal): Promise<void> {
    const tree = this.#parse(sql);
    if (tree !== undefined && this.#settings.take(tree)) return;
    switch (tree?.kind) {
      case 'RunScript':
        await this.run(readSqlFile(tree.file), signal);
        return;
      case 'Query':
        await this.#query(sql, signal);
        return;
      case 'Print':
        await this.#print(sql, signal);
        return;
      default:
        // The server may know statements that this parser does not. It also reports invalid ones.
        if (tree === undefined && firstWord(sql) === 'SELECT') await this.#query(sql, signal);
        else if (tree === undefined && firstWord(sql) === 'PRINT') await this.#print(sql, signal);
        else await this.#execute(sql);
    }
  }

  #parse(sql: string): Statement | undefined {
    try {
      return parseStatement(sql, { variables: this.#settings.variables });
    } catch (error) {
      if (error instanceof SqlSyntaxError) return undefined;
      throw error;
    }
  }

  async #execute(sql: string): Promise<void> {
    const entities = await this.#client.execute(sql, this.#settings.request);
    for (const entity of entities) {
      const status = await this.#client.waitFor(entity);
      const shown = status === null ? entity : { ...entity, commandStatus: status };
      for (const line of entityLines(shown, this.mode)) this.#write(line);
      for (const warning of entity.warnings) note(`warning: ${warning.message}`);
    }
  }

  async #query(sql: string, signal: AbortSignal): Promise<void> {
    let rows: Awaited<ReturnType<KsqldbClient['query']>>;
    try {
      rows = await this.#client.query(sql, { ...this.#settings.request, signal });
    } catch (error) {
      if (signal.aborted) return;
      throw error;
    }
    const { queryId } = rows;
    const writer = rowWriter(this.mode, rows.columns, this.#write);
    try {
      for await (const row of rows) writer.row(row);
    } finally {
      writer.end();
      if (signal.aborted && queryId !== null) await this.#endOnServer(queryId);
    }
  }

  /** Ends a push query explicitly: behind a proxy, the server does not see the connection close. */
  async #endOnServer(queryId: string): Promise<void> {
    try {
      await this.#client.closeQuery(queryId);
    } catch (error) {
      // The query has already ended.
      if (!(error instanceof KsqldbError)) throw error;
    }
  }

  async #print(sql: string, signal: AbortSignal): Promise<void> {
    let stream: Readable | undefined;
    try {
      stream = await this.#client.print(sql, { ...this.#settings.request, signal });
      stream.setEncoding('utf8');
      let rest = '';
      for await (const chunk of stream) {
        const lines = (rest + String(chunk)).split('\n');
        rest = lines.pop() ?? '';
        // The server sends empty lines to keep the connection alive.
        for (const line of lines) if (line !== '') this.#write(line);
      }
      if (rest !== '') this.#write(rest);
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      stream?.destroy();
    }
  }
}

function firstWord(sql: string): string {
  return sql.trimStart().slice(0, 6).trim().toUpperCase();
}

/** Adds the line that the error refers to, with a mark under the position. */
function pointedAt(error: unknown, sql: string, line: number, column: number): unknown {
  if (!(error instanceof KsqldbError) || error.code !== 'KSQLDB_STATEMENT') return error;
  // ksqlDB reports "line 1:15" for syntax and "Line: 1, Col: 15" for names. Both count from 1 within the statement.
  const place = /\bline (\d+):(\d+)/.exec(error.message) ?? /\bLine: (\d+), Col: (\d+)/.exec(error.message);
  if (place === null) return error;
  const inStatement = Number(place[1]);
  const at = Number(place[2]);
  const shownLine = sql.split('\n')[line - 1 + inStatement - 1];
  if (shownLine === undefined) return error;
  const shownColumn = inStatement === 1 ? column + at : at;
  const mark = `${' '.repeat(Math.max(0, shownColumn - 1))}^`;
  return new PaystreamError(error.code, error.message, {
    where: `line ${line - 1 + inStatement}, column ${shownColumn}\n\n    ${shownLine}\n    ${mark}`,
    hint: error.hint,
    cause: error,
  });
}
