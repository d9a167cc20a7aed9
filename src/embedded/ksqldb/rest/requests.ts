/** Request bodies. Fields and defaults: https://docs.ksqldb.io/en/latest/developer-guide/api/ */

import {
  type JsonNode,
  JsonNumber,
  type JsonObject,
  JsonSyntaxError,
  parseExactJson,
} from '../jackson-json.js';
import { errorCodes, genericError, type RestError, statementError } from '../rest-error.js';
import { checkNotDenied, isKnownProperty, propertyProblem } from '../statements/property-names.js';

/** POST /ksql and /query. */
export interface KsqlRequest {
  readonly ksql: string;
  readonly streamsProperties?: Readonly<Record<string, unknown>>;
  readonly sessionVariables?: Readonly<Record<string, unknown>>;
  readonly requestProperties?: Readonly<Record<string, unknown>>;
  readonly commandSequenceNumber?: number;
}

/** POST /query-stream. */
export interface QueryStreamRequest {
  readonly sql: string;
  readonly properties?: Readonly<Record<string, unknown>>;
  readonly sessionVariables?: Readonly<Record<string, unknown>>;
}

/** Throws a RestError 400 if the body is not a JSON object. */
export function parseBody(text: string): JsonObject {
  let node: JsonNode;
  try {
    node = parseExactJson(text);
  } catch (error) {
    if (error instanceof JsonSyntaxError) throw invalidJson(error.message);
    throw error;
  }
  if (!(node instanceof Map)) {
    throw invalidJson(
      `Cannot construct instance of the request: it must be a JSON object, but was ${kindOf(node)}`,
    );
  }
  return node;
}

function invalidJson(message: string): RestError {
  return genericError(400, errorCodes.badRequest, `Invalid JSON in request: ${message}`);
}

export function parseKsqlRequest(text: string): KsqlRequest {
  const body = parseBody(text);
  const sequence = body.get('commandSequenceNumber') ?? null;
  if (sequence !== null && !(sequence instanceof JsonNumber && Number.isFinite(Number(sequence.text)))) {
    throw invalidJson('Cannot deserialize value of type `java.lang.Long` from "commandSequenceNumber"');
  }
  return {
    ksql: textField(body, 'ksql') ?? '',
    streamsProperties: mapField(body, 'streamsProperties'),
    sessionVariables: mapField(body, 'sessionVariables'),
    requestProperties: mapField(body, 'requestProperties'),
    ...(sequence === null ? {} : { commandSequenceNumber: Number(sequence.text) }),
  };
}

export function parseQueryStreamRequest(text: string): QueryStreamRequest {
  const body = parseBody(text);
  const sql = textField(body, 'sql');
  if (sql === undefined) {
    throw invalidJson("Missing required creator property 'sql' (index 0)");
  }
  return {
    sql,
    properties: mapField(body, 'properties'),
    sessionVariables: mapField(body, 'sessionVariables'),
  };
}

export function textField(body: JsonObject, name: string): string | undefined {
  const value = body.get(name) ?? null;
  if (value === null) return undefined;
  if (value instanceof Map || Array.isArray(value)) {
    throw invalidJson(
      `Cannot deserialize value of type \`java.lang.String\` from ${kindOf(value)} (field "${name}")`,
    );
  }
  return scalarText(value);
}

function mapField(body: JsonObject, name: string): Readonly<Record<string, unknown>> {
  const value = body.get(name) ?? null;
  if (value === null) return {};
  if (!(value instanceof Map)) {
    throw invalidJson(
      `Cannot deserialize value of type \`java.util.Map\` from ${kindOf(value)} (field "${name}")`,
    );
  }
  const result: Record<string, unknown> = Object.create(null);
  for (const [key, node] of value) result[key] = plain(node);
  return result;
}

/** Keeps numbers as text, because the engine's properties are text. */
function plain(node: JsonNode): unknown {
  if (node instanceof JsonNumber) return node.text;
  if (Array.isArray(node)) return node.map(plain);
  if (node instanceof Map) return Object.fromEntries([...node].map(([key, value]) => [key, plain(value)]));
  return node;
}

function scalarText(value: boolean | string | JsonNumber): string {
  return value instanceof JsonNumber ? value.text : String(value);
}

function kindOf(node: JsonNode): string {
  if (node instanceof Map) return 'Object value (token `JsonToken.START_OBJECT`)';
  if (Array.isArray(node)) return 'Array value (token `JsonToken.START_ARRAY`)';
  if (node instanceof JsonNumber) return 'a number';
  return node === null
    ? 'null'
    : typeof node === 'string'
      ? 'String value (token `JsonToken.VALUE_STRING`)'
      : 'a boolean';
}

/** Returns why the properties of a request cannot be used, or undefined. */
function problemOf(name: string, value: string): string | undefined {
  if (!isKnownProperty(name)) {
    return `Not recognizable as ksql, streams, consumer, or producer property: '${name}'`;
  }
  return propertyProblem(name, value) === undefined
    ? undefined
    : `Failed to coerce type of value '${value}' for key '${name}'`;
}

/**
 * Returns the properties for the engine's session. `refuse` creates the error: for an unknown property, /ksql responds
 * with 500 and /query-stream with 400, as in ksqlDB.
 */
export function sessionProperties(
  properties: Readonly<Record<string, unknown>> | undefined,
  refuse: (message: string) => RestError,
): Map<string, string> {
  const result = new Map<string, string>();
  for (const [name, value] of Object.entries(properties ?? {})) {
    const text = Array.isArray(value) ? value.map(String).join(',') : String(value);
    const problem = problemOf(name, text);
    if (problem !== undefined) throw refuse(problem);
    result.set(name, text);
  }
  checkNotDenied(result.keys());
  return result;
}

export function unknownPropertyOnKsql(statementText: string): (message: string) => RestError {
  return (message) => statementError(500, errorCodes.serverError, message, statementText);
}

export function unknownPropertyOnQuery(message: string): RestError {
  return genericError(400, errorCodes.badRequest, message);
}

export function sessionVariables(
  variables: Readonly<Record<string, unknown>> | undefined,
): Map<string, string> {
  return new Map(Object.entries(variables ?? {}).map(([name, value]) => [name, String(value)]));
}
