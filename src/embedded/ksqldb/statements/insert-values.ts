/**
 * INSERT INTO ... VALUES.
 *
 * Source: https://docs.ksqldb.io/en/latest/developer-guide/ksqldb-reference/insert-values/
 */
import type { Expression, InsertValues } from '../../../sql/ast.js';
import type { Catalog } from '../catalog/catalog.js';
import type { DataSource } from '../catalog/data-source.js';
import { KsqlException, KsqlStatementException } from '../errors.js';
import { evaluateConstant } from '../expressions/constant.js';
import { expressionText } from '../expressions/expression-text.js';
import type { RegistryClient } from '../formats/registry/registry-client.js';
import type { FunctionRegistry } from '../functions/registry.js';
import { type EncodedRow, encodeRow } from '../runtime/record-writer.js';
import type { Column } from '../schema/schema.js';
import { isPseudoColumn, pseudoColumns, ROWTIME } from '../schema/system-columns.js';
import type { Value } from '../types/value.js';
import { maskedText, withoutCardNumbers } from './mask.js';
import { hiddenTopic } from './topics.js';

export interface InsertContext {
  readonly catalog: Catalog;
  readonly functions: FunctionRegistry;
  readonly config: ReadonlyMap<string, string>;
  readonly clock: () => number;
  /** For formats whose records contain the ID of a registered schema. */
  readonly registry?: RegistryClient | undefined;
}

export interface Insertion {
  readonly source: DataSource;
  readonly row: EncodedRow;
}

/** Returns the record that the statement writes. Throws KsqlException or KsqlStatementException with ksqlDB's message. */
export function prepareInsert(context: InsertContext, statement: InsertValues): Insertion {
  const source = targetOf(context, statement.target);
  rejectHeaders(source, statement.columns);
  try {
    if (context.config.get('ksql.insert.into.values.enabled') === 'false') throw disabled();
    return { source, row: encodeRow(source, rowOf(context, source, statement), context.registry) };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    throw new KsqlStatementException(
      `Failed to insert values into '${source.name}'. ${withoutCardNumbers(error.message)}`,
      maskedText(statement),
      error,
    );
  }
}

function disabled(): KsqlException {
  return new KsqlException(
    'The server has disabled INSERT INTO ... VALUES functionality. To enable it, restart your ksqlDB server ' +
      "with 'ksql.insert.into.values.enabled'=true",
  );
}

/** Returns the source, if rows may be inserted into it. */
export function targetOf({ catalog }: Pick<InsertContext, 'catalog'>, name: string, mark = '!'): DataSource {
  const source = catalog.source(name);
  if (source === undefined) {
    throw new KsqlException(
      `Cannot insert values into an unknown stream/table: \`${name}\`${catalog.alternatives(name)}`,
    );
  }
  if (source.window !== undefined) {
    throw new KsqlException(`Cannot insert values into windowed stream/table${mark}`);
  }
  if (hiddenTopic(source.topic)) {
    throw new KsqlException(`Cannot insert values into read-only topic: ${source.topic}`);
  }
  if (source.isSource) {
    throw new KsqlException(
      `Cannot insert values into read-only ${source.kind.toLowerCase()}: ${source.name}`,
    );
  }
  return source;
}

function rejectHeaders(source: DataSource, columns: readonly string[]): void {
  const headers = source.schema.headers.map((column) => column.name);
  const named = columns.length === 0 ? headers : columns.filter((name) => headers.includes(name));
  if (named.length > 0) throw new KsqlException(`Cannot insert into HEADER columns: ${named.join(', ')}`);
}

function rowOf(context: InsertContext, source: DataSource, { columns, values }: InsertValues) {
  const { schema } = source;
  const named = columns.length > 0 ? columns : [...schema.key, ...schema.value].map((column) => column.name);
  if (named.length !== values.length) {
    throw new KsqlException(
      'Expected a value for each column. ' +
        `Expected Columns: [${columns.map((name) => `\`${name}\``).join(', ')}]. Got [${values.map(expressionText).join(', ')}]`,
    );
  }
  const known = new Map<string, Column>(
    [...pseudoColumns, ...schema.value, ...schema.key].map((column) => [column.name, column]),
  );
  for (const name of named) {
    if (!known.has(name)) throw new KsqlException(`Column name \`${name}\` does not exist.`);
    if (isPseudoColumn(name) && name !== ROWTIME) {
      throw new KsqlException(`Inserting into column \`${name}\` is not allowed.`);
    }
  }
  const given = valuesOf(context, named, values, known);
  if (source.kind === 'TABLE') requireKey(schema.key, given);
  const time = given.get(ROWTIME) ?? null;
  return {
    key: schema.key.map(({ name }) => given.get(name) ?? null),
    value: schema.value.map(({ name }) => given.get(name) ?? null),
    time: time === null ? context.clock() : Number(time),
  };
}

function valuesOf(
  context: InsertContext,
  names: readonly string[],
  values: readonly Expression[],
  columns: ReadonlyMap<string, Column>,
): ReadonlyMap<string, Value> {
  const given = new Map<string, Value>();
  names.forEach((name, i) => {
    const { type } = columns.get(name)!;
    given.set(name, evaluateConstant(values[i]!, type, name, context));
  });
  return given;
}

function requireKey(key: readonly Column[], given: ReadonlyMap<string, Value>): void {
  const missing = key.filter(({ name }) => !given.has(name)).map(({ name }) => name);
  if (missing.length > 0) {
    throw new KsqlException(`Value for primary key column(s) ${missing.join(', ')} is required for tables`);
  }
}
