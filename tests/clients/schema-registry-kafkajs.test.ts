import { SchemaRegistry as KafkajsRegistry, SchemaType } from '@kafkajs/confluent-schema-registry';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FormatProperties } from '../../src/embedded/ksqldb/formats/format.js';
import { formatProperties } from '../../src/embedded/ksqldb/formats/format-properties.js';
import { formatNamed } from '../../src/embedded/ksqldb/formats/formats.js';
import { inferColumns } from '../../src/embedded/ksqldb/formats/registry/schema-inference.js';
import type { Column } from '../../src/embedded/ksqldb/schema/schema.js';
import type { SchemaRegistry } from '../../src/embedded/schema-registry/registry.js';
import {
  type RunningSchemaRegistry,
  startSchemaRegistry,
} from '../../src/embedded/schema-registry/server.js';
import { BIGINT, DOUBLE, type SqlType, STRING, structType } from '../../src/sql/sql-type.js';

function serdeOf(
  format: string,
  columns: readonly Column[],
  registry: SchemaRegistry,
  properties: FormatProperties = formatProperties(format, false, 'S', {}),
) {
  return formatNamed(format).createSerde({
    columns,
    properties,
    wrapSingle: true,
    topic: 'T',
    isKey: false,
    registry,
  });
}

function columnsOf(types: Readonly<Record<string, SqlType>>): Column[] {
  return Object.entries(types).map(([name, type]) => ({ name, type }));
}

/** Reads the columns of a value from the schema with this ID. */
function infer(registry: SchemaRegistry, format: string, { schemaId }: { schemaId: number }) {
  return inferColumns({
    registry,
    format: formatNamed(format),
    properties: formatProperties(format, false, 'S', { schemaId }),
    topic: 'T',
    schemaId,
    feature: null,
    isKey: false,
  });
}

describe('the Schema Registry and kafkajs’ registry client', () => {
  let running: RunningSchemaRegistry;
  let client: KafkajsRegistry;
  beforeAll(async () => {
    running = await startSchemaRegistry({ dataDir: null });
    client = new KafkajsRegistry({ host: running.url });
  });
  afterAll(() => running.stop());

  it('reads and writes AVRO', async () => {
    const schema = {
      type: 'record',
      name: 'Payment',
      namespace: 'com.acme',
      fields: [
        { name: 'trxId', type: 'long' },
        { name: 'note', type: ['null', 'string'], default: null },
        { name: 'tags', type: { type: 'map', values: 'int' } },
        { name: 'ratio', type: 'double' },
      ],
    };
    const { id } = await client.register(
      { type: SchemaType.AVRO, schema: JSON.stringify(schema) },
      { subject: 'A-value' },
    );
    const record = { trxId: 42, note: 'é', tags: { a: 1 }, ratio: 0.5 };
    const columns = infer(running.registry, 'AVRO', { schemaId: id }).columns;
    const bytes = await client.encode(id, record);
    const serde = serdeOf('AVRO', columns, running.registry, { schemaId: String(id) });
    const row = serde.deserialize(bytes)!;
    expect(row).toEqual([42n, 'é', new Map([['a', 1]]), 0.5]);
    expect(serde.serialize(row)).toEqual(bytes);
    const own = serdeOf(
      'AVRO',
      columnsOf({ ID: BIGINT, NAME: STRING, R: structType([{ name: 'F', type: DOUBLE }]) }),
      running.registry,
    );
    const decoded = await client.decode(own.serialize([7n, null, [1.5]])!);
    expect(JSON.parse(JSON.stringify(decoded))).toEqual({ ID: 7, NAME: null, R: { F: 1.5 } });
  });

  it('reads and writes PROTOBUF', async () => {
    const schema =
      'syntax = "proto3"; package com.acme; message Payment { int64 trxId = 1; string note = 2; repeated int32 n = 3; sint32 z = 4; map<string, double> m = 5; }';
    const { id } = await client.register({ type: SchemaType.PROTOBUF, schema }, { subject: 'P-value' });
    const columns = infer(running.registry, 'PROTOBUF', { schemaId: id }).columns;
    // This client omits the message indexes that Confluent's clients and Paystream write before the message.
    const zero = Buffer.from([0]);
    const withIndex = (bytes: Buffer) => Buffer.concat([bytes.subarray(0, 5), zero, bytes.subarray(5)]);
    const withoutIndex = (bytes: Buffer) => Buffer.concat([bytes.subarray(0, 5), bytes.subarray(6)]);
    const bytes = withIndex(
      await client.encode(id, { trxId: 42, note: 'é', n: [1, -2], z: -5, m: { a: 0.5 } }),
    );
    const serde = serdeOf('PROTOBUF', columns, running.registry, { schemaId: String(id) });
    const row = serde.deserialize(bytes)!;
    expect(row).toEqual([42n, 'é', [1, -2], -5, new Map([['a', 0.5]])]);
    const decoded = await client.decode(withoutIndex(serde.serialize(row)!));
    expect(JSON.parse(JSON.stringify(decoded))).toEqual({
      trxId: '42',
      note: 'é',
      n: [1, -2],
      z: -5,
      m: { a: 0.5 },
    });
  });

  it('reads and writes JSON_SR', async () => {
    const schema = JSON.stringify({
      type: 'object',
      properties: { trxId: { type: 'integer' }, note: { type: 'string' } },
    });
    const { id } = await client.register({ type: SchemaType.JSON, schema }, { subject: 'J-value' });
    const bytes = await client.encode(id, { trxId: 42, note: 'é' });
    const serde = serdeOf('JSON_SR', columnsOf({ trxId: BIGINT, note: STRING }), running.registry, {
      schemaId: String(id),
    });
    expect(serde.deserialize(bytes)).toEqual([42n, 'é']);
    expect(await client.decode(serde.serialize([43n, 'x'])!)).toEqual({ trxId: 43, note: 'x' });
  });
});
