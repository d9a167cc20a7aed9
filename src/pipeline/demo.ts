import { setTimeout as sleep } from 'node:timers/promises';
import { PaystreamError } from '../errors/paystream-error.js';
import { parseExact } from '../ksqldb/exact-json.js';
import type { StoreConnection } from '../store/store.js';
import { type CustomerLastFive, readLastFives } from './last-fives.js';
import type { SamplePayment } from './sample-payments.js';

/** Computes `trxDate trxId trxAmount` of each customer's five newest payments from the payments that were sent. */
export function expectedLastFives(
  payments: readonly SamplePayment[],
): ReadonlyMap<string, readonly string[]> {
  const all = new Map<string, string[]>();
  for (const payment of payments) {
    const fields = parseExact(payment.value) as Readonly<Record<string, unknown>>;
    const customer = String(fields.customerId);
    // The pipeline writes four decimal places; the samples have two.
    const text = `${fields.trxDate} ${fields.trxId} ${fields.trxAmount}00`;
    all.set(customer, [...(all.get(customer) ?? []), text]);
  }
  return new Map([...all].map(([customer, texts]) => [customer, texts.sort().reverse().slice(0, 5)]));
}

/** Waits until the store holds exactly the five newest of the payments sent. Throws DEMO_FAILED after `timeoutMs`. */
export async function waitForLastFives(
  store: StoreConnection,
  payments: readonly SamplePayment[],
  timeoutMs: number,
): Promise<readonly CustomerLastFive[]> {
  const expected = expectedLastFives(payments);
  const deadline = Date.now() + timeoutMs;
  const actualOf = (customer: CustomerLastFive) =>
    customer.payments.map((payment) => `${payment.trxDate} ${payment.trxId} ${payment.trxAmount}`).join();
  const expectedOf = (customer: CustomerLastFive) => expected.get(customer.customerId)?.join();
  for (;;) {
    const customers = await readLastFives(store, expected.size + 1);
    const wrong = customers.find((customer) => actualOf(customer) !== expectedOf(customer));
    if (wrong === undefined && customers.length === expected.size) return customers;
    if (Date.now() > deadline) {
      throw new PaystreamError(
        'DEMO_FAILED',
        wrong === undefined
          ? `The store has ${customers.length} customers, expected ${expected.size}.`
          : `Customer ${wrong.customerId} has ${actualOf(wrong)}, expected ${expectedOf(wrong)}.`,
        { hint: 'This is a bug in Paystream. Please report it.' },
      );
    }
    await sleep(20);
  }
}
