/** Sample payments in the formats of the payment services, for `npm start`, the demo, tests and benchmarks. */
import { TOPICS } from './topics.js';

/** A record for a channel's topic. The value is JSON text, built as text so that amounts and ids stay exact. */
export interface SamplePayment {
  readonly topic: string;
  readonly key: string;
  readonly value: string;
}

export interface SampleOptions {
  /** The same seed produces the same payments. */
  readonly seed: number;
  /** Number of customers, numbered from 1. */
  readonly customers: number;
  /** Returns epoch milliseconds. Each payment is dated at most one second earlier. */
  readonly now: () => number;
}

const HOLDERS = ['Ayu Lestari', 'O\'Neil "Jo"', 'Nguyễn Ánh', 'Müller, J.', 'Farah', 'Fowler'];
const BANKS = ['DUKE BANK', 'ATOZ BANK', 'NORTH BANK'];
// Test numbers that the card schemes publish.
const CARDS = ['4111111111111111', '5500005555555559', '378282246310005', '6011000990139424'];
const CURRENCIES = ['IDR', 'USD', 'KWD'];

/** Returns a seeded random generator (mulberry32). Samples need repeatability, not quality. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Generates an endless, repeatable sequence of payments that alternates between the two channels. */
export function* samplePayments(options: SampleOptions): Generator<SamplePayment, never> {
  const random = seededRandom(options.seed);
  const below = (n: number) => Math.floor(random() * n);
  const pick = (list: readonly string[]) => JSON.stringify(list[below(list.length)]);
  for (let trxId = 1_000; ; trxId++) {
    const customerId = 1 + below(options.customers);
    const trxDate = new Date(options.now() - below(1_000)).toISOString().slice(0, 23);
    const amount = `${1 + below(2_000_000)}.${String(below(100)).padStart(2, '0')}`;
    const common = `"trxId":${trxId},"trxAmount":${amount},"customerId":${customerId},"trxDate":"${trxDate}"`;
    if (trxId % 2 === 0) {
      yield {
        topic: TOPICS.ccPayment,
        key: String(trxId),
        value: `{${common},"cardNo":${pick(CARDS)},"cardHolder":${pick(HOLDERS)},"expiryDate":"2029-0${1 + below(9)}-01","issuer":${pick(BANKS)}}`,
      };
    } else {
      yield {
        topic: TOPICS.bankTransferPayment,
        key: String(trxId),
        value: `{${common},"accountNo":"${5_000_000_000 + below(999_999_999)}","accountName":${pick(HOLDERS)},"bankName":${pick(BANKS)},"referenceNo":"REF-${trxId}","currency":${pick(CURRENCIES)}}`,
      };
    }
  }
}
