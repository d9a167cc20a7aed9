/** The schemas that are registered before a case's first statement. */
import { schemaOf } from '../../src/embedded/ksqldb/analysis/source-definition.js';
import { SourceProperties } from '../../src/embedded/ksqldb/analysis/with-properties.js';
import {
  formatNamed,
  keyWrapping,
  registerColumns,
  valueWrapping,
} from '../../src/embedded/ksqldb/formats/index.js';
import { javaMapOrder } from '../../src/embedded/ksqldb/types/java-hash.js';
import type { SchemaRegistry } from '../../src/embedded/schema-registry/registry.js';
import type { CreateSource, Statement } from '../../src/sql/ast.js';
import { STRING } from '../../src/sql/sql-type.js';
import type { CaseTopic, ConformanceCase } from './case-file.js';
import { registerCaseSchema } from './registry-records.js';

/**
 * Registers the schemas of a case's topics: those declared, else those of the columns of a CREATE. ksqlDB's driver
 * holds its topics in a HashMap, and so gives ids to their schemas in that order.
 */
export function registerCaseSchemas(
  registry: SchemaRegistry,
  test: ConformanceCase,
  statements: readonly Statement[],
  config: ReadonlyMap<string, string>,
): void {
  const register = new Map<string, () => void>();
  for (const topic of test.topics ?? []) register.set(topic.name, () => registerDeclared(registry, topic));
  for (const statement of statements) {
    const topic = statement.kind === 'CreateSource' ? statement.with.get('KAFKA_TOPIC') : undefined;
    if (statement.kind !== 'CreateSource' || topic?.kind !== 'String') continue;
    if (register.has(topic.value) || statement.columns.length === 0) continue;
    register.set(topic.value, () => registerStatement(registry, statement, config));
  }
  for (const { topic } of [...test.inputs, ...test.outputs]) {
    if (!register.has(topic)) register.set(topic, () => {});
  }
  const numbered = new Map([...register.keys()].map((name, i) => [name, i]));
  for (const [name] of javaMapOrder(STRING, numbered, 16)) register.get(String(name))!();
}

function registerDeclared(registry: SchemaRegistry, topic: CaseTopic): void {
  const { name, keyFormat, keySchema, keySchemaId, valueFormat, valueSchema, valueSchemaId } = topic;
  if (keySchema !== undefined && keySchema !== null) {
    registerCaseSchema(registry, name, true, keyFormat, keySchema, keySchemaId, topic.keySchemaReferences);
  }
  if (valueSchema !== undefined && valueSchema !== null) {
    const references = topic.valueSchemaReferences;
    registerCaseSchema(registry, name, false, valueFormat, valueSchema, valueSchemaId, references);
  }
}

function registerStatement(
  registry: SchemaRegistry,
  statement: CreateSource,
  config: ReadonlyMap<string, string>,
): void {
  try {
    const properties = new SourceProperties(statement.with, false);
    const schema = schemaOf(statement.columns, new Map());
    for (const isKey of [true, false]) {
      const name = isKey
        ? (properties.keyFormat ?? config.get('ksql.persistence.default.format.key'))
        : (properties.valueFormat ?? config.get('ksql.persistence.default.format.value'));
      if (name === undefined) continue;
      const format = formatNamed(name);
      const columns = isKey ? schema.key : schema.value;
      const wrap = properties.wrapSingleValue ?? null;
      const configured = config.get('ksql.persistence.wrap.single.values');
      const wrapByDefault = configured === undefined ? null : configured === 'true';
      registerColumns({
        registry,
        format,
        properties: properties.formatProperties(isKey ? 'KEY' : 'VALUE', format.name, statement.name),
        topic: properties.topic!,
        columns,
        feature: isKey
          ? keyWrapping(format, columns.length)
          : valueWrapping(format, columns.length, wrap, wrapByDefault),
        isKey,
        evenIfKnown: true,
      });
    }
  } catch {
    // A statement that is wrong is refused when it is executed, where the case expects it.
  }
}
