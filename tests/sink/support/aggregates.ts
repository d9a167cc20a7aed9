import { seededRandom } from '../../../src/pipeline/sample-payments.js';

/** A payment as PAYMENT-OUTPUT has it; ids and amounts as their exact text. */
export interface Payment {
  readonly trxId: string;
  readonly trxAmount: string;
  readonly customerId: string;
  readonly trxDate: string;
  readonly paymentType: string;
  readonly accountName: string;
}

/** A record of PAYMENT-TRX-AGGR. */
export interface Aggregate {
  readonly customerId: bigint;
  readonly windowStart: bigint;
  readonly offset: bigint;
  readonly payments: readonly Payment[];
}

export function paymentJson(payment: Payment): string {
  return (
    `{"trxId":${payment.trxId},"trxAmount":${payment.trxAmount},"customerId":${payment.customerId},` +
    `"trxDate":"${payment.trxDate}","paymentType":"${payment.paymentType}","accountNo":"411111******1111",` +
    `"accountName":"${payment.accountName}","bankName":"DUKE BANK","referenceNo":null,"currency":"IDR"}`
  );
}

export function aggregateJson({ customerId, payments }: Aggregate): string {
  return `{"customerId":${customerId},"payments":[${payments.map(paymentJson).join(',')}]}`;
}

export function aggregateKey(customerId: bigint, windowStart: bigint): Buffer {
  const key = Buffer.alloc(16);
  key.writeBigInt64BE(customerId, 0);
  key.writeBigInt64BE(windowStart, 8);
  return key;
}

/** The text by which the pipeline keeps the five greatest. */
function sortable(payment: Payment): string {
  return [payment.trxDate, payment.trxId, payment.trxAmount, payment.paymentType, payment.accountName].join(
    '\x1f',
  );
}

const greatestFirst = (a: string, b: string) => (a < b ? 1 : a > b ? -1 : 0);

export interface AggregateOptions {
  readonly seed: number;
  readonly customers: number;
  readonly payments: number;
  /** Windows that follow each other; payments of a customer reappear over them. */
  readonly windows?: number;
  /** Chance that a payment is an earlier one with other content (0 to 1). */
  readonly versions?: number;
  /** Different dates; the fewer, the more often the order hangs on ids, amounts and versions. */
  readonly dates?: number;
  /** Two ids, two amounts, one type and date: payments come again and again, in versions seen before. */
  readonly few?: boolean;
}

/**
 * What the pipeline writes for random payments: after each payment the customer's five greatest of its window.
 * Dates collide, payments are sent again, and come in further versions.
 */
export function makeAggregates(options: AggregateOptions): readonly Aggregate[] {
  const random = seededRandom(options.seed);
  const below = (n: number) => Math.floor(random() * n);
  const windows = options.windows ?? 2;
  const dates = options.dates ?? 30;
  const sent: Payment[] = [];
  const tops = new Map<string, Payment[]>();
  const records: Aggregate[] = [];
  for (let i = 0; i < options.payments; i++) {
    const window = BigInt(Math.floor((i * windows) / options.payments)) * 1_000n;
    const roll = random();
    const old = sent.length > 0 ? sent[below(sent.length)]! : undefined;
    let payment: Payment;
    if (options.few === true) {
      payment = {
        trxId: String(below(2)),
        trxAmount: `${below(2)}.0000`,
        customerId: '1',
        trxDate: date(0),
        paymentType: 'CC',
        accountName: 'Ayu',
      };
    } else if (old !== undefined && roll < (options.versions ?? 0.2)) {
      payment = {
        ...old,
        trxAmount: `${1 + below(3)}.${String(below(10_000)).padStart(4, '0')}`,
        ...(random() < 0.3 ? { trxDate: date(below(dates)) } : {}),
      };
    } else if (old !== undefined && roll < (options.versions ?? 0.2) + 0.2) {
      payment = old;
    } else {
      payment = {
        trxId: String(below(2) === 0 ? below(40) : 9_007_199_254_740_993n + BigInt(below(1_000))),
        trxAmount: `${below(1_000_000)}.${String(below(10_000)).padStart(4, '0')}`,
        customerId: String(1 + below(options.customers)),
        trxDate: date(below(dates)),
        paymentType: below(2) === 0 ? 'CC' : 'BANK_TRF',
        accountName: ['Ayu', 'Farah', 'Fowler'][below(3)]!,
      };
    }
    sent.push(payment);
    const group = `${payment.customerId}/${window}`;
    const known = tops.get(group) ?? [];
    const distinct = new Map([...known, payment].map((one) => [sortable(one), one]));
    const top = [...distinct.keys()].sort(greatestFirst).slice(0, 5);
    const payments = top.map((text) => distinct.get(text)!);
    tops.set(group, payments);
    records.push({
      customerId: BigInt(payment.customerId),
      windowStart: window,
      offset: BigInt(records.length),
      payments,
    });
  }
  return records;
}

function date(seconds: number): string {
  return new Date(Date.UTC(2026, 10, 20) + seconds * 1_000).toISOString().slice(0, 23);
}

/**
 * The last fives, computed without any of the code under test: of each payment the version with the latest date,
 * then the latest offset, then the greatest content; of those the five newest.
 */
export function expectedLastFives(records: readonly Aggregate[]): ReadonlyMap<string, readonly string[]> {
  const best = new Map<string, { readonly payment: Payment; readonly offset: bigint }>();
  for (const { payments, offset } of records) {
    for (const payment of payments) {
      const key = `${payment.customerId}/${payment.paymentType}/${payment.trxId}`;
      const known = best.get(key);
      if (known === undefined || isLater(payment, offset, known.payment, known.offset)) {
        best.set(key, { payment, offset });
      }
    }
  }
  const customers = new Map<string, Payment[]>();
  for (const { payment } of best.values()) {
    customers.set(payment.customerId, [...(customers.get(payment.customerId) ?? []), payment]);
  }
  return new Map(
    [...customers].map(([customer, payments]) => [
      customer,
      payments
        .sort((a, b) => greatestFirst(sortable(a), sortable(b)))
        .slice(0, 5)
        .map(paymentJson),
    ]),
  );
}

function isLater(a: Payment, aOffset: bigint, b: Payment, bOffset: bigint): boolean {
  if (a.trxDate !== b.trxDate) return a.trxDate > b.trxDate;
  if (aOffset !== bOffset) return aOffset > bOffset;
  return `${a.trxAmount},${a.accountName}` > `${b.trxAmount},${b.accountName}`;
}
