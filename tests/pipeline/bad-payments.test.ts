import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TOPICS } from '../../src/pipeline/topics.js';
import { kafkaOf, readTopic } from '../support/kafka.js';
import { applyPipeline } from '../support/pipeline.js';
import { withoutArrival } from '../support/samples.js';
import { type TestCluster, testCluster } from '../support/test-cluster.js';

/** JSON that SQL literals cannot express: escapes, numbers that are too large, numbers that are not numbers. */
const SENT = [
  '{"trxId":1,"trxAmount":1,"customerId":300,"trxDate":"2026-11-20T00:00:01","cardHolder":"a\\u0000b"}',
  '{"trxId":2,"trxAmount":1,"customerId":300,"trxDate":"2026-11-20T00:00:02","cardHolder":"x\\ud800y"}',
  '{"trxId":3,"trxAmount":1,"customerId":300,"trxDate":"2026-11-20T00:00:03","issuer":"\\udc00\\ud83d\\ude00\\ud83d"}',
  '{"trxId":9223372036854775808,"trxAmount":1,"customerId":300,"trxDate":"2026-11-20T00:00:06"}',
  '{"trxId":7,"trxAmount":1,"customerId":300,"trxDate":"2026-11-20T00:00:07","cardHolder":"\\u001f\\u001e\\u001f"}',
];

/** On the bank's topic, since another suite checks what the processing log says of the cards' topic. */
const UNREADABLE = [
  '{"trxId":4,"trxAmount":"NaN","customerId":300,"trxDate":"2026-11-20T00:00:04"}',
  '{"trxId":5,"trxAmount":NaN,"customerId":300,"trxDate":"2026-11-20T00:00:05"}',
];

describe('payments that PostgreSQL or ksqlDB cannot hold', () => {
  let cluster: TestCluster;

  beforeAll(async () => {
    cluster = await testCluster();
    await applyPipeline(cluster);
    const producer = kafkaOf(cluster.brokers).producer();
    await producer.connect();
    const messages = (values: readonly string[]) => values.map((value) => ({ key: '300', value }));
    await producer.send({ topic: TOPICS.bankTransferPayment, messages: messages(UNREADABLE) });
    await producer.send({ topic: TOPICS.ccPayment, messages: messages(SENT) });
    await producer.disconnect();
  });

  afterAll(async () => {
    await cluster?.stop();
  });

  it('costs only itself: the others of the customer are there, with spaces for what cannot be stored', async () => {
    const payment = (id: number, holder: string, issuer = 'null') =>
      `{"trxId":${id},"trxAmount":1.0000,"customerId":300,"trxDate":"2026-11-20T00:00:0${id}.000",` +
      `"paymentType":"CC","accountNo":null,"accountName":${holder},"bankName":${issuer},"referenceNo":null,"currency":"IDR"}`;
    const want = `{"customerId":300,"payments":[${[
      payment(7, '" \\u001E "'),
      payment(3, 'null', '" \\uD83D\\uDE00 "'),
      payment(2, '"x y"'),
      payment(1, '"a b"'),
    ].join(',')}]}`;
    const records = await readTopic(cluster.brokers, TOPICS.paymentTrxAggr, (read) =>
      read.some(({ value }) => value?.includes('"trxId":7,') && value.includes('"trxId":1,')),
    );
    // Parsed, since ksqlDB escapes surrogate pairs and the embedded engine does not.
    expect(JSON.parse(withoutArrival(records.at(-1)?.value) ?? '')).toEqual(JSON.parse(want));
  });

  it('an id over 64 bits is rejected', async () => {
    const records = await readTopic(cluster.brokers, TOPICS.paymentRejected, (read) => read.length >= 1);
    expect(records.map(({ value }) => value)).toEqual([
      '{"reason":"trxId is not positive","trxId":-9223372036854775808,"trxAmount":1.0000,"customerId":300,' +
        '"trxDate":"2026-11-20T00:00:06.000","paymentType":"CC","accountNo":null,"accountName":null,"bankName":null,' +
        '"referenceNo":null,"currency":"IDR"}',
    ]);
  });

  it('an amount that is not a number never reaches PAYMENT-OUTPUT', async () => {
    const records = await readTopic(cluster.brokers, TOPICS.paymentOutput, (read) => read.length >= 5);
    expect(records.map(({ value }) => /"trxId":(-?\d+)/.exec(value ?? '')?.[1])).toEqual([
      '1',
      '2',
      '3',
      '-9223372036854775808',
      '7',
    ]);
  });
});
