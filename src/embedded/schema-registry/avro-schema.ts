/**
 * Avro schemas as trees: names resolved, so that codecs and the compatibility check can walk them.
 *
 * Source: https://avro.apache.org/docs/1.11.1/specification/
 */

export type AvroPrimitive = 'null' | 'boolean' | 'int' | 'long' | 'float' | 'double' | 'bytes' | 'string';

export interface AvroField {
  readonly name: string;
  readonly type: AvroNode;
  readonly aliases: readonly string[];
  readonly hasDefault: boolean;
  readonly default: unknown;
}

export interface AvroNode {
  readonly kind: AvroPrimitive | 'fixed' | 'enum' | 'array' | 'map' | 'record' | 'union';
  /** Full name of records, enums and fixed. */
  readonly name?: string;
  readonly aliases?: readonly string[];
  readonly size?: number;
  readonly symbols?: readonly string[];
  readonly enumDefault?: string;
  /** Of arrays and maps. */
  readonly items?: AvroNode;
  readonly branches?: readonly AvroNode[];
  /** Filled after the node is made, since a record may contain itself. */
  fields?: readonly AvroField[];
  /** All other attributes: logicalType, connect.name, ... */
  readonly props: Readonly<Record<string, unknown>>;
}

/** The text is no Avro schema. */
export class AvroSchemaError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'AvroSchemaError';
  }
}

const primitives: readonly string[] = [
  'null',
  'boolean',
  'int',
  'long',
  'float',
  'double',
  'bytes',
  'string',
];
const mostDepth = 200;

/** @param known named types of referenced schemas; the schema's own are added */
export function parseAvroSchema(text: string, known: Map<string, AvroNode> = new Map()): AvroNode {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    // A bare primitive name is accepted in place of its JSON string.
    if (!primitives.includes(text.trim())) throw new AvroSchemaError('The schema is not JSON.');
    json = text.trim();
  }
  return parse(json, '', known, 0);
}

function parse(json: unknown, namespace: string, known: Map<string, AvroNode>, depth: number): AvroNode {
  if (depth > mostDepth) throw new AvroSchemaError('The schema is nested too deeply.');
  if (typeof json === 'string') {
    if (primitives.includes(json)) return { kind: json as AvroPrimitive, props: {} };
    const found = known.get(fullName(json, namespace)) ?? known.get(json);
    if (found === undefined) throw new AvroSchemaError(`Undefined name: "${json}"`);
    return found;
  }
  if (Array.isArray(json)) {
    const branches = json.map((branch) => parse(branch, namespace, known, depth + 1));
    const seen = new Set<string>();
    for (const branch of branches) {
      const name = branchName(branch);
      if (branch.kind === 'union') throw new AvroSchemaError('Nested union');
      if (seen.has(name)) throw new AvroSchemaError(`Duplicate in union:${name}`);
      seen.add(name);
    }
    return { kind: 'union', branches, props: {} };
  }
  if (typeof json !== 'object' || json === null) throw new AvroSchemaError('Schema not yet supported');
  const node = json as Record<string, unknown>;
  const { type } = node;
  if (typeof type === 'object' && type !== null) {
    const inner = parse(type, namespace, known, depth + 1);
    return inner.kind === 'union' || inner.name !== undefined
      ? inner
      : { ...inner, props: { ...inner.props, ...propsOf(node) } };
  }
  if (typeof type !== 'string') throw new AvroSchemaError('No type');
  const props = propsOf(node);
  switch (type) {
    case 'array':
      return { kind: 'array', items: parse(node.items, namespace, known, depth + 1), props };
    case 'map':
      return { kind: 'map', items: parse(node.values, namespace, known, depth + 1), props };
    case 'record':
    case 'error':
    case 'enum':
    case 'fixed':
      return parseNamed(node, type, namespace, known, depth);
    default:
      if (primitives.includes(type)) return { kind: type as AvroPrimitive, props };
      return parse(type, namespace, known, depth + 1);
  }
}

function parseNamed(
  node: Record<string, unknown>,
  type: string,
  outer: string,
  known: Map<string, AvroNode>,
  depth: number,
): AvroNode {
  if (typeof node.name !== 'string') throw new AvroSchemaError('No name in schema');
  const namespace = typeof node.namespace === 'string' ? node.namespace : outer;
  const name = fullName(node.name, namespace);
  for (const part of name.split('.')) checkName(part);
  if (known.has(name)) throw new AvroSchemaError(`Can't redefine: ${name}`);
  const ownNamespace = name.includes('.') ? name.slice(0, name.lastIndexOf('.')) : '';
  const aliases = (Array.isArray(node.aliases) ? node.aliases : []).map((alias) =>
    fullName(String(alias), ownNamespace),
  );
  const props = propsOf(node);
  if (type === 'enum') {
    const symbols = Array.isArray(node.symbols) ? node.symbols.map(String) : [];
    for (const symbol of symbols) checkName(symbol);
    const made: AvroNode = {
      kind: 'enum',
      name,
      aliases,
      symbols,
      ...(typeof node.default === 'string' ? { enumDefault: node.default } : {}),
      props,
    };
    known.set(name, made);
    return made;
  }
  if (type === 'fixed') {
    if (typeof node.size !== 'number') throw new AvroSchemaError('Invalid or no size');
    const made: AvroNode = { kind: 'fixed', name, aliases, size: node.size, props };
    known.set(name, made);
    return made;
  }
  const made: AvroNode = { kind: 'record', name, aliases, props };
  known.set(name, made);
  if (!Array.isArray(node.fields)) throw new AvroSchemaError('Record has no fields');
  const seen = new Set<string>();
  made.fields = node.fields.map((raw: Record<string, unknown>): AvroField => {
    if (typeof raw?.name !== 'string') throw new AvroSchemaError('No field name');
    checkName(raw.name);
    if (seen.has(raw.name)) throw new AvroSchemaError(`Duplicate field ${raw.name} in record ${name}`);
    seen.add(raw.name);
    return {
      name: raw.name,
      type: parse(raw.type, ownNamespace, known, depth + 1),
      aliases: Array.isArray(raw.aliases) ? raw.aliases.map(String) : [],
      hasDefault: 'default' in raw,
      default: raw.default,
    };
  });
  return made;
}

const structural: readonly string[] = [
  'type',
  'name',
  'namespace',
  'fields',
  'items',
  'values',
  'symbols',
  'size',
  'aliases',
  'doc',
  'default',
];

function propsOf(node: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(node).filter(([key]) => !structural.includes(key)));
}

function fullName(name: string, namespace: string): string {
  return name.includes('.') || namespace === '' ? name : `${namespace}.${name}`;
}

/** @throws AvroSchemaError unless it is a letter or underscore, then letters, digits and underscores */
export function checkName(name: string): void {
  if (name === '') throw new AvroSchemaError('Empty name');
  if (!/^[A-Za-z_]/.test(name)) throw new AvroSchemaError(`Illegal initial character: ${name}`);
  if (!/^[A-Za-z0-9_]*$/.test(name)) throw new AvroSchemaError(`Illegal character in: ${name}`);
}

/** What a union calls a branch. */
export function branchName(node: AvroNode): string {
  return node.name ?? node.kind;
}
