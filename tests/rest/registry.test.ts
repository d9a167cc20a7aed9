import { afterEach, beforeEach, expect, it } from 'vitest';
import { LogStore } from '../../src/embedded/kafka/log/log-store.js';
import type { Engine } from '../../src/embedded/ksqldb/engine/engine.js';
import { handleKsqlRequest, runQuery } from '../../src/embedded/ksqldb/rest/in-process.js';
import { openEngine } from '../../src/embedded/ksqldb/runtime/live-engine.js';
import { SchemaRegistry } from '../../src/embedded/schema-registry/registry.js';

let store: LogStore;
let engine: Engine;

beforeEach(() => {
  store = LogStore.open({ dataDir: null });
  engine = openEngine({ store, registry: new SchemaRegistry() });
});

afterEach(async () => {
  await engine.close();
  store.close();
});

it.each(['AVRO', 'PROTOBUF', 'JSON_SR'])('inserts and reads %s, and asserts its schema', async (format) => {
  const reply = await handleKsqlRequest(engine, {
    ksql: `CREATE STREAM S (K STRING KEY, N BIGINT, D DECIMAL(20, 2))
        WITH (KAFKA_TOPIC='s', PARTITIONS=1, VALUE_FORMAT='${format}');
      INSERT INTO S VALUES ('a', 9223372036854775807, 1.50);
      ASSERT SCHEMA SUBJECT 's-value';
      ASSERT NOT EXISTS SCHEMA SUBJECT 'other' TIMEOUT 1 SECOND;`,
  });
  expect(JSON.parse(reply.text)).toMatchObject([
    { '@type': 'currentStatus' },
    { exists: true },
    { exists: false },
  ]);
  const rows = await runQuery(engine, 'SELECT * FROM S;');
  expect(rows.text).toContain('{"row":{"columns":["a",9223372036854775807,1.50]}}');
  const failed = await handleKsqlRequest(engine, { ksql: "ASSERT SCHEMA SUBJECT 'other' TIMEOUT 1 SECOND;" });
  expect(failed).toMatchObject({ status: 417 });
});
