/**
 * The registry's REST API, as Confluent's clients expect it.
 *
 * Source: https://docs.confluent.io/platform/current/schema-registry/develop/api.html
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { CompatibilityLevel } from './compatibility.js';
import { invalidVersion, notPermitted, RegistryError } from './errors.js';
import { fileJournal } from './journal.js';
import type { RegisteredSchema } from './registered-schema.js';
import { SchemaRegistry } from './registry.js';
import type { SchemaReference, SchemaText, SchemaType } from './schema-text.js';

export interface SchemaRegistryOptions {
  readonly host?: string;
  /** 0, the default: any free port. */
  readonly port?: number;
  /** Where schemas are kept; null: in memory only. */
  readonly dataDir: string | null;
  readonly compatibility?: CompatibilityLevel;
}

export interface RunningSchemaRegistry {
  readonly url: string;
  /** For use within the process. */
  readonly registry: SchemaRegistry;
  stop(): Promise<void>;
}

const contentType = 'application/vnd.schemaregistry.v1+json';
const mostBytes = 4 << 20;

export async function startSchemaRegistry(options: SchemaRegistryOptions): Promise<RunningSchemaRegistry> {
  const { host = '127.0.0.1', port = 0, dataDir, compatibility } = options;
  const registry = new SchemaRegistry({
    ...(compatibility === undefined ? {} : { compatibility }),
    ...(dataDir === null ? {} : { journal: fileJournal(dataDir) }),
  });
  const server = createServer((request, response) => void serve(registry, request, response));
  await listen(server, port, host);
  const { port: bound } = server.address() as AddressInfo;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${bound}`,
    registry,
    async stop() {
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
      registry.close();
    },
  };
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

async function serve(
  registry: SchemaRegistry,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  let status = 200;
  let answer: unknown;
  try {
    const body = await readBody(request);
    answer = route(registry, request.method ?? 'GET', new URL(request.url ?? '/', 'http://registry'), body);
  } catch (error) {
    const known = error instanceof RegistryError;
    status = known ? error.status : 500;
    answer = {
      error_code: known ? error.errorCode : 50001,
      message: known ? error.message : 'Error in the backend data store',
    };
  }
  const text = answer instanceof RawText ? answer.text : JSON.stringify(answer);
  response.writeHead(status, { 'content-type': contentType, 'content-length': Buffer.byteLength(text) });
  response.end(text);
}

/** A schema as the whole answer. */
class RawText {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

async function readBody(request: IncomingMessage): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > mostBytes) throw new RegistryError(413, 413, 'The request is too large.');
    chunks.push(chunk);
  }
  if (size === 0) return {};
  try {
    const parsed: unknown = JSON.parse(Buffer.concat(chunks).toString('utf8'));
    if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) {
      return parsed as Record<string, unknown>;
    }
  } catch {
    // Told below.
  }
  throw new RegistryError(400, 400, 'The request is not a JSON object.');
}

function route(registry: SchemaRegistry, method: string, url: URL, body: Record<string, unknown>): unknown {
  const path = url.pathname
    .split('/')
    .filter((part) => part !== '')
    .map(decodeURIComponent);
  const flag = (name: string) => url.searchParams.get(name) === 'true';
  const at = `${method} /${path[0] ?? ''}`;
  switch (at) {
    case 'GET /':
      return {};
    case 'GET /subjects':
    case 'POST /subjects':
    case 'DELETE /subjects':
      return subjects(registry, method, path.slice(1), url, body);
    case 'GET /schemas':
      return schemas(registry, path.slice(1), url);
    case 'POST /compatibility':
      return compatibility(registry, path.slice(1), body, flag('verbose'));
    case 'GET /config':
      return path[1] === undefined || flag('defaultToGlobal')
        ? { compatibilityLevel: registry.compatibility(path[1]) }
        : { compatibilityLevel: registry.ownCompatibility(path[1]) };
    case 'PUT /config':
      registry.setCompatibility(path[1] ?? null, String(body.compatibility));
      return { compatibility: String(body.compatibility).toUpperCase() };
    case 'DELETE /config': {
      const level = path[1] === undefined ? registry.compatibility() : registry.ownCompatibility(path[1]);
      registry.setCompatibility(path[1] ?? null, null);
      return { compatibilityLevel: level };
    }
    case 'GET /mode':
      return path[1] === undefined || flag('defaultToGlobal')
        ? { mode: registry.mode(path[1]) }
        : { mode: registry.ownMode(path[1]) };
    case 'PUT /mode':
      registry.setMode(path[1] ?? null, String(body.mode));
      return { mode: String(body.mode).toUpperCase() };
    case 'DELETE /mode': {
      const mode = path[1] === undefined ? registry.mode() : registry.ownMode(path[1]);
      registry.setMode(path[1] ?? null, null);
      return { mode };
    }
    case 'GET /contexts':
      return ['.'];
    case 'GET /v1':
      if (path[2] === 'id') {
        return { scope: { path: [], clusters: { 'schema-registry-cluster': 'schema-registry' } } };
      }
      return { version: '7.9.0', commitId: 'embedded' };
    default:
      throw notFound();
  }
}

function subjects(
  registry: SchemaRegistry,
  method: string,
  [subject, versions, version, part]: string[],
  url: URL,
  body: Record<string, unknown>,
): unknown {
  const flag = (name: string) => url.searchParams.get(name) === 'true';
  if (subject === undefined) {
    const prefix = url.searchParams.get('subjectPrefix') ?? '';
    const deleted = flag('deletedOnly') ? 'only' : flag('deleted') ? 'too' : 'no';
    return registry.subjects(deleted).filter((name) => name.startsWith(prefix));
  }
  if (versions === undefined) {
    if (method === 'POST') return full(registry.lookup(subject, schemaOf(body), flag('deleted')));
    if (method === 'DELETE') return registry.deleteSubject(subject, flag('permanent'));
    throw notFound();
  }
  if (versions !== 'versions') throw notFound();
  if (version === undefined) {
    if (method === 'POST') {
      return { id: registry.register(subject, schemaOf(body), fixedOf(registry, subject, body)) };
    }
    return registry.versions(subject, flag('deleted'));
  }
  const wanted = versionOf(version);
  if (method === 'DELETE') return registry.deleteVersion(subject, wanted, flag('permanent'));
  const found = registry.version(subject, wanted, flag('deleted'));
  if (part === 'schema') return new RawText(found.schema);
  if (part === 'referencedby') return registry.referencedBy(subject, found.version);
  return full(found);
}

function schemas(registry: SchemaRegistry, [kind, rawId, part]: string[], url: URL): unknown {
  if (kind === undefined) {
    const prefix = url.searchParams.get('subjectPrefix') ?? '';
    return registry
      .all(url.searchParams.get('deleted') === 'true')
      .filter(({ subject }) => subject.startsWith(prefix))
      .map(full);
  }
  if (kind === 'types') return ['JSON', 'PROTOBUF', 'AVRO'];
  const id = Number(rawId);
  if (kind !== 'ids' || !Number.isInteger(id)) throw notFound();
  const schema = registry.byId(id);
  const uses = registry.all().filter((entry) => entry.id === id);
  switch (part) {
    case undefined:
      return {
        ...(schema.schemaType === 'AVRO' ? {} : { schemaType: schema.schemaType }),
        schema: schema.schema,
        ...((schema.references ?? []).length === 0 ? {} : { references: schema.references }),
        ...(url.searchParams.get('fetchMaxId') === 'true'
          ? { maxId: Math.max(...registry.all(true).map((entry) => entry.id)) }
          : {}),
      };
    case 'schema':
      return new RawText(schema.schema);
    case 'subjects':
      return uses.map(({ subject }) => subject);
    case 'versions':
      return uses.map(({ subject, version }) => ({ subject, version }));
    default:
      throw notFound();
  }
}

function compatibility(
  registry: SchemaRegistry,
  [kind, subject, versions, version]: string[],
  body: Record<string, unknown>,
  verbose: boolean,
): unknown {
  if (kind !== 'subjects' || subject === undefined || versions !== 'versions') throw notFound();
  const against = version === undefined ? undefined : versionOf(version);
  const problems = registry.problems(subject, schemaOf(body), against);
  return { is_compatible: problems.length === 0, ...(verbose ? { messages: problems } : {}) };
}

function full(entry: RegisteredSchema): Record<string, unknown> {
  const { subject, version, id, schemaType, schema, references } = entry;
  return {
    subject,
    version,
    id,
    ...(schemaType === 'AVRO' ? {} : { schemaType }),
    ...(references.length === 0 ? {} : { references }),
    schema,
  };
}

function versionOf(text: string): number | 'latest' {
  if (text === 'latest' || text === '-1') return 'latest';
  const version = Number(text);
  if (!Number.isInteger(version) || version < 1 || version > 0x7fffffff) throw invalidVersion(text);
  return version;
}

function schemaOf(body: Record<string, unknown>): SchemaText {
  const { schema, schemaType = 'AVRO', references } = body;
  if (typeof schema !== 'string' || schema === '') {
    throw new RegistryError(422, 42201, 'Empty schema');
  }
  const type = String(schemaType ?? 'AVRO');
  if (type !== 'AVRO' && type !== 'PROTOBUF' && type !== 'JSON') {
    throw new RegistryError(422, 42201, `Invalid schema type ${type}`);
  }
  return {
    schemaType: type satisfies SchemaType,
    schema,
    references: (Array.isArray(references) ? references : []).map(
      (each: Record<string, unknown>): SchemaReference => ({
        name: String(each?.name),
        subject: String(each?.subject),
        version: Number(each?.version),
      }),
    ),
  };
}

/** An id and version of the client's choice are for import mode only. */
function fixedOf(
  registry: SchemaRegistry,
  subject: string,
  body: Record<string, unknown>,
): { id?: number; version?: number } {
  const id = Number(body.id ?? 0);
  const version = Number(body.version ?? 0);
  if (id > 0 && registry.mode(subject) !== 'IMPORT') {
    throw notPermitted(`Subject ${subject} is not in import mode`);
  }
  return { ...(id > 0 ? { id } : {}), ...(version > 0 ? { version } : {}) };
}

function notFound(): RegistryError {
  return new RegistryError(404, 404, 'HTTP 404 Not Found');
}
