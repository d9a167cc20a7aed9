import type { Store } from '../../../src/store/store.js';

/** Each customer's last five as the aggregate writes them: JSON texts without blanks. */
export async function lastFives(store: Store): Promise<ReadonlyMap<string, readonly string[]>> {
  const { rows } = await store.query<{ customer_id: string; payment: string }>(
    `SELECT customer_id, payment::text AS payment FROM customer_last_five,
       json_array_elements(document -> 'payments') WITH ORDINALITY AS p (payment, n)
     ORDER BY customer_id, n`,
  );
  const customers = new Map<string, string[]>();
  for (const { customer_id, payment } of rows) {
    customers.set(customer_id, [
      ...(customers.get(customer_id) ?? []),
      payment.replaceAll(' : ', ':').replaceAll(', "', ',"'),
    ]);
  }
  return customers;
}

/** The payments' rows without the times at which they were written. */
export async function paymentRows(store: Store): Promise<readonly string[]> {
  const { rows } = await store.query<{ line: string }>(
    `SELECT ROW(customer_id, payment_type, trx_id, trx_date, trx_amount, account_no, account_name, bank_name,
       reference_no, currency)::text AS line
     FROM customer_payment ORDER BY customer_id, payment_type, trx_id`,
  );
  return rows.map(({ line }) => line);
}

/** Polls until `check` no longer throws; its last error is thrown in the end. */
export async function eventually<T>(check: () => Promise<T> | T, timeoutMs = 30_000): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (Date.now() > deadline) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
