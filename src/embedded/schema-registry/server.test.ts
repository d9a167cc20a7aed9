import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type RunningSchemaRegistry, startSchemaRegistry } from './server.js';

let running: RunningSchemaRegistry;

beforeEach(async () => {
  running = await startSchemaRegistry({ dataDir: null });
});
afterEach(() => running.stop());

async function call(method: string, path: string, body?: unknown) {
  const response = await fetch(`${running.url}${path}`, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    headers: { 'content-type': 'application/vnd.schemaregistry.v1+json' },
  });
  expect(response.headers.get('content-type')).toContain('application/vnd.schemaregistry.v1+json');
  return { status: response.status, body: (await response.json()) as unknown };
}

const record = (...fields: unknown[]) => JSON.stringify({ type: 'record', name: 'R', fields });
const a = { name: 'a', type: 'int' };
const b = { name: 'b', type: 'int' };
const optionalB = { name: 'b', type: 'int', default: 1 };

describe('schema registry', () => {
  it('gives ids to schemas and versions to subjects', async () => {
    expect((await call('POST', '/subjects/s-value/versions', { schema: record(a) })).body).toEqual({ id: 1 });
    const again = JSON.stringify(JSON.parse(record(a)), null, 2);
    expect((await call('POST', '/subjects/s-value/versions', { schema: again })).body).toEqual({ id: 1 });
    expect((await call('POST', '/subjects/t-value/versions', { schema: record(a) })).body).toEqual({ id: 1 });
    await call('POST', '/subjects/s-value/versions', { schema: record(a, optionalB) });
    expect((await call('GET', '/subjects')).body).toEqual(['s-value', 't-value']);
    expect((await call('GET', '/subjects/s-value/versions')).body).toEqual([1, 2]);
    expect((await call('GET', '/subjects/s-value/versions/latest')).body).toEqual({
      subject: 's-value',
      version: 2,
      id: 2,
      schema: record(a, optionalB),
    });
    expect((await call('GET', '/subjects/s-value/versions/1/schema')).body).toEqual(JSON.parse(record(a)));
    expect((await call('GET', '/schemas/ids/2')).body).toEqual({ schema: record(a, optionalB) });
    expect((await call('GET', '/schemas/ids/1/versions')).body).toEqual([
      { subject: 's-value', version: 1 },
      { subject: 't-value', version: 1 },
    ]);
    expect((await call('POST', '/subjects/s-value', { schema: record(a) })).body).toMatchObject({
      version: 1,
    });
    expect((await call('GET', '/schemas/types')).body).toEqual(['JSON', 'PROTOBUF', 'AVRO']);
  });

  it.each<[string, string, unknown, number, number]>([
    ['GET', '/subjects/none/versions', undefined, 404, 40401],
    ['GET', '/subjects/s/versions/9', undefined, 404, 40402],
    ['GET', '/schemas/ids/99', undefined, 404, 40403],
    ['POST', '/subjects/s', { schema: '"string"' }, 404, 40403],
    ['GET', '/config/s', undefined, 404, 40408],
    ['GET', '/mode/s', undefined, 404, 40409],
    ['POST', '/subjects/x/versions', { schema: '{"type":"nope"}' }, 422, 42201],
    ['POST', '/subjects/x/versions', { schema: 'message', schemaType: 'PROTOBUF' }, 422, 42201],
    ['POST', '/subjects/x/versions', { schema: '{', schemaType: 'JSON' }, 422, 42201],
    ['POST', '/subjects/x/versions', {}, 422, 42201],
    ['GET', '/subjects/s/versions/0', undefined, 422, 42202],
    ['PUT', '/config', { compatibility: 'SOMETIMES' }, 422, 42203],
    ['PUT', '/mode', { mode: 'x' }, 422, 42204],
    ['POST', '/subjects/s/versions', { schema: record(a, b) }, 409, 409],
    ['POST', '/subjects/s/versions', { schema: record(a), id: 7 }, 422, 42205],
    ['DELETE', '/subjects/s?permanent=true', undefined, 404, 40405],
    ['GET', '/nothing', undefined, 404, 404],
  ])('%s %s answers its error code', async (method, path, body, status, code) => {
    running.registry.register('s', { schemaType: 'AVRO', schema: record(a) });
    const answer = await call(method, path, body);
    expect(answer.status).toBe(status);
    expect(answer.body).toMatchObject({ error_code: code });
  });

  it('deletes softly first, then for good', async () => {
    await call('POST', '/subjects/s/versions', { schema: record(a) });
    expect((await call('DELETE', '/subjects/s')).body).toEqual([1]);
    expect((await call('GET', '/subjects')).body).toEqual([]);
    expect((await call('GET', '/subjects?deleted=true')).body).toEqual(['s']);
    expect((await call('DELETE', '/subjects/s')).body).toMatchObject({ error_code: 40404 });
    // Records written with it can still be read.
    expect((await call('GET', '/schemas/ids/1')).status).toBe(200);
    expect((await call('POST', '/subjects/s/versions', { schema: record(a, b) })).body).toEqual({ id: 2 });
    expect((await call('GET', '/subjects/s/versions')).body).toEqual([2]);
    await call('DELETE', '/subjects/s/versions/2');
    expect((await call('DELETE', '/subjects/s?permanent=true')).body).toEqual([1, 2]);
    expect((await call('GET', '/subjects?deleted=true')).body).toEqual([]);
  });

  it('checks compatibility by the level of the subject', async () => {
    await call('POST', '/subjects/s/versions', { schema: record(a) });
    const check = async (schema: string) =>
      (await call('POST', '/compatibility/subjects/s/versions/latest', { schema })).body;
    expect(await check(record(a, b))).toEqual({ is_compatible: false });
    expect(await check(record(a, optionalB))).toEqual({ is_compatible: true });
    expect(await check(record({ name: 'a', type: 'long' }))).toEqual({ is_compatible: true });
    expect(await check(record({ name: 'a', type: 'string' }))).toEqual({ is_compatible: false });
    await call('PUT', '/config/s', { compatibility: 'FORWARD' });
    expect(await check(record(a, b))).toEqual({ is_compatible: true });
    expect(await check(record({ name: 'a', type: 'long' }))).toEqual({ is_compatible: false });
    await call('PUT', '/config/s', { compatibility: 'none' });
    expect(await check('"string"')).toEqual({ is_compatible: true });
    expect((await call('DELETE', '/config/s')).body).toEqual({ compatibilityLevel: 'NONE' });
    expect((await call('GET', '/config')).body).toEqual({ compatibilityLevel: 'BACKWARD' });
  });

  it('checks Protobuf and JSON Schema too', () => {
    const { registry } = running;
    const proto = (body: string) =>
      ({ schemaType: 'PROTOBUF', schema: `syntax = "proto3"; message M { ${body} }` }) as const;
    registry.register('p', proto('int32 a = 1;'));
    expect(registry.problems('p', proto('int64 a = 1; string b = 2;'))).toEqual([]);
    expect(registry.problems('p', proto('string a = 1;'))).toHaveLength(1);
    const json = (schema: unknown) => ({ schemaType: 'JSON', schema: JSON.stringify(schema) }) as const;
    registry.register('j', json({ type: 'object', properties: { a: { type: 'integer' } } }));
    expect(registry.problems('j', json({ type: 'object', properties: { a: { type: 'number' } } }))).toEqual(
      [],
    );
    expect(
      registry.problems('j', json({ type: 'object', properties: { a: { type: 'string' } } })),
    ).toHaveLength(1);
  });

  it('keeps references, and what they point at', async () => {
    await call('POST', '/subjects/event/versions', {
      schemaType: 'PROTOBUF',
      schema: 'syntax = "proto3"; message Event { int64 at = 1; }',
    });
    const references = [{ name: 'event.proto', subject: 'event', version: 1 }];
    const schema = 'syntax = "proto3"; import "event.proto"; message Logistics { Event event = 1; }';
    await call('POST', '/subjects/l/versions', { schemaType: 'PROTOBUF', schema, references });
    expect((await call('GET', '/schemas/ids/2')).body).toEqual({
      schemaType: 'PROTOBUF',
      schema,
      references,
    });
    expect((await call('GET', '/subjects/event/versions/1/referencedby')).body).toEqual([2]);
    expect((await call('DELETE', '/subjects/event')).body).toMatchObject({ error_code: 42206 });
    const missing = [{ name: 'x', subject: 'none', version: 1 }];
    expect(
      (await call('POST', '/subjects/m/versions', { schema: '"int"', references: missing })).status,
    ).toBe(404);
  });

  it('refuses changes in read-only mode and takes ids in import mode', async () => {
    await call('PUT', '/mode', { mode: 'READONLY' });
    expect((await call('POST', '/subjects/s/versions', { schema: '"int"' })).body).toMatchObject({
      error_code: 42205,
    });
    await call('PUT', '/mode', { mode: 'IMPORT' });
    expect(
      (await call('POST', '/subjects/s/versions', { schema: '"int"', id: 50, version: 3 })).body,
    ).toEqual({ id: 50 });
    await call('PUT', '/mode', { mode: 'READWRITE' });
    expect((await call('POST', '/subjects/s/versions', { schema: '"long"' })).body).toEqual({ id: 51 });
    expect((await call('GET', '/subjects/s/versions')).body).toEqual([3, 4]);
  });

  it('finds everything again after a restart, a cut-off last line included', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'registry-'));
    try {
      let kept = await startSchemaRegistry({ dataDir });
      kept.registry.register('s', { schemaType: 'AVRO', schema: record(a) });
      kept.registry.setCompatibility('s', 'FULL');
      kept.registry.register('gone', { schemaType: 'AVRO', schema: '"int"' });
      kept.registry.deleteSubject('gone', false);
      await kept.stop();
      appendFileSync(join(dataDir, 'schemas.jsonl'), '{"op":"schema","subj');
      kept = await startSchemaRegistry({ dataDir });
      expect(kept.registry.subjects()).toEqual(['s']);
      expect(kept.registry.subjects('only')).toEqual(['gone']);
      expect(kept.registry.ownCompatibility('s')).toBe('FULL');
      expect(kept.registry.register('t', { schemaType: 'AVRO', schema: '"long"' })).toBe(3);
      await kept.stop();
    } finally {
      rmSync(dataDir, { recursive: true });
    }
  });
});
