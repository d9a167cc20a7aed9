import { createRequire } from 'node:module';
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';

/** The fields that every Kubernetes object has. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly [key: string]: unknown;
}

interface Schema {
  [key: string]: unknown;
}

const require = createRequire(import.meta.url);

/** Returns the packages that may contain the schema of a kind: Kubernetes itself and the Prometheus operator. */
function modulesOf(apiVersion: string, kind: string): readonly string[] {
  const name = `${apiVersion}/${kind}`;
  return [`kubernetes-models/${name}`, `@kubernetes-models/prometheus-operator/${name}`];
}

// No package contains Strimzi's schemas. These are the parts that deploy/ uses, from its custom resource definitions
// (https://strimzi.io/docs/operators/latest/configuring, KafkaTopic and KafkaUser).
const strimziMetadata = {
  type: 'object',
  properties: {
    name: { type: 'string' },
    namespace: { type: 'string' },
    // Without the name of the cluster, no operator handles the object.
    labels: { type: 'object', required: ['strimzi.io/cluster'], additionalProperties: { type: 'string' } },
  },
  required: ['name', 'labels'],
  additionalProperties: false,
};
const strimzi: Readonly<Record<string, Schema>> = {
  KafkaTopic: {
    type: 'object',
    properties: {
      apiVersion: { const: 'kafka.strimzi.io/v1beta2' },
      kind: { const: 'KafkaTopic' },
      metadata: strimziMetadata,
      spec: {
        type: 'object',
        properties: {
          topicName: { type: 'string', maxLength: 249 },
          partitions: { type: 'integer', minimum: 1 },
          replicas: { type: 'integer', minimum: 1, maximum: 32767 },
          config: { type: 'object', additionalProperties: { type: ['string', 'number', 'boolean'] } },
        },
        required: ['topicName', 'partitions', 'replicas', 'config'],
        additionalProperties: false,
      },
    },
    required: ['metadata', 'spec'],
    additionalProperties: false,
  },
  KafkaUser: {
    type: 'object',
    properties: {
      apiVersion: { const: 'kafka.strimzi.io/v1beta2' },
      kind: { const: 'KafkaUser' },
      metadata: strimziMetadata,
      spec: {
        type: 'object',
        properties: {
          authentication: {
            type: 'object',
            properties: { type: { enum: ['tls', 'tls-external', 'scram-sha-512'] } },
            required: ['type'],
            additionalProperties: false,
          },
          authorization: {
            type: 'object',
            properties: {
              type: { const: 'simple' },
              acls: {
                type: 'array',
                minItems: 1,
                items: {
                  type: 'object',
                  properties: {
                    type: { enum: ['allow', 'deny'] },
                    host: { type: 'string' },
                    resource: {
                      type: 'object',
                      properties: {
                        type: { enum: ['topic', 'group', 'cluster', 'transactionalId'] },
                        name: { type: 'string' },
                        patternType: { enum: ['literal', 'prefix'] },
                      },
                      required: ['type'],
                      additionalProperties: false,
                    },
                    operations: {
                      type: 'array',
                      minItems: 1,
                      items: {
                        enum: [
                          'Read',
                          'Write',
                          'Create',
                          'Delete',
                          'Alter',
                          'Describe',
                          'ClusterAction',
                          'AlterConfigs',
                          'DescribeConfigs',
                          'IdempotentWrite',
                          'All',
                        ],
                      },
                    },
                  },
                  required: ['resource', 'operations'],
                  additionalProperties: false,
                },
              },
            },
            required: ['type', 'acls'],
            additionalProperties: false,
          },
        },
        required: ['authentication', 'authorization'],
        additionalProperties: false,
      },
    },
    required: ['metadata', 'spec'],
    additionalProperties: false,
  },
};

/** Rejects unknown fields, which are usually typos. The API server would silently drop them. */
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed);
  if (typeof schema !== 'object' || schema === null) return schema;
  const copy: Schema = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, closed(value)]));
  const open = 'additionalProperties' in copy || copy['x-kubernetes-preserve-unknown-fields'] === true;
  if (typeof copy.properties === 'object' && copy.properties !== null && !open) {
    copy.additionalProperties = false;
  }
  return copy;
}

const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false, inlineRefs: false });

// The packages register their schemas with their own validator when a model is first validated. Read the schemas from
// there, so that unknown fields can be rejected.
const models = require('@kubernetes-models/validate') as {
  register: (id: string, schema: Schema) => void;
  validate: (id: string, data: unknown) => void;
};
const known = new Set<string>();
models.register = (id, schema) => {
  if (known.has(id)) return;
  known.add(id);
  ajv.addSchema(closed(schema) as Schema, `${id}#`);
};
let validator: ValidateFunction | undefined;
models.validate = (id) => {
  validator = ajv.getSchema(`${id}#`);
};

function validatorOf({ apiVersion, kind }: Manifest): ValidateFunction | undefined {
  if (apiVersion.startsWith('kafka.strimzi.io/')) {
    const schema = strimzi[kind];
    return schema === undefined ? undefined : ajv.compile(schema);
  }
  for (const name of modulesOf(apiVersion, kind)) {
    let model: Readonly<Record<string, new (data: object) => { validate(): void }>>;
    try {
      model = require(name) as typeof model;
    } catch (error) {
      const { code = '' } = error as NodeJS.ErrnoException;
      if (code !== 'MODULE_NOT_FOUND' && code !== 'ERR_PACKAGE_PATH_NOT_EXPORTED') throw error;
      continue;
    }
    validator = undefined;
    const Model = model[kind];
    if (Model === undefined) return undefined;
    new Model({}).validate();
    return validator;
  }
  return undefined;
}

function sentence({ instancePath, message, params }: ErrorObject): string {
  const extra = (params as { additionalProperty?: string; allowedValues?: readonly string[] }) ?? {};
  const what = extra.additionalProperty === undefined ? message : `unknown field ${extra.additionalProperty}`;
  const values = extra.allowedValues === undefined ? '' : ` (${extra.allowedValues.join(', ')})`;
  return `${instancePath === '' ? 'the object' : instancePath} ${what}${values}`;
}

/** Validates an object against the schema of its kind. A kind without a schema is a problem. */
export function schemaProblems(manifest: Manifest): readonly string[] {
  const validate = validatorOf(manifest);
  if (validate === undefined) return [`no schema for ${manifest.apiVersion} ${manifest.kind}`];
  if (validate(manifest)) return [];
  // Skip errors that a value is not null, which `oneOf` with null adds.
  const errors = (validate.errors ?? []).filter(
    ({ keyword, params }) =>
      keyword !== 'oneOf' && !(keyword === 'type' && (params as { type?: unknown }).type === 'null'),
  );
  return [...new Set(errors.map(sentence))];
}
