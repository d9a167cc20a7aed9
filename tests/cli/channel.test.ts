import { cpSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applyMigrations } from '../../src/migrations/apply-migrations.js';
import { compareObjects } from '../../src/migrations/drift.js';
import { DEFAULT_HISTORY_NAMES } from '../../src/migrations/history-store.js';
import { readServerObjects, type ServerObjects } from '../../src/migrations/server-objects.js';
import { type Bench, openBench } from '../migrations/support.js';
import { cli, folderOf } from '../support/cli.js';

const ROOT = resolve(import.meta.dirname, '../..');

describe('a third channel', () => {
  let bench: Bench;
  let cwd: string;
  let before: ServerObjects;

  beforeAll(async () => {
    bench = await openBench();
    cwd = folderOf({});
    cpSync(join(ROOT, 'ksql'), join(cwd, 'ksql'), { recursive: true });
    await applyMigrations({ client: bench.client, directory: join(cwd, 'ksql/migrations') });
    before = await readServerObjects(bench.client);
  });
  afterAll(() => bench.stop());

  it('is one command, and its files work as they are', async () => {
    const flags = [
      '--account-no',
      'walletId',
      '--bank-name',
      '-',
      '--currency',
      '-',
      '--fixed-currency',
      'IDR',
    ];
    const made = await cli(['channel', 'new', 'ewallet', ...flags, '--json'], { cwd });
    expect(made.code).toBe(0);
    expect(JSON.parse(made.stdout)).toEqual({
      paths: [
        'ksql/migrations/V000007__ewallet_payment.sql',
        'ksql/migrations/U000007__ewallet_payment.sql',
        'ksql/tests/ewallet_payment.sql',
      ],
    });
    expect(readFileSync(join(cwd, 'ksql/migrations/V000007__ewallet_payment.sql'), 'utf8')).toContain(
      "KAFKA_TOPIC = 'EWALLET-PAYMENT'",
    );
    expect(await cli(['migrate', 'lint', '--strict'], { cwd })).toMatchObject({ code: 0 });
    expect(await cli(['test', 'ksql/tests/ewallet_payment.sql'], { cwd })).toMatchObject({ code: 0 });
  });

  it('changes nothing downstream of PAYMENT-OUTPUT, and its payments are among the last five', async () => {
    const env = { PAYSTREAM_KSQLDB_URL: bench.cluster.ksqldbUrl };
    expect(await cli(['migrate'], { cwd, env })).toMatchObject({ code: 0 });
    const added = compareObjects(before, await readServerObjects(bench.client), DEFAULT_HISTORY_NAMES);
    expect(added.map(({ kind, what, name }) => `${kind} ${what} ${name}`)).toEqual([
      'extra stream EWALLET_PAYMENT',
      'extra query EWALLET_PAYMENT',
    ]);
    await bench.client.execute(
      `INSERT INTO EWALLET_PAYMENT (\`trxId\`, \`trxAmount\`, \`walletId\`, \`customerId\`, \`trxDate\`) VALUES (1, 9.99, 'w-1', 42, '2026-11-20T08:30:00');
       INSERT INTO BANK_TRANSFER_PAYMENT (\`trxId\`, \`trxAmount\`, \`customerId\`, \`trxDate\`) VALUES (2, 1, 42, '2026-11-20T08:31:00');`,
    );
    const types = async () => {
      const rows = await bench.client.pull(
        'SELECT `lastFive`->`payments` FROM PAYMENT_TRX_AGGR WHERE CUSTOMER_ID = 42;',
      );
      const payments = (rows[0]?.[0] ?? []) as readonly { readonly paymentType: string }[];
      return payments.map(({ paymentType }) => paymentType);
    };
    await expect.poll(types, { timeout: 20_000 }).toEqual(['BANK_TRF', 'EWALLET']);
  });

  it('is taken back by its undo file', async () => {
    const env = { PAYSTREAM_KSQLDB_URL: bench.cluster.ksqldbUrl };
    expect(await cli(['migrate', 'undo', '--yes'], { cwd, env })).toMatchObject({ code: 0 });
    expect(compareObjects(before, await readServerObjects(bench.client), DEFAULT_HISTORY_NAMES)).toEqual([]);
  });
});
