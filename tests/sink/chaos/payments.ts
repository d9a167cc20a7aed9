import { parse } from 'lossless-json';
import { seededRandom } from '../../../src/pipeline/sample-payments.js';
import { type Payment, paymentJson } from '../support/aggregates.js';

const WINDOW_MS = 1_000n;
const TEXT = ['Ayu', 'Farah "Fa" O\'Neil', 'Fowler \\ Sons', 'Zoë €'];

/** Newest first; the order in which the pipeline keeps the five: by date, then by the texts of id, amount, type. */
function newestFirst(a: Payment, b: Payment): number {
  const [left, right] = [a, b].map(({ trxDate, trxId, trxAmount, paymentType }) =>
    [trxDate, trxId, trxAmount, paymentType].join('\x1f'),
  ) as [string, string];
  return left < right ? 1 : left > right ? -1 : 0;
}

/** Payments of a few customers as PAYMENT-OUTPUT has them: dates collide and come late, one in six is sent again. */
export function makePayments(seed: number, count: number): readonly Payment[] {
  const random = seededRandom(seed);
  const below = (n: number) => Math.floor(random() * n);
  const customers = 2 + below(20);
  const payments: Payment[] = [];
  for (let n = 0; n < count; n++) {
    if (n > 0 && below(6) === 0) {
      payments.push(payments[below(n)]!);
      continue;
    }
    payments.push({
      // Ids of one type are each given once: nothing here is a second version of a payment.
      trxId: String(below(2) === 0 ? n : 9_007_199_254_740_993n + BigInt(n)),
      trxAmount: `${below(1_000_000)}.${String(below(10_000)).padStart(4, '0')}`,
      customerId: String(1 + below(customers)),
      trxDate: new Date(Date.UTC(2026, 10, 20) + (Math.floor(n / 3) + below(40)) * 1_000)
        .toISOString()
        .slice(0, 23),
      paymentType: below(2) === 0 ? 'CC' : 'BANK_TRF',
      accountName: JSON.stringify(TEXT[below(TEXT.length)]).slice(1, -1),
    });
  }
  return payments;
}

export interface AggregateUpdate {
  readonly customerId: bigint;
  readonly windowStart: bigint;
  readonly payments: readonly Payment[];
}

/** What PAYMENT-TRX-AGGR says after each payment: the customer's five newest of the window, equal ones once. */
export function aggregateOf(
  windows: number,
  count: number,
): (payment: Payment, n: number) => AggregateUpdate {
  const fives = new Map<string, readonly Payment[]>();
  return (payment, n) => {
    const windowStart = BigInt(Math.floor((n * windows) / count)) * WINDOW_MS;
    const group = `${payment.customerId}/${windowStart}`;
    const known = fives.get(group) ?? [];
    const isKnown = known.some((one) => paymentJson(one) === paymentJson(payment));
    const five = isKnown ? known : [...known, payment].sort(newestFirst).slice(0, 5);
    fives.set(group, five);
    return { customerId: BigInt(payment.customerId), windowStart, payments: five };
  };
}

/** The answer, from the values on PAYMENT-OUTPUT and from nothing else: each customer's five newest payments. */
export function lastFivesOf(values: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const customers = new Map<string, (readonly [string, Payment])[]>();
  for (const value of new Set(values)) {
    const { trxId, trxAmount, customerId, ...rest } = parse(value) as unknown as Payment;
    const exact = {
      ...rest,
      trxId: String(trxId),
      trxAmount: String(trxAmount),
      customerId: String(customerId),
    };
    customers.set(exact.customerId, [...(customers.get(exact.customerId) ?? []), [value, exact]]);
  }
  return new Map(
    [...customers].map(([customer, payments]) => [
      customer,
      payments
        .sort(([, a], [, b]) => newestFirst(a, b))
        .slice(0, 5)
        .map(([value]) => value),
    ]),
  );
}
