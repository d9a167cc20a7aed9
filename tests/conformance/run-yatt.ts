/** Runs a case of the suite yatt: a SQL script whose records go through all queries at once, with asserts. */
import { defineSource } from '../../src/embedded/ksqldb/analysis/source-definition.js';
import { SourceProperties } from '../../src/embedded/ksqldb/analysis/with-properties.js';
import type { DataSource } from '../../src/embedded/ksqldb/catalog/data-source.js';
import { KsqlException } from '../../src/embedded/ksqldb/errors.js';
import { evaluateConstant } from '../../src/embedded/ksqldb/expressions/constant.js';
import { splitSession, splitTimeWindow } from '../../src/embedded/ksqldb/formats/index.js';
import { schemaText } from '../../src/embedded/ksqldb/schema/schema-text.js';
import { pseudoColumns } from '../../src/embedded/ksqldb/schema/system-columns.js';
import { valuesKey } from '../../src/embedded/ksqldb/types/compare.js';
import type { Value } from '../../src/embedded/ksqldb/types/value.js';
import { SchemaRegistry } from '../../src/embedded/schema-registry/registry.js';
import type { AssertSource, AssertTombstone, AssertValues, Expression } from '../../src/sql/ast.js';
import { parseStatement } from '../../src/sql/parse.js';
import type { ConformanceCase } from './case-file.js';
import { AssertionFailed, errorText, judgeError, notRejected } from './expected-error.js';
import { functionsFor } from './functions-for.js';
import { type CaseResult, failed, passed } from './result.js';
import { simulatedConfig } from './run-qtt.js';
import { SimulatedEngine, type TopicRecord } from './simulated-engine.js';

export function runYatt(test: ConformanceCase): CaseResult {
  const { expectedException } = test;
  const script = new Script(test);
  try {
    for (const { statement, assert } of test.steps ?? []) script.run(statement ?? assert ?? '');
  } catch (error) {
    if (expectedException === undefined) return { run: failed(errorText(error)) };
    const levels = judgeError(error, expectedException);
    const wanted = JSON.stringify(expectedException);
    return { run: levels.message ? passed : failed(`expected ${wanted}, got ${errorText(error)}`), levels };
  }
  if (expectedException === undefined) return { run: passed };
  return { run: failed(`expected ${JSON.stringify(expectedException)}, got no error`), levels: notRejected };
}

class Script {
  readonly #engine: SimulatedEngine;
  /** The next unread record of each topic. */
  readonly #positions = new Map<string, number>();

  constructor(test: ConformanceCase) {
    this.#engine = new SimulatedEngine({
      functions: functionsFor(test),
      config: simulatedConfig,
      registry: new SchemaRegistry({ compatibility: 'NONE' }),
      defaultPartitions: 1,
      isLive: true,
    });
  }

  run(sql: string): void {
    const statement = parseStatement(sql, { variables: this.#engine.variables });
    switch (statement.kind) {
      case 'AssertValues':
        this.#assertValues(statement);
        break;
      case 'AssertTombstone':
        this.#assertTombstone(statement);
        break;
      case 'AssertSource':
        this.#assertSource(statement);
        break;
      default:
        this.#engine.execute(statement);
    }
  }

  #source(name: string): DataSource {
    const source = this.#engine.catalog.source(name);
    if (source === undefined) throw new KsqlException(`${name} does not exist.`);
    return source;
  }

  #next({ topic, name }: DataSource): TopicRecord {
    const position = this.#positions.get(topic) ?? 0;
    const record = this.#engine.records(topic)[position];
    if (record === undefined) {
      throw new AssertionFailed(
        `Expected another record, but already read all ${position} records of ${name}`,
      );
    }
    this.#positions.set(topic, position + 1);
    return record;
  }

  #assertValues({ source: name, columns, values }: AssertValues): void {
    const source = this.#source(name);
    const record = this.#next(source);
    const { key, value } = this.#decode(source, record);
    if (value === null) throw new AssertionFailed('Expected record does not match actual: it is a tombstone');
    const { schema } = source;
    const actual = new Map<string, Value>([['ROWTIME', BigInt(record.timestamp)]]);
    schema.key.forEach((column, i) => {
      actual.set(column.name, key?.[i] ?? null);
    });
    schema.value.forEach((column, i) => {
      actual.set(column.name, value[i] ?? null);
    });
    const names =
      columns.length > 0 ? columns : [...schema.key, ...schema.value].map((column) => column.name);
    this.#compare(source, names, values, actual);
  }

  #assertTombstone({ source: name, columns, values }: AssertTombstone): void {
    const source = this.#source(name);
    const record = this.#next(source);
    const { key } = this.#decode(source, record);
    if (record.value !== null) {
      throw new AssertionFailed('Expected record does not match actual: it is not a tombstone');
    }
    const actual = new Map<string, Value>(
      source.schema.key.map((column, i) => [column.name, key?.[i] ?? null]),
    );
    actual.set('ROWTIME', BigInt(record.timestamp));
    this.#compare(source, columns, values, actual);
  }

  #compare(
    source: DataSource,
    names: readonly string[],
    values: readonly Expression[],
    actual: ReadonlyMap<string, Value>,
  ): void {
    const { functions, config } = this.#engine;
    const types = new Map(
      [...pseudoColumns, ...source.schema.key, ...source.schema.value].map(({ name, type }) => [name, type]),
    );
    names.forEach((name, i) => {
      const type = types.get(name);
      if (type === undefined) throw new KsqlException(`Column name \`${name}\` does not exist.`);
      const expected = evaluateConstant(values[i]!, type, name, { functions, config });
      const got = actual.get(name) ?? null;
      if (valuesKey([got]) === valuesKey([expected])) return;
      throw new AssertionFailed(
        `Expected record does not match actual: ${name} is ${String(got)}, expected ${String(expected)}`,
      );
    });
  }

  #decode(source: DataSource, record: TopicRecord) {
    const serdes = this.#engine.serdes();
    const { keyFormat, valueFormat, schema, topic, window } = source;
    let key = record.key;
    if (window !== undefined && key !== null) {
      key = (window.type === 'SESSION' ? splitSession(key) : splitTimeWindow(key))!.key;
    }
    return {
      key: serdes.keySerde(keyFormat, schema.key, topic).deserialize(key),
      value: serdes.valueSerde(valueFormat, schema.value, topic).deserialize(record.value),
    };
  }

  /** Compares in ksqlDB's order: the first difference is the error. */
  #assertSource(statement: AssertSource): void {
    const actual = this.#source(statement.name);
    const { catalog, config } = this.#engine;
    const expected =
      statement.columns.length === 0
        ? { ...actual }
        : defineSource(
            { ...statement, kind: 'CreateSource', orReplace: true, source: false, ifNotExists: false },
            new SourceProperties(statement.with, false),
            catalog,
            config,
            '',
          );
    const parts: readonly [string, (source: DataSource) => unknown][] = [
      ['schema', (source) => schemaText(source.schema)],
      ['type', (source) => source.kind],
      ['kafka topic', (source) => source.topic],
      ['key format', (source) => source.keyFormat.format],
      ['key format properties', (source) => propertiesText(source.keyFormat.properties)],
      ['value format', (source) => source.valueFormat.format],
      ['value format properties', (source) => propertiesText(source.valueFormat.properties)],
      ['key schema id', (source) => source.keyFormat.properties.schemaId],
      ['value schema id', (source) => source.valueFormat.properties.schemaId],
      ['value serde features', (source) => source.valueFormat.wrapSingle],
      ['timestamp column', (source) => source.timestamp?.column],
      ['timestamp format', (source) => source.timestamp?.format],
    ];
    for (const [name, part] of parts) {
      if (part(actual) === part(expected)) continue;
      throw new KsqlException(
        `Expected ${name} does not match actual for source ${statement.name}. ` +
          `Expected: ${String(part(expected))}, actual: ${String(part(actual))}`,
      );
    }
  }
}

function propertiesText(properties: Readonly<Record<string, string>>): string {
  return JSON.stringify(Object.entries(properties).sort(([a], [b]) => (a < b ? -1 : 1)));
}
