import type { RegisteredSchema } from '../../../schema-registry/registered-schema.js';
import type { SchemaText } from '../../../schema-registry/schema-text.js';
import { KsqlException } from '../../errors.js';

/** The parts of a schema registry that the formats need. The embedded registry implements them. */
export interface RegistryClient {
  /** Registers the schema under the subject, unless it already is one of its versions. Returns its id. */
  register(subject: string, schema: SchemaText): number;
  byId(id: number): SchemaText;
  findLatest(subject: string): RegisteredSchema | undefined;
  /** Returns the texts of the referenced schemas by name. */
  dependencies(schema: Pick<SchemaText, 'references'>): ReadonlyMap<string, string>;
}

export function subjectOf(topic: string, isKey: boolean): string {
  return `${topic}-${isKey ? 'key' : 'value'}`;
}

/** @throws KsqlException if there is no registry */
export function needRegistry(
  registry: RegistryClient | undefined,
  format: string,
  topic: string,
): RegistryClient {
  if (registry !== undefined) return registry;
  throw new KsqlException(
    `Cannot create topic '${topic}' with format ${format} without configuring 'ksql.schema.registry.url'`,
  );
}
