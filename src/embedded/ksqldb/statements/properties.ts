/** LIST PROPERTIES, SET and UNSET. */
import type { SetProperty, UnsetProperty } from '../../../sql/ast.js';
import { KsqlException, KsqlStatementException } from '../errors.js';
import type { StatementContext } from './context.js';
import { checkNotDenied, isKnownProperty, propertyProblem } from './property-names.js';
import { serverProperties } from './server-properties.js';

export function listProperties(
  context: StatementContext,
  overrides: ReadonlyMap<string, string>,
  statementText: string,
): object {
  const server = new Map([...context.properties, ...streamsNamed(context.engine.config)]);
  const known = new Set(serverProperties.map(({ name }) => name));
  const extra = [...server.keys(), ...streamsNamed(overrides).keys()].filter((name) => !known.has(name));
  const session = streamsNamed(overrides);
  const shownValue = (name: string, byDefault: string | null): string | null =>
    session.get(name) ?? server.get(name) ?? byDefault;
  const properties = [
    ...serverProperties.map(({ name, value, editable = false, level = 'SERVER' }) => ({
      name,
      scope: 'KSQL',
      value: shownValue(name, value),
      editable,
      level,
    })),
    ...[...new Set(extra)].map((name) => ({
      name,
      scope: 'KSQL',
      value: shownValue(name, null),
      editable: false,
      level: 'SERVER',
    })),
  ];
  return {
    '@type': 'properties',
    statementText,
    properties,
    overwrittenProperties: [...session.keys()].filter((name) => session.get(name) !== server.get(name)),
    defaultProperties: serverProperties
      .filter(({ name, value, set = false }) => !set && shownValue(name, value) === value)
      .map(({ name }) => name),
  };
}

/** Properties of Kafka Streams, by the names that ksqlDB lists. */
function streamsNamed(properties: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  return new Map(
    [...properties].map(([name, value]) => [name.startsWith('ksql.') ? name : `ksql.streams.${name}`, value]),
  );
}

/** Throws a KsqlStatementException with ksqlDB's message if the property cannot be set. */
export function setProperty(
  properties: Map<string, string>,
  statement: SetProperty | UnsetProperty,
  statementText: string,
): void {
  const { property } = statement;
  if (!isKnownProperty(property)) {
    throw new KsqlStatementException(`Unknown property: ${property}`, statementText);
  }
  if (statement.kind === 'UnsetProperty') {
    properties.delete(property);
    return;
  }
  try {
    checkNotDenied([property]);
  } catch (error) {
    if (!(error instanceof KsqlException)) throw error;
    throw new KsqlStatementException(error.message, statementText, error);
  }
  const problem = propertyProblem(property, statement.value);
  if (problem !== undefined) throw new KsqlStatementException(problem, statementText);
  properties.set(property, statement.value);
}
