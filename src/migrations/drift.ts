import type { FieldSchema, RunningQuery, SourceDescription } from '../ksqldb/entities.js';
import { formatStatement } from '../sql/format-statement.js';
import { parseStatement } from '../sql/parse.js';
import { SqlSyntaxError } from '../sql/sql-syntax-error.js';
import type { HistoryNames } from './history-store.js';
import { LOCK_STREAM } from './migration-lock.js';
import type { ServerObjects } from './server-objects.js';

/** One difference between what the migrations make and what the cluster has. */
export interface Difference {
  readonly kind: 'missing' | 'extra' | 'different' | 'not running';
  readonly what: 'stream' | 'table' | 'type' | 'topic' | 'query';
  readonly name: string;
  /** What differs, expected and found side by side. */
  readonly detail?: string;
}

/**
 * Compares a cluster with one on which the applied files were replayed: sources with their columns, topics and formats,
 * types, topics with their partitions, queries with their text and state. Replicas and other settings of topics are a
 * matter of each cluster. `expected` may hold topics that only the replay made.
 */
export function compareObjects(
  expected: ServerObjects,
  actual: ServerObjects,
  history: HistoryNames,
): readonly Difference[] {
  const own = new Set([history.stream, history.table, LOCK_STREAM, 'KSQL_PROCESSING_LOG']);
  return [
    ...compareSources(expected, actual, own),
    ...compareTypes(expected, actual),
    ...compareTopics(expected, actual, own),
    ...compareQueries(expected, actual, own),
  ];
}

function kindOf(source: SourceDescription): 'stream' | 'table' {
  return source.type === 'TABLE' ? 'table' : 'stream';
}

function compareSources(
  expected: ServerObjects,
  actual: ServerObjects,
  own: ReadonlySet<string>,
): Difference[] {
  const differences: Difference[] = [];
  for (const [name, wanted] of expected.sources) {
    if (own.has(name)) continue;
    const found = actual.sources.get(name);
    if (found === undefined) {
      differences.push({ kind: 'missing', what: kindOf(wanted), name });
      continue;
    }
    const detail = sourceDetail(wanted, found);
    if (detail !== '') differences.push({ kind: 'different', what: kindOf(wanted), name, detail });
  }
  for (const [name, found] of actual.sources) {
    if (!own.has(name) && !expected.sources.has(name)) {
      differences.push({ kind: 'extra', what: kindOf(found), name });
    }
  }
  return differences;
}

function sourceDetail(wanted: SourceDescription, found: SourceDescription): string {
  const facts = (source: SourceDescription): readonly (readonly [string, string])[] => [
    ['kind', source.type],
    ['topic', source.topic],
    ['key format', source.keyFormat],
    ['value format', source.valueFormat],
    ['window', source.windowType ?? 'none'],
    ['timestamp', source.timestamp === '' ? 'none' : source.timestamp],
  ];
  const found_ = new Map(facts(found));
  const parts = facts(wanted)
    .filter(([label, value]) => found_.get(label) !== value)
    .map(([label, value]) => `${label}: expected ${value}, found ${found_.get(label)}`);
  return [...parts, ...columnDetails(wanted, found)].join('; ');
}

function columnDetails(wanted: SourceDescription, found: SourceDescription): string[] {
  const columns = (source: SourceDescription) =>
    new Map(
      source.fields.map(({ name, type, schema }) => [
        name,
        `${typeText(schema)}${type === undefined ? '' : ` ${type}`}`,
      ]),
    );
  const a = columns(wanted);
  const b = columns(found);
  const details: string[] = [];
  for (const [name, type] of a) {
    const other = b.get(name);
    if (other === undefined) details.push(`column ${name} is missing`);
    else if (other !== type) details.push(`column ${name}: expected ${type}, found ${other}`);
  }
  for (const name of b.keys()) if (!a.has(name)) details.push(`column ${name} is extra`);
  if (details.length === 0 && [...a.keys()].join() !== [...b.keys()].join())
    details.push('another order of columns');
  return details;
}

/** A type as SQL writes it. */
export function typeText({ type, fields, memberSchema, parameters }: FieldSchema): string {
  const member = memberSchema === null || memberSchema === undefined ? '' : typeText(memberSchema);
  switch (type) {
    case 'ARRAY':
      return `ARRAY<${member}>`;
    case 'MAP':
      return `MAP<STRING, ${member}>`;
    case 'STRUCT':
      return `STRUCT<${(fields ?? []).map((field) => `${field.name} ${typeText(field.schema)}`).join(', ')}>`;
    case 'DECIMAL':
      return `DECIMAL(${String(parameters?.precision)}, ${String(parameters?.scale)})`;
    default:
      return type;
  }
}

function compareTypes(expected: ServerObjects, actual: ServerObjects): Difference[] {
  const differences: Difference[] = [];
  for (const [name, wanted] of expected.types) {
    const found = actual.types.get(name);
    if (found === undefined) differences.push({ kind: 'missing', what: 'type', name });
    else if (typeText(wanted as FieldSchema) !== typeText(found as FieldSchema)) {
      const detail = `expected ${typeText(wanted as FieldSchema)}, found ${typeText(found as FieldSchema)}`;
      differences.push({ kind: 'different', what: 'type', name, detail });
    }
  }
  for (const name of actual.types.keys()) {
    if (!expected.types.has(name)) differences.push({ kind: 'extra', what: 'type', name });
  }
  return differences;
}

/** Only the topics of the sources: others are nobody's business here. */
function compareTopics(
  expected: ServerObjects,
  actual: ServerObjects,
  own: ReadonlySet<string>,
): Difference[] {
  const differences: Difference[] = [];
  const names = new Set(
    [...expected.sources].filter(([name]) => !own.has(name)).map(([, source]) => source.topic),
  );
  for (const name of names) {
    const wanted = expected.topics.get(name);
    const found = actual.topics.get(name);
    if (wanted === undefined) continue;
    if (found === undefined) differences.push({ kind: 'missing', what: 'topic', name });
    else if (found !== wanted) {
      const detail = `expected ${wanted} partitions, found ${found}`;
      differences.push({ kind: 'different', what: 'topic', name, detail });
    }
  }
  return differences;
}

function compareQueries(
  expected: ServerObjects,
  actual: ServerObjects,
  own: ReadonlySet<string>,
): Difference[] {
  const differences: Difference[] = [];
  const relevant = (objects: ServerObjects) =>
    [...objects.queries.values()].filter((query) => !query.sinks.some((sink) => own.has(sink)));
  const left = new Set(relevant(actual));
  for (const wanted of relevant(expected)) {
    const sameId = [...left].filter((query) => sameName(query, wanted));
    const found = sameId.find((query) => queryText(query) === queryText(wanted)) ?? sameId[0];
    if (found === undefined) {
      differences.push({
        kind: 'missing',
        what: 'query',
        name: wanted.id,
        detail: `writes ${wanted.sinks.join(', ')}`,
      });
      continue;
    }
    left.delete(found);
    const a = queryText(wanted);
    const b = queryText(found);
    if (a !== b) {
      differences.push({
        kind: 'different',
        what: 'query',
        name: found.id,
        detail: `expected ${a}, found ${b}`,
      });
    }
    if (found.state !== 'RUNNING') {
      differences.push({
        kind: 'not running',
        what: 'query',
        name: found.id,
        detail: `its state is ${found.state}`,
      });
    }
  }
  for (const query of left) {
    differences.push({
      kind: 'extra',
      what: 'query',
      name: query.id,
      detail: `writes ${query.sinks.join(', ')}`,
    });
  }
  return differences;
}

/** A server numbers the queries that have no id of their own; the number is another on each. */
function sameName(a: RunningQuery, b: RunningQuery): boolean {
  const name = (query: RunningQuery) => query.id.replace(/_\d+$/, '');
  return name(a) === name(b) && a.sinks.join() === b.sinks.join();
}

/** The query alone: the properties of its topic are filled in by the server, each with its own defaults. */
function queryText(query: RunningQuery): string {
  try {
    const tree = parseStatement(query.queryString);
    const bare = 'with' in tree ? { ...tree, with: new Map() } : tree;
    return formatStatement(bare as typeof tree)
      .split(/\s+/)
      .join(' ');
  } catch (error) {
    if (!(error instanceof SqlSyntaxError)) throw error;
    return query.queryString.split(/\s+/).join(' ');
  }
}
