import { seededRandom } from '../../../src/pipeline/sample-payments.js';

/** A payment as PAYMENT-OUTPUT has it; ids and amounts as their exact text. */
export interface Payment {
  readonly trxId: string;
  readonly trxAmount: string;
  readonly customerId: string;
  readonly trxDate: string;
  readonly paymentType: string;
  readonly accountName: string;
  /** Time of its record on PAYMENT-OUTPUT, epoch ms. Equal for all if not given. */
  readonly arrivedAt?: number;
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

/** The value of a PAYMENT-TRX-AGGR record. */
export function aggregateJson({ customerId, payments }: Pick<Aggregate, 'customerId' | 'payments'>): string {
  const elements = payments.map(
    (payment) => `${paymentJson(payment).slice(0, -1)},"arrivedAt":${payment.arrivedAt ?? 0}}`,
  );
  return `{"customerId":${customerId},"payments":[${elements.join(',')}]}`;
}

export function aggregateKey(customerId: bigint, windowStart: bigint): Buffer {
  const key = Buffer.alloc(16);
  key.writeBigInt64BE(customerId, 0);
  key.writeBigInt64BE(windowStart, 8);
  return key;
}

const greatestFirst = (a: string, b: string) => (a < b ? 1 : a > b ? -1 : 0);

/** The text by which the payments of a customer are ordered. */
const rank = ({ trxDate, trxId, paymentType }: Payment) => [trxDate, trxId, paymentType].join('\x1f');

/** The text by which the versions of a payment are ordered. */
const version = ({ trxDate, arrivedAt = 0, trxAmount, accountName }: Payment) =>
  [trxDate, String(arrivedAt).padStart(13, '0'), trxAmount, accountName].join('\x1f');

/** The five newest payments of a list, each in its newest version. */
export function newestFive(payments: readonly Payment[]): readonly Payment[] {
  const versions = new Map<string, Payment>();
  for (const payment of payments) {
    const id = `${payment.paymentType}/${payment.trxId}`;
    const known = versions.get(id);
    if (known === undefined || version(payment) > version(known)) versions.set(id, payment);
  }
  return [...versions.values()].sort((a, b) => greatestFirst(rank(a), rank(b))).slice(0, 5);
}

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
 * What the pipeline writes for random payments: after each payment, the customer's five newest of its window, each in
 * its newest version. Dates and arrivals collide, and payments come again, unchanged and in further versions.
 */
export function makeAggregates(options: AggregateOptions): readonly Aggregate[] {
  const random = seededRandom(options.seed);
  const below = (n: number) => Math.floor(random() * n);
  const windows = options.windows ?? 2;
  const dates = options.dates ?? 30;
  const sent: Payment[] = [];
  const windowed = new Map<string, readonly Payment[]>();
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
    payment = { ...payment, arrivedAt: 1_795_000_000_000 + (options.few === true ? below(3) : i - below(3)) };
    sent.push(payment);
    const group = `${payment.customerId}/${window}`;
    const known = [...(windowed.get(group) ?? []), payment];
    windowed.set(group, known);
    const payments = newestFive(known);
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

/** The last fives that follow from all records, computed without any of the code under test. */
export function expectedLastFives(records: readonly Aggregate[]): ReadonlyMap<string, readonly string[]> {
  const customers = new Map<string, Payment[]>();
  for (const payment of records.flatMap(({ payments }) => payments)) {
    customers.set(payment.customerId, [...(customers.get(payment.customerId) ?? []), payment]);
  }
  return new Map(
    [...customers].map(([customer, payments]) => [customer, newestFive(payments).map(paymentJson)]),
  );
}
