import { parseExact } from '../ksqldb/exact-json.js';
import type { StoreConnection } from '../store/store.js';

const FIELDS = [
  'trxId',
  'trxAmount',
  'trxDate',
  'paymentType',
  'accountNo',
  'accountName',
  'bankName',
  'currency',
] as const;

/** A payment as text; ids and amounts keep all their digits. A missing field is empty. */
export type ShownPayment = Readonly<Record<(typeof FIELDS)[number], string>>;

export interface CustomerLastFive {
  readonly customerId: string;
  readonly payments: readonly ShownPayment[];
}

/** Reads the last five payments of the first `limit` customers, like the customer service does. */
export async function readLastFives(
  store: StoreConnection,
  limit: number,
): Promise<readonly CustomerLastFive[]> {
  const { rows } = await store.query<{ customer_id: string; document: string }>(
    'SELECT customer_id, document FROM customer_last_five ORDER BY customer_id LIMIT $1',
    [limit],
  );
  return rows.map(({ customer_id: customerId, document }) => {
    const { payments } = parseExact(document) as { readonly payments: readonly Record<string, unknown>[] };
    return { customerId, payments: payments.map(shownPayment) };
  });
}

function shownPayment(payment: Readonly<Record<string, unknown>>): ShownPayment {
  const entries = FIELDS.map((name) => [name, String(payment[name] ?? '')]);
  return Object.fromEntries(entries) as ShownPayment;
}
