import { parse } from 'lossless-json';
import type { TopicRecord } from './kafka.js';
import type { StoredPayment } from './store.js';

/** What the store has to hold, computed from PAYMENT-OUTPUT alone and without any of the code under test. */
export interface LastFiveOracle {
  /** By customer: the five newest payments, each in its newest version, newest first. */
  readonly lastFives: Readonly<Record<string, readonly StoredPayment[]>>;
  /** Customers with a window whose ten newest versions belong to fewer than five payments. */
  readonly truncated: ReadonlySet<string>;
  /** Records that the last five do not accept. */
  readonly rejected: number;
}

const WINDOW_MS = 30n * 86_400_000n;
/** V000005 keeps this many versions for each customer and window. */
const KEPT_VERSIONS = 10;
/** A payment may be dated this far ahead of its record. */
const AHEAD_MS = 900_000;
const TEXT_FIELDS = ['accountNo', 'accountName', 'bankName', 'referenceNo', 'currency'] as const;

interface Version {
  readonly customer: string;
  readonly window: bigint;
  /** Fixed order of the five: trxDate, trxId as text, paymentType. */
  readonly rank: string;
  /** Order of the versions of one payment. */
  readonly version: string;
  readonly payment: StoredPayment;
}

export function lastFiveOracle(output: readonly TopicRecord[]): LastFiveOracle {
  const versions: Version[] = [];
  for (const record of output) {
    const version = versionOf(record);
    if (version !== undefined) versions.push(version);
  }
  const customers = groupBy(versions, ({ customer }) => customer);
  const lastFives: Record<string, readonly StoredPayment[]> = {};
  const truncated = new Set<string>();
  for (const [customer, all] of customers) {
    const newest = [...groupBy(all, ({ payment }) => `${payment.paymentType}/${payment.trxId}`).values()].map(
      (same) => [...same].sort(by(({ version }) => version)).at(-1)!,
    );
    lastFives[customer] = newest
      .sort(by(({ rank }) => rank))
      .reverse()
      .slice(0, 5)
      .map(({ payment }) => payment);
    for (const inWindow of groupBy(all, ({ window }) => window).values()) {
      const texts = new Map(inWindow.map((one) => [`${one.rank}\x1f${one.version}`, one]));
      const kept = [...texts].sort(by(([text]) => text)).slice(-KEPT_VERSIONS);
      const payments = new Set(kept.map(([, { payment }]) => `${payment.paymentType}/${payment.trxId}`));
      if (kept.length === KEPT_VERSIONS && payments.size < 5) truncated.add(customer);
    }
  }
  return { lastFives, truncated, rejected: output.length - versions.length };
}

function versionOf({ value, timestamp }: TopicRecord): Version | undefined {
  const raw = parse(value!) as Readonly<Record<string, unknown>>;
  const field = (name: string) => {
    const found = raw[name];
    return found === null || found === undefined ? null : String(found);
  };
  const [customer, trxId, amount, trxDate, paymentType] = [
    'customerId',
    'trxId',
    'trxAmount',
    'trxDate',
    'paymentType',
  ].map(field) as (string | null)[];
  if (customer == null || trxId == null || amount == null || trxDate == null || paymentType == null) {
    return undefined;
  }
  if (BigInt(trxId) < 1n || Date.parse(`${trxDate}Z`) > Number(timestamp) + AHEAD_MS) return undefined;
  const texts = Object.fromEntries(TEXT_FIELDS.map((name) => [name, cleaned(field(name))]));
  const trxAmount = withFourDecimals(amount);
  return {
    customer,
    window: BigInt(timestamp) / WINDOW_MS,
    rank: [trxDate, trxId, paymentType].join('\x1f'),
    version: [
      trxDate,
      timestamp.padStart(13, '0'),
      trxAmount,
      ...TEXT_FIELDS.map((name) => texts[name] ?? '\x1e'),
    ].join('\x1f'),
    payment: { trxId, trxAmount, customerId: customer, trxDate, paymentType, ...texts },
  };
}

/** The aggregate encodes a payment as one text: separators, NUL and lone surrogates become spaces. */
function cleaned(text: string | null): string | null {
  if (text === null) return null;
  const clean = text
    .replaceAll('\x1f', ' ')
    .replaceAll('\0', ' ')
    .replaceAll(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, ' ');
  return clean === '\x1e' ? null : clean;
}

function withFourDecimals(amount: string): string {
  const [whole, decimals = ''] = amount.split('.');
  return `${whole}.${decimals.padEnd(4, '0')}`;
}

function by<T>(key: (item: T) => string): (a: T, b: T) => number {
  return (a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0);
}

function groupBy<T, K>(items: readonly T[], key: (item: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) {
    const group = groups.get(key(item));
    if (group === undefined) groups.set(key(item), [item]);
    else group.push(item);
  }
  return groups;
}
