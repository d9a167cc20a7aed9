import { setTimeout as sleep } from 'node:timers/promises';
import { parseExact } from '../../src/ksqldb/exact-json.js';
import type { Store } from '../../src/store/store.js';

/** A customer's last five in the store, every field as text, newest first. */
export type StoredPayment = Readonly<Record<string, string | null>>;

export async function storedLastFives(
  store: Store,
): Promise<Readonly<Record<string, readonly StoredPayment[]>>> {
  const { rows } = await store.query<{ customer_id: string; document: string }>(
    'SELECT customer_id, document FROM customer_last_five ORDER BY customer_id',
  );
  return Object.fromEntries(
    rows.map((row) => [
      row.customer_id,
      (
        parseExact(row.document) as { readonly payments: readonly Readonly<Record<string, unknown>>[] }
      ).payments.map((payment) =>
        Object.fromEntries(
          Object.entries(payment).map(([name, value]) => [name, value === null ? null : String(value)]),
        ),
      ),
    ]),
  );
}

/** Polls until `check` no longer throws; its last error is thrown after `timeoutMs`. */
export async function eventually<T>(check: () => Promise<T>, timeoutMs = 30_000): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (Date.now() > deadline) throw error;
    }
    await sleep(50);
  }
}
