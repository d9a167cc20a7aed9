/**
 * Checks the ASSERT statements of ksqlDB's SQL tests against a running engine.
 *
 * Source: https://docs.ksqldb.io/en/latest/how-to-guides/test-an-app/
 */
import type { AssertSource, AssertTombstone, AssertValues, Expression } from '../../../sql/ast.js';
import { parseStatement } from '../../../sql/parse.js';
import type { SqlType } from '../../../sql/sql-type.js';
import type { Topic } from '../../kafka/log/topic.js';
import { batches } from '../../kafka/records/record-batch.js';
import { defineSource } from '../analysis/source-definition.js';
import { SourceProperties } from '../analysis/with-properties.js';
import type { DataSource } from '../catalog/data-source.js';
import type { Engine } from '../engine/engine.js';
import { KsqlException } from '../errors.js';
import { evaluateConstant } from '../expressions/constant.js';
import { splitSession, splitTimeWindow } from '../formats/index.js';
import { valueWriter } from '../rest/json-values.js';
import { serdesOf } from '../runtime/record-writer.js';
import { schemaText } from '../schema/schema-text.js';
import { pseudoColumns } from '../schema/system-columns.js';
import { valuesKey } from '../types/compare.js';
import type { Value } from '../types/value.js';

/** A column of an asserted row. Both values are JSON. */
export interface AssertedColumn {
  readonly name: string;
  readonly expected: string;
  readonly actual: string;
  readonly isEqual: boolean;
}

export interface AssertOutcome {
  readonly isOk: boolean;
  /** Why the assertion failed. Empty if it holds. */
  readonly message: string;
  /** The expected and actual row, if rows were compared. */
  readonly columns: readonly AssertedColumn[];
}

interface SeenRecord {
  readonly time: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
}

/** A topic's records in the order of their appends across all partitions, and the number of asserted records. */
interface SeenTopic {
  readonly topic: Topic;
  readonly records: SeenRecord[];
  readonly positions: number[];
  read: number;
}

const OK: AssertOutcome = { isOk: true, message: '', columns: [] };

export class SqlAsserts {
  readonly #engine: Engine;
  readonly #topics = new Map<string, SeenTopic>();

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /**
   * Waits until all queries have processed their input, then collects new records. Call it after each statement, because
   * new records of different partitions can only be ordered by time.
   */
  async settle(): Promise<void> {
    await this.#engine.settled();
    const { store, catalog } = this.#engine;
    for (const source of catalog.sources()) {
      const topic = store.topic(source.topic);
      if (topic === undefined) continue;
      let seen = this.#topics.get(source.topic);
      // A topic that was deleted and recreated starts from the beginning.
      if (seen?.topic !== topic) {
        seen = { topic, records: [], positions: [], read: 0 };
        this.#topics.set(source.topic, seen);
      }
      seen.records.push(...readNew(seen));
    }
  }

  /**
   * Checks one ASSERT statement.
   *
   * @throws KsqlException if the statement is invalid, for example if its source does not exist
   */
  check(sql: string, variables: ReadonlyMap<string, string>): AssertOutcome {
    const statement = parseStatement(sql, { variables });
    switch (statement.kind) {
      case 'AssertValues':
      case 'AssertTombstone':
        return this.#checkRow(statement);
      case 'AssertSource':
        return this.#checkSource(statement);
      default:
        throw new KsqlException(
          'Not an ASSERT VALUES, ASSERT NULL VALUES, ASSERT STREAM or ASSERT TABLE statement.',
        );
    }
  }

  #source(name: string): DataSource {
    const source = this.#engine.catalog.source(name);
    if (source === undefined) throw new KsqlException(`${name} does not exist.`);
    return source;
  }

  #checkRow(statement: AssertValues | AssertTombstone): AssertOutcome {
    const source = this.#source(statement.source);
    const isTombstone = statement.kind === 'AssertTombstone';
    const { schema } = source;
    const all = isTombstone ? schema.key : [...schema.key, ...schema.value];
    const names = statement.columns.length > 0 ? statement.columns : all.map((column) => column.name);
    if (names.length !== statement.values.length) {
      throw new KsqlException(`${names.length} columns and ${statement.values.length} values.`);
    }
    const types = new Map([...pseudoColumns, ...all].map(({ name, type }) => [name, type]));
    const expected = names.map((name, i) => this.#expected(name, types.get(name), statement.values[i]!));
    const seen = this.#topics.get(source.topic);
    const record = seen?.records[seen.read];
    const compare = (actual: ReadonlyMap<string, Value> | undefined): readonly AssertedColumn[] =>
      names.map((name, i) => asserted(name, types.get(name)!, expected[i] ?? null, actual));
    if (seen === undefined || record === undefined) {
      const message = `Expected another record, but ${source.name} has ${seen?.read ?? 0}, all of them read.`;
      return { isOk: false, message, columns: compare(undefined) };
    }
    seen.read++;
    if ((record.value === null) !== isTombstone) {
      const message = isTombstone
        ? 'Expected a tombstone; the record has a value.'
        : 'Expected a value; the record is a tombstone.';
      return { isOk: false, message, columns: compare(rowOf(source, record)) };
    }
    const columns = compare(rowOf(source, record));
    const wrong = columns.filter((column) => !column.isEqual).map((column) => column.name);
    if (wrong.length === 0) return { ...OK, columns };
    return { isOk: false, message: `Expected record does not match actual in ${wrong.join(', ')}.`, columns };
  }

  #expected(name: string, type: SqlType | undefined, expression: Expression): Value {
    if (type === undefined) throw new KsqlException(`Column name \`${name}\` does not exist.`);
    const { functions, config } = this.#engine;
    const typed = isNested(expression) ? withTypes(expression, type) : expression;
    return evaluateConstant(typed, type, name, { functions, config });
  }

  /** Compares the properties in ksqlDB's order and reports the first difference. */
  #checkSource(statement: AssertSource): AssertOutcome {
    const actual = this.#source(statement.name);
    const { catalog, config } = this.#engine;
    const expected = defineSource(
      { ...statement, kind: 'CreateSource', orReplace: true, source: false, ifNotExists: false },
      new SourceProperties(statement.with, false),
      catalog,
      config,
      '',
    );
    for (const [name, part] of SOURCE_PARTS) {
      // Without columns, the statement asserts only the properties.
      if (name === 'schema' && statement.columns.length === 0) continue;
      const a = part(actual);
      const e = part(expected);
      if (a === e) continue;
      return {
        isOk: false,
        message: `Expected ${name} does not match actual for source ${statement.name}.`,
        columns: [{ name, expected: String(e), actual: String(a), isEqual: false }],
      };
    }
    return OK;
  }
}

function isNested({ kind }: Expression): boolean {
  return kind === 'Struct' || kind === 'Array' || kind === 'Map';
}

/**
 * Casts the numbers and NULLs inside a structured value to the types of its column, so that tests do not need to.
 */
function withTypes(expression: Expression, type: SqlType): Expression {
  if (expression.kind === 'Struct' && type.base === 'STRUCT') {
    const types = new Map(type.fields.map((field) => [field.name, field.type]));
    const fields = expression.fields.map(({ name, value }) => {
      const fieldType = types.get(name);
      return { name, value: fieldType === undefined ? value : withTypes(value, fieldType) };
    });
    return { ...expression, fields };
  }
  if (expression.kind === 'Array' && type.base === 'ARRAY') {
    return {
      ...expression,
      elements: expression.elements.map((element) => withTypes(element, type.element)),
    };
  }
  if (expression.kind === 'Map' && type.base === 'MAP') {
    const entries = expression.entries.map(({ key, value }) => ({
      key,
      value: withTypes(value, type.value),
    }));
    return { ...expression, entries };
  }
  const takesType = ['Null', 'Integer', 'Long', 'Decimal', 'Double'].includes(expression.kind);
  return takesType ? { kind: 'Cast', value: expression, type } : expression;
}

const SOURCE_PARTS: readonly (readonly [string, (source: DataSource) => unknown])[] = [
  ['schema', (source) => schemaText(source.schema)],
  ['type', (source) => source.kind],
  ['kafka topic', (source) => source.topic],
  ['key format', (source) => source.keyFormat.format],
  ['key format properties', (source) => propertiesText(source.keyFormat.properties)],
  ['value format', (source) => source.valueFormat.format],
  ['value format properties', (source) => propertiesText(source.valueFormat.properties)],
  ['value serde features', (source) => source.valueFormat.wrapSingle],
  ['timestamp column', (source) => source.timestamp?.column],
  ['timestamp format', (source) => source.timestamp?.format],
];

function propertiesText(properties: Readonly<Record<string, string>>): string {
  return JSON.stringify(Object.entries(properties).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function asserted(
  name: string,
  type: SqlType,
  expected: Value,
  actual: ReadonlyMap<string, Value> | undefined,
): AssertedColumn {
  const write = valueWriter(type);
  const found = actual?.get(name) ?? null;
  return {
    name,
    expected: write(expected),
    actual: actual === undefined ? '' : write(found),
    isEqual: actual !== undefined && valuesKey([found]) === valuesKey([expected]),
  };
}

function rowOf(source: DataSource, record: SeenRecord): ReadonlyMap<string, Value> {
  const { schema, window } = source;
  const serdes = serdesOf(source, undefined);
  let bytes = record.key;
  if (window !== undefined && bytes !== null) {
    bytes = (window.type === 'SESSION' ? splitSession(bytes) : splitTimeWindow(bytes))?.key ?? bytes;
  }
  const key = serdes.key.deserialize(bytes);
  const value = serdes.value.deserialize(record.value);
  const row = new Map<string, Value>([['ROWTIME', BigInt(record.time)]]);
  for (const [i, column] of schema.key.entries()) row.set(column.name, key?.[i] ?? null);
  for (const [i, column] of schema.value.entries()) row.set(column.name, value?.[i] ?? null);
  return row;
}

function readNew(seen: SeenTopic): readonly SeenRecord[] {
  const records: SeenRecord[] = [];
  for (const log of seen.topic.partitions) {
    let from = Math.max(seen.positions[log.partition] ?? 0, log.startOffset);
    while (from < log.lastStableOffset) {
      const start = from;
      for (const batch of batches(log.read(from, 1_048_576, log.lastStableOffset))) {
        if (!batch.isControl) {
          batch.forEachRecord((offset, time, key, value) => {
            if (offset < start) return;
            const copy = (bytes: Uint8Array | null) => (bytes === null ? null : Buffer.from(bytes));
            records.push({ time, key: copy(key), value: copy(value) });
          });
        }
        from = batch.nextOffset;
      }
      if (from === start) break;
    }
    seen.positions[log.partition] = from;
  }
  return seen.topic.partitions.length === 1 ? records : records.sort((a, b) => a.time - b.time);
}
