/** Compares a response with a recorded one. docs/rest-recordings.md lists what is masked and what has no order. */

export interface Recording {
  readonly name: string;
  readonly path: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly http2?: boolean;
  /** How long the recorder waited, in seconds. */
  readonly maxTime?: number;
  readonly response: {
    readonly status: number;
    readonly contentType: string;
    readonly timedOut: boolean;
    readonly json?: unknown;
    readonly text?: string;
  };
}

export interface Reply {
  readonly status: number;
  readonly contentType: string;
  readonly text: string;
  readonly timedOut: boolean;
}

export interface CompareContext {
  /** `host:port` of the server that responded. */
  readonly host: string;
  readonly all: readonly Recording[];
}

const recordedHost = '127.0.0.1:8088';

/** Returns the differences as readable lines. Empty if the responses match. */
export function compareBodies(
  recording: Recording,
  reply: Reply,
  context: CompareContext,
): readonly string[] {
  const { response } = recording;
  const differences: string[] = [];
  differ('status', response.status, reply.status, differences);
  differ('contentType', response.contentType, reply.contentType, differences);
  if (response.timedOut !== reply.timedOut) {
    differences.push(`timedOut: expected ${response.timedOut}, got ${reply.timedOut}`);
  }
  const mask = (text: string, host: string): string => maskText(text.replaceAll(host, '<host>'));
  if (response.json === undefined) {
    compareText(
      recording,
      mask(response.text ?? '', recordedHost),
      mask(reply.text, context.host),
      context,
      differences,
    );
    return differences;
  }
  const actualText = mask(reply.text, context.host);
  let actual: unknown;
  try {
    actual = JSON.parse(actualText.trim());
  } catch {
    return [...differences, `body: expected JSON, got ${actualText.slice(0, 300)}`];
  }
  const expected: unknown = JSON.parse(mask(JSON.stringify(response.json), recordedHost));
  if (isRowArray(expected) && isRowArray(actual)) {
    compareRows(recording, expected.map(shown), actual.map(shown), context, differences);
  } else {
    compareValues('body', normalise(expected), normalise(actual), differences);
  }
  return differences;
}

function differ(what: string, expected: unknown, actual: unknown, differences: string[]): void {
  if (expected !== actual) {
    differences.push(`${what}: expected ${JSON.stringify(expected)}, got ${JSON.stringify(actual)}`);
  }
}

/** Masks ids and times inside texts. */
function maskText(text: string): string {
  return text
    .replace(/transient_([A-Z0-9_]*?)_\d{6,}(_\d{10,})?/g, 'transient_$1_<id>')
    .replace(/query_\d{10,}/g, 'query_<id>')
    .replace(/\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d\.\d{3} Z/g, '<time>')
    .replace(/last-message: [0-9T:.Z-]+/g, 'last-message: <time>')
    .replace(/messages-per-sec: +[0-9.]+/g, 'messages-per-sec: <rate>')
    .replace(/\b1[5-9]\d{11}\b/g, (digits) =>
      Number(digits) % 31_536_000_000 === 0 ? '"<window>"' : digits,
    );
}

function shown(value: unknown): string {
  return JSON.stringify(value);
}

/** Converts a response of /query or /query-stream to an array: a header, then rows. */
function isRowArray(value: unknown): value is readonly unknown[] {
  if (!Array.isArray(value)) return false;
  const first: unknown = value[0];
  return typeof first === 'object' && first !== null && ('header' in first || 'columnNames' in first);
}

function compareText(
  recording: Recording,
  expected: string,
  actual: string,
  context: CompareContext,
  differences: string[],
): void {
  const isRows = expected.startsWith('{"queryId"');
  if (isRows) {
    compareRows(recording, lines(expected), lines(actual), context, differences);
    return;
  }
  if (expected === actual) return;
  const expectedLines = lines(expected).toSorted();
  const actualLines = lines(actual).toSorted();
  compareValues('lines', expectedLines, actualLines, differences);
}

function lines(text: string): readonly string[] {
  return text.split('\n').filter((line) => line !== '');
}

/**
 * Compares rows without their order, because partitions have no order among each other. With a LIMIT, each row must be
 * one that ksqlDB returned in some run of the same query.
 */
function compareRows(
  recording: Recording,
  expected: readonly string[],
  actual: readonly string[],
  context: CompareContext,
  differences: string[],
): void {
  differ('header', expected[0], actual[0], differences);
  differ('rows', expected.length, actual.length, differences);
  if (!/LIMIT \d+;/.test(JSON.stringify(recording.body ?? ''))) {
    compareValues('rows', expected.slice(1).toSorted(), actual.slice(1).toSorted(), differences);
    return;
  }
  const known = new Set(context.all.filter(sameQuery(recording)).flatMap(rowsOf));
  for (const row of actual.slice(1)) {
    if (!known.has(columnsOf(JSON.parse(row)))) differences.push(`rows: unexpected ${row}`);
  }
}

function sqlOf({ body }: Recording): string | undefined {
  const request = body as { readonly ksql?: string; readonly sql?: string } | undefined;
  return request?.ksql ?? request?.sql;
}

function sameQuery(recording: Recording): (other: Recording) => boolean {
  return (other) => sqlOf(other) === sqlOf(recording);
}

function rowsOf({ response }: Recording): readonly string[] {
  if (response.text !== undefined) {
    return lines(response.text)
      .slice(1)
      .map((line) => columnsOf(JSON.parse(line)));
  }
  return Array.isArray(response.json) ? response.json.slice(1).map(columnsOf) : [];
}

/** Returns the same text for a row in any of the three formats. */
function columnsOf(row: unknown): string {
  const streamed = row as { readonly row?: { readonly columns?: unknown } };
  return JSON.stringify(streamed.row?.columns ?? row);
}

const unorderedBy: Readonly<Record<string, string>> = {
  streams: 'name',
  tables: 'name',
  sourceDescriptions: 'name',
  readQueries: 'id',
  writeQueries: 'id',
  tasksMetadata: 'taskId',
  topicSummaries: 'kafkaTopic',
};

const maskedFields: ReadonlySet<string> = new Set([
  'kafkaClusterId',
  'kafka-cluster',
  'timestamp',
  'endOffset',
  'committedOffset',
  'topology',
]);

const maskedProperties: ReadonlySet<string> = new Set([
  'ksql.extension.dir',
  'ksql.streams.state.dir',
  'ksql.streams.bootstrap.servers',
  'ksql.streams.application.server',
]);

interface JsonObject {
  readonly [name: string]: unknown;
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Masks values that differ between runs, drops fields that only ksqlDB has, and sorts lists without an order. */
function normalise(value: unknown, field = ''): unknown {
  if (Array.isArray(value)) {
    const kept = value.filter((item) => !isLeftOut(item));
    const items = kept.map((item) => normalise(item));
    const key = unorderedBy[field];
    return key === undefined
      ? items
      : items.toSorted((a, b) => (String((a as JsonObject)[key]) < String((b as JsonObject)[key]) ? -1 : 1));
  }
  if (!isObject(value)) return maskedFields.has(field) && value !== '' ? '<masked>' : value;
  const result: Record<string, unknown> = {};
  for (const [name, inner] of Object.entries(value)) result[name] = normalise(inner, name);
  // Paystream has its own descriptions of functions.
  if ('description' in result) result.description = '<text>';
  if (typeof value.name === 'string') {
    if (maskedProperties.has(value.name)) result.value = '<masked>';
    if (/messages-per-sec$|total-bytes$/.test(value.name)) result.value = '<rate>';
  }
  return result;
}

/** Drops finished push queries, which ksqlDB still lists, and the repartition topics of Kafka Streams. */
function isLeftOut(item: unknown): boolean {
  if (!isObject(item)) return false;
  if (item.queryType === 'PUSH' && 'statusCount' in item) return true;
  if (typeof item.kafkaTopic === 'string' && item.kafkaTopic.endsWith('-repartition')) return true;
  return typeof item.taskId === 'string' && !item.taskId.startsWith('0_');
}

function compareValues(path: string, expected: unknown, actual: unknown, differences: string[]): void {
  if (Array.isArray(expected) && Array.isArray(actual)) {
    if (expected.length !== actual.length) {
      differences.push(`${path}: expected ${expected.length} items, got ${actual.length}`);
    }
    for (let i = 0; i < Math.min(expected.length, actual.length); i++) {
      compareValues(`${path}[${i}]`, expected[i], actual[i], differences);
    }
    return;
  }
  if (isObject(expected) && isObject(actual)) {
    for (const name of new Set([...Object.keys(expected), ...Object.keys(actual)])) {
      if (!(name in actual)) differences.push(`${path}.${name}: missing, expected ${clip(expected[name])}`);
      else if (!(name in expected)) differences.push(`${path}.${name}: unexpected ${clip(actual[name])}`);
      else compareValues(`${path}.${name}`, expected[name], actual[name], differences);
    }
    return;
  }
  if (expected !== actual) differences.push(`${path}: expected ${clip(expected)}, got ${clip(actual)}`);
}

function clip(value: unknown): string {
  const text = JSON.stringify(value) ?? 'undefined';
  return text.length > 400 ? `${text.slice(0, 400)}…` : text;
}
