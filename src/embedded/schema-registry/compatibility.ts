/**
 * Whether data written with one schema can be read with another.
 *
 * Sources: https://avro.apache.org/docs/1.11.1/specification/#schema-resolution and
 * https://docs.confluent.io/platform/current/schema-registry/fundamentals/schema-evolution.html
 */
import { type AvroNode, branchName, parseAvroSchema } from './avro-schema.js';
import { type ProtoField, type ProtoMessage, parseProtoFile } from './proto-file.js';
import type { SchemaType } from './schema-text.js';

export const compatibilityLevels = [
  'NONE',
  'BACKWARD',
  'BACKWARD_TRANSITIVE',
  'FORWARD',
  'FORWARD_TRANSITIVE',
  'FULL',
  'FULL_TRANSITIVE',
] as const;

export type CompatibilityLevel = (typeof compatibilityLevels)[number];

export interface ComparedSchema {
  readonly schemaType: SchemaType;
  readonly schema: string;
  /** The texts of the schemas it refers to, those they refer to first. */
  readonly dependencies: readonly string[];
}

/**
 * What stands against a new schema, given the earlier ones (oldest first); empty if nothing does.
 */
export function compatibilityProblems(
  level: CompatibilityLevel,
  next: ComparedSchema,
  earlier: readonly ComparedSchema[],
): string[] {
  if (level === 'NONE' || earlier.length === 0) return [];
  const compared = level.endsWith('_TRANSITIVE') ? earlier : earlier.slice(-1);
  const problems: string[] = [];
  for (const previous of compared) {
    if (!level.startsWith('FORWARD')) problems.push(...readProblems(next, previous));
    if (!level.startsWith('BACKWARD')) problems.push(...readProblems(previous, next));
  }
  return problems;
}

function readProblems(reader: ComparedSchema, writer: ComparedSchema): string[] {
  if (reader.schemaType !== writer.schemaType) {
    return [`{errorType:'TYPE_MISMATCH', description:'The schema type changed'}`];
  }
  switch (reader.schemaType) {
    case 'AVRO': {
      const problems: string[] = [];
      avroProblems(avroTree(reader), avroTree(writer), '', problems, new Set());
      return problems;
    }
    case 'PROTOBUF':
      return protoProblems(reader.schema, writer.schema);
    case 'JSON': {
      const problems: string[] = [];
      jsonProblems(JSON.parse(reader.schema), JSON.parse(writer.schema), '#', problems, 0);
      return problems;
    }
  }
}

function avroTree({ schema, dependencies }: ComparedSchema): AvroNode {
  const known = new Map<string, AvroNode>();
  for (const text of dependencies) parseAvroSchema(text, known);
  return parseAvroSchema(schema, known);
}

const promotions: Readonly<Record<string, readonly string[]>> = {
  int: ['long', 'float', 'double'],
  long: ['float', 'double'],
  float: ['double'],
  string: ['bytes'],
  bytes: ['string'],
};

function avroProblems(
  reader: AvroNode,
  writer: AvroNode,
  path: string,
  problems: string[],
  seen: Set<string>,
): void {
  const at = path === '' ? '/' : path;
  if (writer.kind === 'union') {
    for (const branch of writer.branches!) avroProblems(reader, branch, path, problems, seen);
    return;
  }
  if (reader.kind === 'union') {
    const fits = reader.branches!.some((branch) => {
      const found: string[] = [];
      avroProblems(branch, writer, path, found, new Set(seen));
      return found.length === 0;
    });
    if (!fits) {
      problems.push(
        problem('MISSING_UNION_BRANCH', at, `reader union lacking writer type: ${branchName(writer)}`),
      );
    }
    return;
  }
  if (reader.kind !== writer.kind) {
    if (promotions[writer.kind]?.includes(reader.kind)) return;
    problems.push(
      problem(
        'TYPE_MISMATCH',
        at,
        `reader type: ${reader.kind.toUpperCase()} not compatible with writer type: ${writer.kind.toUpperCase()}`,
      ),
    );
    return;
  }
  switch (reader.kind) {
    case 'array':
      avroProblems(reader.items!, writer.items!, `${path}/items`, problems, seen);
      return;
    case 'map':
      avroProblems(reader.items!, writer.items!, `${path}/values`, problems, seen);
      return;
    case 'fixed':
      if (!sameName(reader, writer)) problems.push(nameMismatch(at, writer));
      if (reader.size !== writer.size) {
        problems.push(problem('FIXED_SIZE_MISMATCH', at, `expected: ${writer.size}, found: ${reader.size}`));
      }
      return;
    case 'enum': {
      if (!sameName(reader, writer)) problems.push(nameMismatch(at, writer));
      const missing = writer.symbols!.filter((symbol) => !reader.symbols!.includes(symbol));
      if (missing.length > 0 && reader.enumDefault === undefined) {
        problems.push(problem('MISSING_ENUM_SYMBOLS', at, `[${missing.join(', ')}]`));
      }
      return;
    }
    case 'record': {
      const pair = `${reader.name} ${writer.name}`;
      if (seen.has(pair)) return;
      seen.add(pair);
      if (!sameName(reader, writer)) problems.push(nameMismatch(at, writer));
      for (const field of reader.fields!) {
        const written = writer.fields!.find(
          ({ name }) => name === field.name || field.aliases.includes(name),
        );
        const fieldPath = `${path}/fields/${field.name}`;
        if (written !== undefined) avroProblems(field.type, written.type, fieldPath, problems, seen);
        else if (!field.hasDefault) {
          problems.push(
            problem(
              'READER_FIELD_MISSING_DEFAULT_VALUE',
              fieldPath,
              `The field '${field.name}' in the new schema has no default value and is missing in the old schema`,
            ),
          );
        }
      }
    }
  }
}

/** By the last part of the name, or an alias of the reader. */
function sameName(reader: AvroNode, writer: AvroNode): boolean {
  const last = (name: string) => name.slice(name.lastIndexOf('.') + 1);
  return last(reader.name!) === last(writer.name!) || (reader.aliases ?? []).includes(writer.name!);
}

function nameMismatch(path: string, writer: AvroNode): string {
  return problem('NAME_MISMATCH', path, `expected: ${writer.name}`);
}

/** Types whose encodings can be read as one another. */
const wireGroups: Readonly<Record<string, string>> = {
  int32: 'varint',
  uint32: 'varint',
  int64: 'varint',
  uint64: 'varint',
  bool: 'varint',
  sint32: 'zigzag',
  sint64: 'zigzag',
  string: 'text',
  bytes: 'text',
  fixed32: 'fixed32',
  sfixed32: 'fixed32',
  fixed64: 'fixed64',
  sfixed64: 'fixed64',
};

function protoProblems(readerText: string, writerText: string): string[] {
  const reader = parseProtoFile(readerText);
  const writer = parseProtoFile(writerText);
  const problems: string[] = [];
  const compare = (newer: readonly ProtoMessage[], older: readonly ProtoMessage[], path: string): void => {
    for (const message of older) {
      const at = `${path}/${message.name}`;
      const counterpart = newer.find(({ name }) => name === message.name);
      if (counterpart === undefined) {
        problems.push(problem('MESSAGE_REMOVED', at, `The message at path '${at}' was removed`));
        continue;
      }
      for (const field of message.fields) {
        const other = counterpart.fields.find(({ number }) => number === field.number);
        if (other === undefined || fieldKind(other) === fieldKind(field)) continue;
        problems.push(
          problem('FIELD_SCALAR_KIND_CHANGED', `${at}/${field.number}`, 'The type of a field changed'),
        );
      }
      compare(counterpart.messages, message.messages, at);
    }
  };
  if (reader.package !== writer.package) {
    problems.push(problem('PACKAGE_CHANGED', '#/', 'The package changed'));
  }
  compare(reader.messages, writer.messages, '#');
  return problems;
}

function fieldKind(field: ProtoField): string {
  const kind = wireGroups[field.type] ?? field.type;
  return field.mapKey === undefined ? kind : `map of ${kind}`;
}

function jsonProblems(
  reader: unknown,
  writer: unknown,
  path: string,
  problems: string[],
  depth: number,
): void {
  if (depth > 64 || typeof reader !== 'object' || reader === null) return;
  if (typeof writer !== 'object' || writer === null) return;
  const newer = reader as Record<string, unknown>;
  const older = writer as Record<string, unknown>;
  const accepted = jsonTypes(newer);
  const written = jsonTypes(older);
  if (accepted !== undefined && written !== undefined) {
    const refused = written.filter(
      (type) => !accepted.includes(type) && !(type === 'integer' && accepted.includes('number')),
    );
    if (refused.length > 0) {
      problems.push(problem('TYPE_CHANGED', path, `The type at path '${path}' changed`));
      return;
    }
  }
  const newProperties = (newer.properties ?? {}) as Record<string, unknown>;
  const oldProperties = (older.properties ?? {}) as Record<string, unknown>;
  const required = Array.isArray(newer.required) ? newer.required.map(String) : [];
  const oldRequired = Array.isArray(older.required) ? older.required.map(String) : [];
  for (const name of required) {
    const hasDefault = 'default' in ((newProperties[name] ?? {}) as object);
    if (!oldRequired.includes(name) && !hasDefault) {
      problems.push(
        problem(
          'REQUIRED_ATTRIBUTE_ADDED',
          `${path}/required/${name}`,
          `The property '${name}' is required now`,
        ),
      );
    }
  }
  for (const [name, property] of Object.entries(newProperties)) {
    const at = `${path}/properties/${name}`;
    if (name in oldProperties) {
      jsonProblems(property, oldProperties[name], at, problems, depth + 1);
    } else if (
      older.additionalProperties !== false &&
      older.type === 'object' &&
      Object.keys(oldProperties).length > 0
    ) {
      problems.push(
        problem(
          'PROPERTY_ADDED_TO_OPEN_CONTENT_MODEL',
          at,
          `The new schema has a property or item at path '${at}' which is missing in the old schema`,
        ),
      );
    }
  }
  if (newer.additionalProperties === false) {
    for (const name of Object.keys(oldProperties)) {
      if (!(name in newProperties)) {
        const at = `${path}/properties/${name}`;
        problems.push(
          problem('PROPERTY_REMOVED_FROM_CLOSED_CONTENT_MODEL', at, `The property '${name}' was removed`),
        );
      }
    }
  }
  jsonProblems(newer.items, older.items, `${path}/items`, problems, depth + 1);
}

/** The types a schema lets through, as far as they are written plainly; undefined: any, or not known. */
function jsonTypes(schema: Record<string, unknown>): string[] | undefined {
  if (typeof schema.type === 'string') return [schema.type];
  if (Array.isArray(schema.type)) return schema.type.map(String);
  const branches = schema.oneOf ?? schema.anyOf;
  if (!Array.isArray(branches)) return undefined;
  const types = branches.map((branch) => jsonTypes((branch ?? {}) as Record<string, unknown>));
  return types.some((type) => type === undefined) ? undefined : types.flatMap((type) => type!);
}

function problem(errorType: string, path: string, description: string): string {
  return `{errorType:'${errorType}', description:'${description}', additionalInfo:'path: ${path}'}`;
}
