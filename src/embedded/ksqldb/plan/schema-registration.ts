import type { DataSource } from '../catalog/data-source.js';
import type { WrappingFeature } from '../formats/format.js';
import { formatNamed } from '../formats/index.js';
import type { RegistryClient } from '../formats/registry/registry-client.js';
import { type InferredSchema, registerById, registerColumns } from '../formats/registry/schema-inference.js';
import type { Command, SchemaRegistration } from './command.js';

/** The schemas whose ids a statement specifies. */
export interface NamedSchemas {
  readonly key?: InferredSchema;
  readonly value?: InferredSchema;
}

const featureOf = (wrapSingle: boolean | undefined): WrappingFeature | null =>
  wrapSingle === undefined ? null : wrapSingle ? 'WRAP_SINGLES' : 'UNWRAP_SINGLES';

/** The schemas to register for a source's key and value, if their formats use a registry. */
export function registrationsOf(
  source: Pick<DataSource, 'topic' | 'schema' | 'keyFormat' | 'valueFormat'>,
  evenIfKnown: boolean,
  named: NamedSchemas,
): readonly SchemaRegistration[] {
  const { topic, schema, keyFormat, valueFormat } = source;
  return [
    {
      ...keyFormat,
      wrapSingle: keyFormat.wrapSingle,
      topic,
      columns: schema.key,
      isKey: true,
      evenIfKnown,
      ...(named.key && { named: named.key }),
    },
    {
      ...valueFormat,
      wrapSingle: valueFormat.wrapSingle,
      topic,
      columns: schema.value,
      isKey: false,
      evenIfKnown,
      ...(named.value && { named: named.value }),
    },
  ];
}

/**
 * Registers the schemas of a statement in the schema registry.
 *
 * @throws KsqlException if the registry rejects one
 */
export function registerSchemas({ schemas = [] }: Command, registry: RegistryClient | undefined): void {
  for (const request of schemas) {
    const format = formatNamed(request.format);
    const { topic, isKey, named } = request;
    if (named !== undefined) registerById(registry, format, topic, named, isKey);
    else registerColumns({ ...request, registry, format, feature: featureOf(request.wrapSingle) });
  }
}
