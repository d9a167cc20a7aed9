import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeBatch } from '../../src/sink/batch-writer.js';
import { migrateStore } from '../../src/store/migrate-store.js';
import { openStore } from '../../src/store/open-store.js';
import { initOffset } from '../../src/store/sink-offsets.js';
import { grantSinkRole } from '../../src/store/sink-role.js';
import { aggregateKey } from './support/aggregates.js';
import { CARD, leakingValues } from './support/leaks.js';
import { canRunPostgres, type PostgresServer, startPostgresServer } from './support/postgres-server.js';

const required = process.env.PAYSTREAM_REQUIRE_TOOLS === '1';
const ROLE = 'paystream_sink';

describe.skipIf(!canRunPostgres && !required)("PostgreSQL's own log, when records cannot be stored", () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgresServer();
    const owner = await openStore(server.url);
    await migrateStore(owner);
    await grantSinkRole(owner, ROLE);
    await owner.script(`ALTER ROLE ${ROLE} LOGIN`);
    await owner.close();
  });
  afterAll(() => server?.stop());

  /** Stores the leaking records as the sink does; says what the server logged meanwhile. */
  async function logOfLeaks(topic: string): Promise<string> {
    const before = server.log().length;
    const url = new URL(server.url);
    url.username = ROLE;
    const store = await openStore(url.href);
    try {
      const claim = { group: 'g', topic, partition: 0, claim: 'c' };
      await initOffset(store, claim, 0n);
      const { deadLetters } = await writeBatch(store, {
        claim,
        from: 0n,
        to: BigInt(leakingValues.length),
        records: leakingValues.map((value, n) => ({
          offset: BigInt(n),
          timestamp: 0n,
          key: aggregateKey(1n, 0n),
          value: Buffer.from(value),
        })),
      });
      expect(deadLetters.length).toBe(leakingValues.length);
    } finally {
      await store.close();
    }
    return server.log().slice(before);
  }

  it('quotes nothing of them', async () => {
    const log = await logOfLeaks('as it is installed');
    expect(log).toContain('an aggregate record cannot be read');
    expect(log).not.toContain(CARD);
  });

  it('quotes nothing of them either where all statements are logged, and the parameters of failed ones', async () => {
    const owner = await openStore(server.url);
    for (const setting of [
      "log_statement = 'all'",
      'log_min_duration_statement = 0',
      'log_parameter_max_length_on_error = -1',
      "log_error_verbosity = 'verbose'",
    ]) {
      await owner.script(`ALTER SYSTEM SET ${setting}`);
    }
    await owner.query('SELECT pg_reload_conf()');
    await owner.close();
    // What another role does is logged with its values: the card number would be seen where it is looked for.
    const other = await openStore(server.url);
    for (;;) {
      await other.query('SELECT $1::text', [CARD]);
      if (server.log().includes(CARD)) break;
    }
    await other.close();
    const log = await logOfLeaks('where all is logged');
    expect(log).toContain('paystream_read_payments');
    expect(log).toContain('an aggregate record cannot be read');
    expect(log).not.toContain(CARD);
  });
});
