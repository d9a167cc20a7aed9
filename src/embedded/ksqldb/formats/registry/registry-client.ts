import type { RegisteredSchema } from '../../../schema-registry/registered-schema.js';
import type { SchemaText } from '../../../schema-registry/schema-text.js';
import { KsqlException } from '../../errors.js';

/** What the formats need of a schema registry; the embedded one has it. */
export interface RegistryClient {
  /** The id of the schema, which becomes the subject's newest version unless it is one already. */
  register(subject: string, schema: SchemaText): number;
  byId(id: number): SchemaText;
  findLatest(subject: string): RegisteredSchema | undefined;
  /** The texts of the schemas that a schema refers to, by their names. */
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
