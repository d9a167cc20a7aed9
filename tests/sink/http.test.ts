import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningSink, startSink } from '../../src/sink/sink.js';
import { MERGE_TRANSACTION, mergeRecords } from '../../src/store/merge.js';
import { migrateStore } from '../../src/store/migrate-store.js';
import { pglite, type TestStore } from './support/environments.js';

/** The customer service's read, with neither Kafka nor ksqlDB anywhere. */
describe('HTTP of the sink, while Kafka is down', () => {
  let opened: TestStore;
  let sink: RunningSink;
  const id = '9223372036854775807';

  beforeAll(async () => {
    opened = await pglite.open();
    await migrateStore(opened.store);
    const value = `{"customerId":${id},"payments":[{"trxId":9007199254740993,"trxAmount":0.1000,"customerId":${id},"trxDate":"2026-11-20T00:00:00.001","paymentType":"CC","accountNo":"411111******1111","accountName":"O'Neil \\"Jo\\"","bankName":null,"referenceNo":"","currency":"IDR"}]}`;
    await opened.store.transaction(
      (tx) => mergeRecords(tx, [{ customerId: BigInt(id), windowStart: 0n, timestamp: 0n, value }]),
      MERGE_TRANSACTION,
    );
    sink = await startSink({
      brokers: ['127.0.0.1:1'],
      store: opened.store,
      groupId: 'g',
      http: { port: 0, token: 'a token' },
    });
  });
  afterAll(async () => {
    await sink?.stop();
    await opened?.close();
  });

  const get = (path: string, token = 'a token') =>
    fetch(`${sink.httpUrl}${path}`, { headers: { authorization: `Bearer ${token}` } });

  it('answers a customer’s last five with ids and amounts as they were written', async () => {
    const response = await get(`/customers/${id}/payments`);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toContain('application/json');
    const text = await response.text();
    expect(text).toContain('"trxId" : 9007199254740993');
    expect(text).toContain('"trxAmount" : 0.1000');
    expect(text).toContain(`"customerId" : ${id}`);
    expect(JSON.parse(text).payments).toHaveLength(1);
  });

  it('answers a customer without payments with none', async () => {
    const response = await get('/customers/-5/payments');
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ customerId: -5, payments: [] });
  });

  it('refuses what is no id, no path, no method', async () => {
    for (const wrong of ['abc', '1.0', '1e3', '9223372036854775808', '', '-', '1%27']) {
      expect((await get(`/customers/${wrong}/payments`)).status, wrong).toBe(400);
    }
    expect((await get('/customers/1')).status).toBe(404);
    expect((await get('/nothing')).status).toBe(404);
    expect((await fetch(`${sink.httpUrl}/metrics`, { method: 'POST' })).status).toBe(405);
  });

  it('asks for the token, but not for the health checks', async () => {
    for (const path of ['/metrics', `/customers/${id}/payments`]) {
      expect((await fetch(`${sink.httpUrl}${path}`)).status).toBe(401);
      expect((await get(path, 'a tokem')).status).toBe(401);
      expect((await get(path)).status).toBe(200);
    }
    expect((await fetch(`${sink.httpUrl}/healthz`)).status).toBe(200);
  });

  it('is alive but not ready, and says why', async () => {
    const response = await fetch(`${sink.httpUrl}/readyz`);
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({
      status: 'not ready',
      problems: [expect.stringContaining('group')],
    });
  });

  it('offers its metrics in Prometheus’s format', async () => {
    const text = await (await get('/metrics')).text();
    for (const name of [
      'records_total',
      'batches_total',
      'rows_total',
      'retries_total',
      'dead_letters_total',
      'consumer_restarts_total',
      'freshness_seconds',
      'lag_records',
    ]) {
      expect(text).toContain(`# TYPE paystream_sink_${name}`);
    }
    // From the start: an alert on an increase sees nothing of a series that begins with its first dead letter.
    expect(text).toContain('paystream_sink_dead_letters_total{sql_state="22P02"} 0');
  });
});
