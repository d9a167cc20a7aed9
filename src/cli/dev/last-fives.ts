import { parseExact } from '../../ksqldb/exact-json.js';
import type { StoreConnection } from '../../store/store.js';

/** A payment as the store shows it; amounts and ids keep the digits of its JSON. */
export interface ShownPayment {
  readonly trxId: string;
  readonly trxAmount: string;
  readonly trxDate: string;
  readonly paymentType: string;
  readonly accountNo: string;
  readonly accountName: string;
  readonly bankName: string;
  readonly currency: string;
}

export interface CustomerLastFive {
  readonly customerId: string;
  readonly payments: readonly ShownPayment[];
}

/** The last fives of the first `limit` customers, as the customer service would read them. */
export async function readLastFives(
  store: StoreConnection,
  limit: number,
): Promise<readonly CustomerLastFive[]> {
  const { rows } = await store.query<{ customer_id: string; document: string }>(
    'SELECT customer_id, document FROM customer_last_five ORDER BY customer_id LIMIT $1',
    [limit],
  );
  return rows.map((row) => ({ customerId: row.customer_id, payments: shownPayments(row.document) }));
}

function shownPayments(json: string): readonly ShownPayment[] {
  const document = parseExact(json) as { readonly payments: readonly unknown[] };
  return document.payments.map((payment) => {
    const field = (name: string) => {
      const value: unknown = (payment as Readonly<Record<string, unknown>>)[name];
      return value === null || value === undefined ? '' : String(value);
    };
    return {
      trxId: field('trxId'),
      trxAmount: field('trxAmount'),
      trxDate: field('trxDate'),
      paymentType: field('paymentType'),
      accountNo: field('accountNo'),
      accountName: field('accountName'),
      bankName: field('bankName'),
      currency: field('currency'),
    };
  });
}
