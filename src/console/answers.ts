import { PaystreamError } from '../errors/paystream-error.js';
import type { FieldDescription, SourceDescription } from '../ksqldb/entities.js';
import { fieldTypeText } from '../ksqldb/field-type.js';
import type { KsqldbClient } from '../ksqldb/ksqldb-client.js';
import { KsqldbError } from '../ksqldb/ksqldb-error.js';
import { planMigrations } from '../migrations/plan.js';
import { readStatus } from '../migrations/read-status.js';
import { readPipelineStatus } from '../pipeline/pipeline-status.js';
import { formatType } from '../sql/format-type.js';
import { quote } from '../sql/identifiers.js';
import { maskCardNumbers } from './card-numbers.js';
import { cellOf } from './cells.js';
import type { ConsoleContext, ConsoleMigrations } from './console-context.js';
import type {
  Catalog,
  Cell,
  DriftAnswer,
  HealthAnswer,
  MigrationsAnswer,
  PlanAnswer,
  Sample,
  SourceDetail,
  WireField,
} from './wire.js';
import { wireError } from './wire-error.js';

const SAMPLE_ROWS = 8;
const SAMPLE_MS = 3_000;
const ACTIVITY_TABLE = 'PAYMENT_ACTIVITY';

function fieldsOf(fields: readonly FieldDescription[]): readonly WireField[] {
  return fields.map(({ name, type, schema }) => ({
    name,
    type: fieldTypeText(schema),
    ...(type === undefined ? {} : { role: type }),
  }));
}

/** Returns columns, topic, statement and queries of a stream or table. */
export async function sourceDetail(client: KsqldbClient, name: string): Promise<SourceDetail> {
  const [entity] = await client.execute(`DESCRIBE ${quote(name)} EXTENDED;`);
  const source = entity?.raw.sourceDescription as SourceDescription;
  return {
    name: source.name,
    kind: source.type,
    topic: source.topic,
    keyFormat: source.keyFormat,
    valueFormat: source.valueFormat,
    windowType: source.windowType,
    partitions: source.partitions,
    replication: source.replication,
    timestamp: source.timestamp,
    statement: source.statement,
    fields: fieldsOf(source.fields),
    readQueries: source.readQueries.map(({ id }) => id),
    writeQueries: source.writeQueries.map(({ id }) => id),
  };
}

/** Returns the first few records of a stream or table with masked card numbers. Waits at most three seconds. */
export async function sampleOf(client: KsqldbClient, name: string, closed: AbortSignal): Promise<Sample> {
  const sql = `SELECT * FROM ${quote(name)} EMIT CHANGES LIMIT ${SAMPLE_ROWS};`;
  const rows = await client.query(sql, { properties: { 'auto.offset.reset': 'earliest' }, signal: closed });
  const timer = setTimeout(() => rows.close(), SAMPLE_MS);
  const sample: (readonly Cell[])[] = [];
  try {
    for await (const row of rows) {
      sample.push(row.map((value, i) => masked(cellOf(value), rows.columns[i]?.name ?? '')));
      if (sample.length >= SAMPLE_ROWS) break;
    }
  } finally {
    clearTimeout(timer);
    rows.close();
  }
  return { columns: rows.columns.map(({ name, type }) => ({ name, type: formatType(type) })), rows: sample };
}

function masked(cell: Cell, column: string): Cell {
  return cell === null ? null : maskCardNumbers(cell, column.toUpperCase().includes('CARD'));
}

/** Returns the names that the editor completes. */
export async function catalogOf(client: KsqldbClient): Promise<Catalog> {
  const [streams, tables, functions] = await client.execute(
    'LIST STREAMS EXTENDED; LIST TABLES EXTENDED; LIST FUNCTIONS;',
  );
  const described = [streams, tables].flatMap(
    (entity) => (entity?.raw.sourceDescriptions ?? []) as readonly SourceDescription[],
  );
  return {
    sources: described.map((source) => ({
      name: source.name,
      kind: source.type,
      fields: fieldsOf(source.fields),
    })),
    functions: (functions?.raw.functions ?? []) as Catalog['functions'],
  };
}

/** Returns the variants of a function, for the editor. */
export async function functionDetail(client: KsqldbClient, name: string): Promise<unknown> {
  const [entity] = await client.execute(`DESCRIBE FUNCTION ${quote(name)};`);
  const raw = entity?.raw;
  return { name: raw?.name, description: raw?.description, functions: raw?.functions };
}

/** Returns payments by channel, currency and hour. Windows are in epoch milliseconds. */
export async function activity(client: KsqldbClient, hours: number): Promise<Sample> {
  const since = Math.floor(Date.now() / 3_600_000 - hours + 1) * 3_600_000;
  const { columns, rows } = await client.pullResult(
    `SELECT * FROM ${quote(ACTIVITY_TABLE)} WHERE WINDOWSTART >= ${since};`,
    { timeoutMs: 5_000 },
  );
  return {
    columns: columns.map(({ name, type }) => ({ name, type: formatType(type) })),
    rows: rows.map((row) => row.map(cellOf)),
  };
}

function needMigrations(context: ConsoleContext): ConsoleMigrations {
  if (context.migrations === undefined) {
    throw new PaystreamError('CONSOLE_NO_MIGRATIONS', 'The console has no migrations folder.', {
      hint: 'Start the console in the project folder, or with --directory.',
    });
  }
  return context.migrations;
}

export async function migrationsAnswer(context: ConsoleContext): Promise<MigrationsAnswer> {
  const { directory, history } = needMigrations(context);
  const status = await readStatus({ client: context.client, directory, history });
  const { lock } = status;
  return {
    version: status.version,
    directory,
    lock: lock === undefined ? null : { holder: lock.holder, since: lock.since },
    problems: status.problems.map(({ severity, message, hint }) => ({ severity, message, hint })),
    versions: status.versions.map((version) => ({
      version: version.version,
      name: version.name,
      state: version.state,
      undo: version.undo,
      ...(version.startedOn === undefined ? {} : { startedOn: version.startedOn.toISOString() }),
      ...(version.completedOn === undefined ? {} : { completedOn: version.completedOn.toISOString() }),
      ...(version.error === undefined || version.error === 'N/A' ? {} : { error: version.error }),
      ...(version.failedAt === undefined ? {} : { failedAt: version.failedAt }),
    })),
  };
}

/** Returns what `migrate` would run, validated by the server and linted. Changes nothing. */
export async function planAnswer(context: ConsoleContext): Promise<PlanAnswer> {
  const { directory, variables, history } = needMigrations(context);
  const plan = await planMigrations({ client: context.client, directory, variables, history });
  const { refusal } = plan;
  return {
    version: plan.version,
    files: plan.files.map(({ file, resumesAt, statements, findings }) => ({
      version: file.version,
      name: file.name,
      path: file.path,
      ...(resumesAt === undefined ? {} : { resumesAt }),
      statements: statements.map(({ number, line, text, changes }) => ({ number, line, text, changes })),
      findings: findings.map(({ code, severity, line, message, instead }) => ({
        code,
        severity,
        line,
        message,
        instead,
      })),
    })),
    ...(refusal === undefined
      ? {}
      : {
          refusal: {
            path: refusal.file.path,
            line: refusal.line,
            statement: refusal.statement,
            message: refusal.message,
          },
        }),
  };
}

export async function driftAnswer(context: ConsoleContext): Promise<DriftAnswer> {
  const migrations = needMigrations(context);
  // Import lazily: this loads the embedded cluster, which no other page needs.
  const { readDrift } = await import('../testing/read-drift.js');
  const { differences } = await readDrift({ client: context.client, ...migrations });
  return { differences };
}

/** The verdict of `paystream status`; where nobody gave it, the part that ksqlDB knows. */
export async function healthAnswer(context: ConsoleContext): Promise<HealthAnswer> {
  try {
    return await readPipelineStatus(context.client, context.sources);
  } catch (error) {
    if (!(error instanceof KsqldbError)) throw error;
    // A server that is down is a verdict, not a failure of the page.
    const { message, hint } = wireError(error);
    return {
      status: 'unhealthy',
      findings: [{ word: 'unhealthy', message, ...(hint === undefined ? {} : { hint }) }],
      queries: [],
      channels: [],
      lags: [],
      rejected: null,
      processingLogErrors: null,
    };
  }
}
