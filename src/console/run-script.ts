import type { Readable } from 'node:stream';
import { CodedError, PaystreamError } from '../errors/paystream-error.js';
import type { Entity } from '../ksqldb/entities.js';
import { stringifyExact } from '../ksqldb/exact-json.js';
import type { KsqldbClient } from '../ksqldb/ksqldb-client.js';
import { KsqldbError } from '../ksqldb/ksqldb-error.js';
import type { QueryRows } from '../ksqldb/query-rows.js';
import type { Statement } from '../sql/ast.js';
import { formatType } from '../sql/format-type.js';
import { parseStatements } from '../sql/parse.js';
import { splitStatements } from '../sql/split-statements.js';
import { SqlSyntaxError } from '../sql/sql-syntax-error.js';
import { cellOf } from './cells.js';
import { tableOf } from './entity-table.js';
import type { Cell, RunEvent, RunRequest, Span } from './wire.js';
import { wireError } from './wire-error.js';

export interface RunOptions extends RunRequest {
  readonly client: KsqldbClient;
  readonly allowWrite: boolean;
  /** Ends the run and its query on the server. */
  readonly signal: AbortSignal;
  /** Resolves when the reader is ready for more, so rows are not read faster than they are consumed. */
  readonly emit: (event: RunEvent) => Promise<void>;
}

/** Rows are sent in batches, at least this often. */
const BATCH_MS = 50;
const BATCH_ROWS = 500;

const READS: ReadonlySet<Statement['kind']> = new Set<Statement['kind']>([
  'Query',
  'Print',
  'List',
  'Describe',
  'DescribeAll',
  'DescribeFunction',
  'DescribeConnector',
  'Explain',
  'AssertTopic',
  'AssertSchema',
]);

/** These affect only the statements that follow. */
const SESSION: ReadonlySet<Statement['kind']> = new Set<Statement['kind']>([
  'SetProperty',
  'UnsetProperty',
  'Define',
  'Undefine',
]);

interface Step {
  /** The statement after variable substitution. */
  readonly text: string;
  readonly at: Span;
  /** Undefined if our grammar cannot parse the statement. The server's grammar may be newer. */
  readonly tree: Statement | undefined;
  /** Position of our syntax error. It is reported only if the server rejects the statement as well. */
  readonly doubt?: Span;
}

/**
 * Runs the statements of a script one after another and stops at the first error. Without `allowWrite`, a script with a
 * statement that would change the cluster is rejected before any of it runs.
 */
export async function runScript(options: RunOptions): Promise<void> {
  const { sql, emit, signal, allowWrite } = options;
  let at: Span | undefined;
  let doubt: Span | undefined;
  let text = '';
  try {
    const steps = stepsOf(sql, allowWrite);
    const properties = new Map([['auto.offset.reset', options.offsetReset as string]]);
    for (const step of steps) {
      if (signal.aborted) break;
      at = step.at;
      doubt = step.doubt;
      text = step.text;
      await emit({ type: 'statement', text: step.text, at });
      const started = performance.now();
      await runStep(step, properties, options);
      await emit({ type: 'done', ms: Math.round(performance.now() - started) });
    }
  } catch (error) {
    if (signal.aborted) return;
    if (!(error instanceof CodedError)) console.error(error);
    const place =
      error instanceof RefusedWrite
        ? error.at
        : (syntaxSpan(error, sql) ?? doubt ?? serverSpan(error, sql, at, text) ?? at);
    await emit({
      type: 'error',
      error: wireError(error),
      ...(place === undefined ? {} : { at: place }),
    });
  }
  await emit({ type: 'end' });
}

class RefusedWrite extends PaystreamError {
  readonly at: Span;

  constructor(line: number, at: Span) {
    super('CONSOLE_READ_ONLY', 'The console is read-only, and this statement would change the cluster.', {
      where: `line ${line}`,
      hint: 'Write a migration, or start the console with --allow-write.',
    });
    this.at = at;
  }
}

function stepsOf(sql: string, allowWrite: boolean): readonly Step[] {
  try {
    return parseStatements(sql).map((tree) => {
      const at = { from: tree.at?.start ?? 0, to: tree.at?.end ?? sql.length };
      if (!allowWrite && !READS.has(tree.kind) && !SESSION.has(tree.kind)) {
        throw new RefusedWrite(tree.at?.line ?? 1, at);
      }
      return { text: tree.text, at, tree };
    });
  } catch (error) {
    // Leave unknown syntax to the server only if writes are allowed.
    if (!allowWrite || !(error instanceof SqlSyntaxError)) throw error;
    return splitStatements(sql).map(({ text, start, end }) => stepOf(text, { from: start, to: end }));
  }
}

/** Parses a single statement of a script that cannot be parsed as a whole. */
function stepOf(text: string, at: Span): Step {
  try {
    return { text, at, tree: parseStatements(`${text};`)[0] };
  } catch (error) {
    const doubt = syntaxSpan(error, text);
    if (doubt === undefined) throw error;
    return { text, at, tree: undefined, doubt: { from: at.from + doubt.from, to: at.from + doubt.to } };
  }
}

/** Returns the span of the word that caused a syntax error. */
function syntaxSpan(error: unknown, sql: string): Span | undefined {
  if (!(error instanceof SqlSyntaxError)) return undefined;
  const from = Math.max(0, Math.min(error.offset, sql.length - 1));
  const length = error.offending === '<EOF>' ? 1 : Math.max(1, error.offending.length);
  return { from, to: Math.min(from + length, sql.length) };
}

/** Returns the span that the server names in its error: `Line: 1, Col: 8: ...`, both from 1. */
function serverSpan(error: unknown, sql: string, at: Span | undefined, sent: string): Span | undefined {
  if (!(error instanceof KsqldbError) || at === undefined) return undefined;
  const [, line, column] = /^Line: (\d+), Col: (\d+):/.exec(error.message) ?? [];
  // After variable substitution, the positions refer to a different text.
  if (line === undefined || sql.slice(at.from, at.to) !== sent) return undefined;
  const before = sent.split('\n').slice(0, Number(line) - 1);
  const offset = before.reduce((sum, text) => sum + text.length + 1, 0) + Number(column) - 1;
  const word = /^(`[^`]*`|[\w.]+)/.exec(sent.slice(offset))?.[0];
  return word === undefined ? undefined : { from: at.from + offset, to: at.from + offset + word.length };
}

async function runStep(step: Step, session: Map<string, string>, options: RunOptions): Promise<void> {
  const { client, emit, signal } = options;
  const { tree } = step;
  const text = `${step.text};`;
  const properties = Object.fromEntries(session);
  switch (tree?.kind) {
    case 'SetProperty':
      session.set(tree.property, tree.value);
      return await emit({ type: 'message', text: `${tree.property} is now ${tree.value}.` });
    case 'UnsetProperty':
      session.delete(tree.property);
      return await emit({ type: 'message', text: `${tree.property} is reset to the server's default.` });
    case 'Define':
    case 'Undefine':
      return await emit({ type: 'message', text: 'Done.' });
    case 'Query': {
      const rows = await client.query(text, { properties, signal });
      const columns = rows.columns.map(({ name, type }) => ({ name, type: formatType(type) }));
      await emit({ type: 'columns', columns, push: tree.query.emit !== undefined, queryId: rows.queryId });
      return await forwardRows(rows, options);
    }
    case 'Print': {
      const stream = await client.print(text, { properties, signal });
      await emit({
        type: 'columns',
        columns: [{ name: 'record', type: 'STRING' }],
        push: true,
        queryId: null,
      });
      return await forwardLines(stream, options);
    }
    default: {
      const reads = tree !== undefined && READS.has(tree.kind);
      const entities = reads
        ? await client.execute(text, { properties })
        : await client.executeAndWait(text, { properties });
      for (const entity of entities) await showEntity(entity, options);
      if (entities.length === 0) await emit({ type: 'message', text: 'Done.' });
    }
  }
}

/** Batches rows for a short time, so that a fast query sends only a few messages per second. */
class Batches {
  readonly #emit: RunOptions['emit'];
  #rows: (readonly Cell[])[] = [];
  #since = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(emit: RunOptions['emit']) {
    this.#emit = emit;
  }

  async add(row: readonly Cell[]): Promise<void> {
    if (this.#rows.length === 0) this.#since = performance.now();
    this.#rows.push(row);
    if (this.#rows.length >= BATCH_ROWS || performance.now() - this.#since >= BATCH_MS)
      return await this.flush();
    this.#timer ??= setTimeout(() => void this.flush(), BATCH_MS);
  }

  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#rows.length === 0) return;
    const rows = this.#rows;
    this.#rows = [];
    await this.#emit({ type: 'rows', rows });
  }
}

async function forwardRows(rows: QueryRows, { emit }: RunOptions): Promise<void> {
  const batches = new Batches(emit);
  try {
    for await (const row of rows) await batches.add(row.map(cellOf));
  } finally {
    rows.close();
    await batches.flush();
  }
}

async function forwardLines(stream: Readable, { emit, signal }: RunOptions): Promise<void> {
  const batches = new Batches(emit);
  let rest = '';
  stream.setEncoding('utf8');
  try {
    for await (const chunk of stream) {
      const lines = (rest + (chunk as string)).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) if (line.trim() !== '') await batches.add([line.trim()]);
    }
  } catch (cause) {
    if (!signal.aborted) {
      throw new KsqldbError('KSQLDB_UNREACHABLE', 'Lost the connection while printing the topic.', {
        cause,
      });
    }
  } finally {
    stream.destroy();
    await batches.flush();
  }
}

async function showEntity(entity: Entity, { emit }: RunOptions): Promise<void> {
  for (const { message } of entity.warnings) await emit({ type: 'message', text: message });
  if (entity.commandStatus !== undefined) {
    return await emit({ type: 'message', text: entity.commandStatus.message });
  }
  const table = tableOf(entity.raw);
  if (table === undefined) return await emit({ type: 'message', text: stringifyExact(entity.raw, 2) });
  await emit({ type: 'columns', columns: table.columns, push: false, queryId: null });
  await emit({ type: 'rows', rows: table.rows });
  for (const text of table.texts) await emit({ type: 'message', text });
}
