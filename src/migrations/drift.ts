import type { FieldSchema, RunningQuery, SourceDescription } from '../ksqldb/entities.js';
import { fieldTypeText } from '../ksqldb/field-type.js';
import { formatStatement } from '../sql/format-statement.js';
import { parseStatement } from '../sql/parse.js';
import { SqlSyntaxError } from '../sql/sql-syntax-error.js';
import type { HistoryNames } from './history-store.js';
import { LOCK_STREAM } from './migration-lock.js';
import type { ServerObjects } from './server-objects.js';

/** One difference between what the migrations create and what the cluster has. */
export interface Difference {
  readonly kind: 'missing' | 'extra' | 'different' | 'not running';
  readonly what: 'stream' | 'table' | 'type' | 'topic' | 'query';
  readonly name: string;
  /** What differs, with the expected and the found value. */
  readonly detail?: string;
}

/**
 * Compares a cluster with one on which the applied files were run again: the columns, topics and formats of sources,
 * types, the partitions of topics, and the text and state of queries. It ignores replication factors and other topic
 * settings, which each cluster may choose. `expected` may have topics that only the rerun created.
 */
export function compareObjects(
  expected: ServerObjects,
  actual: ServerObjects,
  history: HistoryNames,
): readonly Difference[] {
  const internal = new Set([history.stream, history.table, LOCK_STREAM, 'KSQL_PROCESSING_LOG']);
  const sourcesOf = (objects: ServerObjects) =>
    new Map([...objects.sources].filter(([name]) => !internal.has(name)));
  const wanted = sourcesOf(expected);
  return [
    ...compareMaps(wanted, sourcesOf(actual), kindOf, sourceDetail),
    ...compareMaps(expected.types, actual.types, () => 'type', typeDetail),
    ...compareTopics(wanted, expected.topics, actual.topics),
    ...compareQueries(queriesOf(expected, internal), queriesOf(actual, internal)),
  ];
}

/** Compares two maps of named objects. `detail` says how two objects differ; undefined if they do not. */
function compareMaps<T>(
  expected: ReadonlyMap<string, T>,
  actual: ReadonlyMap<string, T>,
  what: (object: T) => Difference['what'],
  detail: (wanted: T, found: T) => string | undefined,
): Difference[] {
  const differences: Difference[] = [];
  for (const [name, wanted] of expected) {
    const found = actual.get(name);
    if (found === undefined) differences.push({ kind: 'missing', what: what(wanted), name });
    else {
      const text = detail(wanted, found);
      if (text !== undefined) differences.push({ kind: 'different', what: what(wanted), name, detail: text });
    }
  }
  for (const [name, found] of actual) {
    if (!expected.has(name)) differences.push({ kind: 'extra', what: what(found), name });
  }
  return differences;
}

function kindOf(source: SourceDescription): 'stream' | 'table' {
  return source.type === 'TABLE' ? 'table' : 'stream';
}

function sourceDetail(wanted: SourceDescription, found: SourceDescription): string | undefined {
  const facts = (source: SourceDescription): readonly (readonly [string, string])[] => [
    ['kind', source.type],
    ['topic', source.topic],
    ['key format', source.keyFormat],
    ['value format', source.valueFormat],
    ['window', source.windowType ?? 'none'],
    ['timestamp', source.timestamp === '' ? 'none' : source.timestamp],
  ];
  const foundFacts = new Map(facts(found));
  const parts = facts(wanted)
    .filter(([label, value]) => foundFacts.get(label) !== value)
    .map(([label, value]) => `${label}: expected ${value}, found ${foundFacts.get(label)}`);
  parts.push(...columnDetails(columnsOf(wanted), columnsOf(found)));
  return parts.length === 0 ? undefined : parts.join('; ');
}

function columnsOf({ fields }: SourceDescription): ReadonlyMap<string, string> {
  return new Map(
    fields.map(({ name, type, schema }) => [
      name,
      `${fieldTypeText(schema)}${type === undefined ? '' : ` ${type}`}`,
    ]),
  );
}

function columnDetails(wanted: ReadonlyMap<string, string>, found: ReadonlyMap<string, string>): string[] {
  const details: string[] = [];
  for (const [name, type] of wanted) {
    const other = found.get(name);
    if (other === undefined) details.push(`column ${name} is missing`);
    else if (other !== type) details.push(`column ${name}: expected ${type}, found ${other}`);
  }
  for (const name of found.keys()) if (!wanted.has(name)) details.push(`column ${name} is extra`);
  if (details.length > 0 || [...wanted.keys()].join() === [...found.keys()].join()) return details;
  return ['the order of the columns differs'];
}

function typeDetail(wanted: unknown, found: unknown): string | undefined {
  const [a, b] = [fieldTypeText(wanted as FieldSchema), fieldTypeText(found as FieldSchema)];
  return a === b ? undefined : `expected ${a}, found ${b}`;
}

/** Compares only the topics of the expected sources; other topics do not belong to the migrations. */
function compareTopics(
  sources: ReadonlyMap<string, SourceDescription>,
  expected: ServerObjects['topics'],
  actual: ServerObjects['topics'],
): readonly Difference[] {
  const topics = [...new Set([...sources.values()].map(({ topic }) => topic))];
  const partitionsOf = (all: ServerObjects['topics'], names: readonly string[]) =>
    new Map(names.flatMap((name) => (all.has(name) ? [[name, all.get(name)!] as const] : [])));
  const wanted = partitionsOf(expected, topics);
  const found = partitionsOf(actual, [...wanted.keys()]);
  return compareMaps(
    wanted,
    found,
    () => 'topic',
    (a, b) => (a === b ? undefined : `expected ${a} partitions, found ${b}`),
  );
}

function queriesOf(objects: ServerObjects, internal: ReadonlySet<string>): readonly RunningQuery[] {
  return [...objects.queries.values()].filter((query) => !query.sinks.some((sink) => internal.has(sink)));
}

function compareQueries(
  expected: readonly RunningQuery[],
  actual: readonly RunningQuery[],
): readonly Difference[] {
  const differences: Difference[] = [];
  const add = (kind: Difference['kind'], { id }: RunningQuery, detail: string) =>
    differences.push({ kind, what: 'query', name: id, detail });
  const left = new Set(actual);
  for (const wanted of expected) {
    const text = queryText(wanted);
    const sameId = [...left].filter((query) => isSameName(query, wanted));
    const found = sameId.find((query) => queryText(query) === text) ?? sameId[0];
    if (found === undefined) {
      add('missing', wanted, `writes ${wanted.sinks.join(', ')}`);
      continue;
    }
    left.delete(found);
    const foundText = queryText(found);
    if (text !== foundText) add('different', found, `expected ${text}, found ${foundText}`);
    if (found.state !== 'RUNNING') add('not running', found, `its state is ${found.state}`);
  }
  for (const query of left) add('extra', query, `writes ${query.sinks.join(', ')}`);
  return differences;
}

/** Ignores the number at the end of a generated id, which differs from server to server. */
function isSameName(a: RunningQuery, b: RunningQuery): boolean {
  const name = (query: RunningQuery) => query.id.replace(/_\d+$/, '');
  return name(a) === name(b) && a.sinks.join() === b.sinks.join();
}

/** The query without its WITH clause, which each server fills with its own defaults. */
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
