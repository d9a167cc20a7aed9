import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { mergeRecords } from '../../src/store/merge.js';
import { migrateStore, storeSchemaStatus } from '../../src/store/migrate-store.js';
import { grantSinkRole } from '../../src/store/sink-role.js';
import type { Store } from '../../src/store/store.js';
import { aggregateJson, makeAggregates } from './support/aggregates.js';
import { pglite, postgres, type TestStore } from './support/environments.js';
import { lastFives, paymentRows } from './support/store-contents.js';

/** The four schema files of development databases, as they were before the schema was squashed. */
const oldFolder = join(import.meta.dirname, 'support/schema-before-squash');
const oldFiles = readdirSync(oldFolder)
  .sort()
  .map((file) => ({
    version: Number(file.slice(0, 3)),
    name: file.slice(4, -4),
    text: readFileSync(join(oldFolder, file), 'utf8'),
  }));

/** Migrates a store to an old version as the code of that time did. */
async function migrateAsBefore(store: Store, version: number): Promise<void> {
  await store.transaction(async (tx) => {
    await tx.script(`CREATE TABLE IF NOT EXISTS store_schema (
        version integer PRIMARY KEY,
        name text NOT NULL,
        checksum text NOT NULL,
        applied_at timestamptz NOT NULL DEFAULT clock_timestamp()
      )`);
    for (const file of oldFiles.filter((each) => each.version <= version)) {
      await tx.script(file.text);
      await tx.query('INSERT INTO store_schema (version, name, checksum) VALUES ($1, $2, $3)', [
        file.version,
        file.name,
        createHash('sha256').update(file.text).digest('hex'),
      ]);
    }
  });
}

/** Everything in the schema but comments inside functions: columns, constraints, settings, the view, the functions. */
async function definitions(store: Store): Promise<readonly string[]> {
  const { rows } = await store.query<{ line: string }>(`
    SELECT 'column ' || c.relname || '.' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod) || ' '
      || a.attnotnull || ' ' || coalesce(pg_get_expr(d.adbin, d.adrelid), '') || ' ' || a.attcollation::regcollation AS line
    FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid
      LEFT JOIN pg_attrdef AS d ON (d.adrelid, d.adnum) = (c.oid, a.attnum)
    WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'v') AND a.attnum > 0 AND NOT a.attisdropped
    UNION ALL
    SELECT 'options ' || relname || ' ' || coalesce(reloptions::text, '') FROM pg_class
    WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'v')
    UNION ALL
    SELECT 'constraint ' || conrelid::regclass || ' ' || pg_get_constraintdef(oid) FROM pg_constraint
    WHERE connamespace = current_schema()::regnamespace
    UNION ALL
    SELECT 'view ' || viewname || ' ' || definition FROM pg_views WHERE schemaname = current_schema()
    UNION ALL
    SELECT 'function ' || regexp_replace(regexp_replace(pg_get_functiondef(oid), '--[^\\n]*', '', 'g'), '\\s+', ' ', 'g')
    FROM pg_proc WHERE pronamespace = current_schema()::regnamespace`);
  return rows.map(({ line }) => line).sort();
}

const records = makeAggregates({ seed: 3, customers: 3, payments: 30 }).map((aggregate) => ({
  ...aggregate,
  timestamp: 0n,
  value: aggregateJson(aggregate),
}));

for (const kind of [pglite, postgres]) {
  describe.skipIf(kind.skip)(`store schema on ${kind.name}`, () => {
    let opened: TestStore;
    let store: Store;
    let ofNewStore: readonly string[];

    beforeAll(async () => {
      const fresh = await kind.open();
      const { applied } = await migrateStore(fresh.store);
      expect(applied.map(({ name }) => name)).toEqual(['customer_payment', 'sink', 'payment_versions']);
      ofNewStore = await definitions(fresh.store);
      await fresh.close();
    });
    beforeEach(async () => {
      opened = await kind.open();
      store = opened.store;
    });
    afterEach(() => opened.close());

    it('reads the schema with the role of the sink, which must not change it', async () => {
      await migrateStore(store);
      await grantSinkRole(store, 'paystream_schema_test');
      const status = await store.transaction(async (tx) => {
        await tx.script('SET LOCAL ROLE paystream_schema_test');
        return await storeSchemaStatus({ ...store, ...tx });
      });
      expect(status).toEqual({ version: 5, pending: [] });
      await store.script('DROP OWNED BY paystream_schema_test; DROP ROLE paystream_schema_test');
    });

    it('takes over a database at version 4 with its data', async () => {
      await migrateAsBefore(store, 4);
      await store.script(`INSERT INTO customer_payment (customer_id, payment_type, trx_id, trx_date, trx_amount,
        source_window, source_offset, event_at) SELECT 1 + n % 3, 'CC', n, '2026-01-01', 3.5, 0, n, 'epoch'
        FROM generate_series(1, 12) AS n`);
      await store.script("INSERT INTO sink_offset VALUES ('g', 't', 0, 20, 'claim')");
      await store.script(
        "INSERT INTO sink_dead_letter VALUES ('g', 't', 0, 7, 1, 'reason', 'PS001', 10, 'epoch', 'epoch')",
      );
      const payments = await paymentRows(store);
      expect(payments.length).toBe(12);

      expect((await migrateStore(store)).applied.map(({ name }) => name)).toEqual(['payment_versions']);
      expect(await paymentRows(store)).toEqual(payments);
      expect((await store.query('SELECT next_offset, claim FROM sink_offset')).rows).toEqual([
        { next_offset: '20', claim: 'claim' },
      ]);
      expect((await store.query('SELECT source_offset, place FROM sink_dead_letter')).rows).toEqual([
        { source_offset: '7', place: 0 },
      ]);
      expect(await definitions(store)).toEqual(ofNewStore);
      await store.transaction((tx) => mergeRecords(tx, records));
      expect((await lastFives(store)).size).toBe(3);
    });

    it.each([
      { from: 1, applied: ['sink', 'payment_versions'] },
      { from: 2, applied: ['payment_versions'] },
      { from: 3, applied: ['payment_versions'] },
    ])('upgrades a database at version $from', async ({ from, applied }) => {
      await migrateAsBefore(store, from);
      await store.script(`INSERT INTO customer_payment (customer_id, payment_type, trx_id, trx_date, trx_amount,
        source_window, source_offset, event_at) VALUES (1, 'CC', 2, '2026-01-01', 3.5, 0, 0, 'epoch')`);
      const payments = await paymentRows(store);
      const result = await migrateStore(store);
      expect(result.applied.map(({ name }) => name)).toEqual(applied);
      expect(result.version).toBe(5);
      expect(await paymentRows(store)).toEqual(payments);
      expect(await definitions(store)).toEqual(ofNewStore);
      expect(await storeSchemaStatus(store)).toEqual({ version: 5, pending: [] });
    });

    it('refuses a store that was migrated with other files', async () => {
      await migrateStore(store);
      await store.script("UPDATE store_schema SET checksum = 'other' WHERE version = 2");
      await expect(migrateStore(store)).rejects.toMatchObject({ code: 'STORE_SCHEMA_CHANGED' });
      await store.script('UPDATE store_schema SET version = 9000 WHERE version = 2');
      await expect(migrateStore(store)).rejects.toMatchObject({ code: 'STORE_SCHEMA_NEWER' });
    });
  });
}
