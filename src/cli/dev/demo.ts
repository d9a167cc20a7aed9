import { setTimeout as sleep } from 'node:timers/promises';
import { PaystreamError } from '../../errors/paystream-error.js';
import { parseExact } from '../../ksqldb/exact-json.js';
import type { SamplePayment } from '../../pipeline/sample-payments.js';
import type { StoreConnection } from '../../store/store.js';
import { type CustomerLastFive, readLastFives } from './last-fives.js';

/** `trxDate trxId trxAmount` of each customer's five newest, computed from the payments as they were sent. */
export function expectedLastFives(
  payments: readonly SamplePayment[],
): ReadonlyMap<string, readonly string[]> {
  const all = new Map<string, string[]>();
  for (const payment of payments) {
    const fields = parseExact(payment.value) as Readonly<Record<string, unknown>>;
    const customer = String(fields.customerId);
    // The pipeline writes four places; the samples have two.
    const text = `${String(fields.trxDate)} ${String(fields.trxId)} ${String(fields.trxAmount)}00`;
    all.set(customer, [...(all.get(customer) ?? []), text]);
  }
  return new Map([...all].map(([customer, texts]) => [customer, texts.sort().reverse().slice(0, 5)]));
}

function shownTexts(customer: CustomerLastFive): readonly string[] {
  return customer.payments.map((payment) => `${payment.trxDate} ${payment.trxId} ${payment.trxAmount}`);
}

/** Waits until the store shows exactly the five newest of all that was sent; throws DEMO_FAILED after `timeoutMs`. */
export async function waitForLastFives(
  store: StoreConnection,
  payments: readonly SamplePayment[],
  timeoutMs: number,
): Promise<readonly CustomerLastFive[]> {
  const expected = expectedLastFives(payments);
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const customers = await readLastFives(store, expected.size + 1);
    const wrong = customers.find(
      (customer) => shownTexts(customer).join() !== expected.get(customer.customerId)?.join(),
    );
    if (wrong === undefined && customers.length === expected.size) return customers;
    if (Date.now() > deadline) {
      throw new PaystreamError(
        'DEMO_FAILED',
        wrong === undefined
          ? `The store has ${customers.length} customers instead of ${expected.size}.`
          : `Customer ${wrong.customerId} has ${shownTexts(wrong).join(', ')} instead of ${expected.get(wrong.customerId)?.join(', ')}.`,
        { hint: 'This is a defect of Paystream: please report it.' },
      );
    }
    await sleep(20);
  }
}
