import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EngineUnderTest } from './engine.test-util.js';

/**
 * Queries that repartition rows must produce the same tables for every number of partitions. Timestamps increase, so
 * that no row is late.
 */
const sources = (partitions: number): string => `
  CREATE STREAM ORDERS (ID STRING KEY, CUSTOMER STRING, PRODUCT STRING, N INT)
    WITH (KAFKA_TOPIC='orders', PARTITIONS=${partitions}, VALUE_FORMAT='JSON');
  CREATE TABLE CUSTOMERS (C STRING PRIMARY KEY, CITY STRING)
    WITH (KAFKA_TOPIC='customers', PARTITIONS=${partitions}, VALUE_FORMAT='JSON');
  CREATE TABLE PRODUCTS (P STRING PRIMARY KEY, OWNER STRING)
    WITH (KAFKA_TOPIC='products', PARTITIONS=${partitions}, VALUE_FORMAT='JSON');`;

const queries = `
  CREATE TABLE BY_PRODUCT AS SELECT PRODUCT, COUNT(*) AS C, SUM(N) AS S FROM ORDERS GROUP BY PRODUCT;
  CREATE TABLE BY_PAIR WITH (KEY_FORMAT='JSON') AS SELECT PRODUCT, CUSTOMER, COUNT(*) AS C FROM ORDERS GROUP BY PRODUCT, CUSTOMER;
  CREATE STREAM BY_CUSTOMER AS SELECT * FROM ORDERS PARTITION BY CUSTOMER;
  CREATE TABLE BY_CITY AS SELECT CITY, COUNT(*) AS C FROM CUSTOMERS GROUP BY CITY;
  CREATE TABLE OWNED AS SELECT P, OWNER, CITY FROM PRODUCTS LEFT JOIN CUSTOMERS ON OWNER = C;
  CREATE TABLE OWNED_INNER AS SELECT P, OWNER, CITY FROM PRODUCTS JOIN CUSTOMERS ON OWNER = C;
  CREATE TABLE PER_CUSTOMER AS SELECT CUSTOMER, COUNT(*) AS C FROM BY_CUSTOMER GROUP BY CUSTOMER;
  CREATE TABLE BOTH AS SELECT ROWKEY, OWNER, C FROM PRODUCTS FULL OUTER JOIN BY_PRODUCT ON PRODUCTS.P = PRODUCT;
  CREATE STREAM PLACED AS SELECT CUSTOMER, ID, CITY FROM ORDERS LEFT JOIN CUSTOMERS ON CUSTOMER = C;`;

const name = fc.constantFrom('a', 'b', 'c', 'd', 'e');
const action = fc.oneof(
  fc.record({
    kind: fc.constant('order' as const),
    id: fc.nat(20),
    customer: name,
    product: name,
    n: fc.integer({ min: -5, max: 5 }),
  }),
  fc.record({
    kind: fc.constant('customer' as const),
    id: name,
    city: fc.option(fc.constantFrom('X', 'Y', 'Z')),
  }),
  fc.record({ kind: fc.constant('product' as const), id: name, owner: fc.option(name) }),
);
type Action = typeof action extends fc.Arbitrary<infer T> ? T : never;

async function resultOf(
  partitions: number,
  actions: readonly Action[],
): Promise<{
  readonly tables: unknown;
  readonly placed: readonly string[];
  readonly dead: readonly unknown[];
}> {
  const e = new EngineUnderTest(null, new Map([['ksql.streams.cache.max.bytes.buffering', '0']]));
  try {
    e.run(sources(partitions) + queries);
    for (const [time, act] of actions.entries()) {
      if (act.kind === 'order')
        e.write('orders', `o${act.id}`, { customer: act.customer, product: act.product, n: act.n }, time);
      else if (act.kind === 'customer')
        e.write('customers', act.id, act.city === null ? null : { city: act.city }, time);
      else e.write('products', act.id, act.owner === null ? null : { owner: act.owner }, time);
      // Write one record at a time, because the order of processing across partitions is undefined.
      await e.settled();
    }
    const tables = ['BY_PRODUCT', 'BY_PAIR', 'BY_CITY', 'OWNED', 'OWNED_INNER', 'PER_CUSTOMER', 'BOTH'];
    const states = e.engine.queries().filter(({ state }) => state !== 'RUNNING');
    return {
      tables: tables.map((topic) => [topic, e.table(topic)]),
      placed: e
        .read('PLACED')
        .map(({ key, value }) => `${key} ${value}`)
        .sort(),
      dead: states.map(({ id, error }) => [id, error?.message]),
    };
  } finally {
    await e.close();
  }
}

describe('partitions', () => {
  test('do not affect the content of tables', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(action, { minLength: 1, maxLength: 40 }), async (actions) => {
        const one = await resultOf(1, actions);
        expect(one.dead).toEqual([]);
        expect(await resultOf(4, actions)).toEqual(one);
      }),
      { numRuns: 25 },
    );
  });
});
