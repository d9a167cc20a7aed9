import type { StoreConnection } from './store.js';

/** A customer's last five payments, as PostgreSQL formats them. */
export interface CustomerPayments {
  /** JSON text: `{"customerId":1,"payments":[...]}`, newest first. Ids and amounts are exact. */
  readonly document: string;
  /** When the customer's rows last changed, ISO 8601 in UTC. */
  readonly writtenAt: string;
}

/** Reads a customer's last five payments. Returns undefined if the store has none. */
export async function readCustomerPayments(
  connection: StoreConnection,
  customerId: bigint,
): Promise<CustomerPayments | undefined> {
  const { rows } = await connection.query<CustomerPayments>(
    `SELECT document::text AS document,
       to_char(written_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS "writtenAt"
     FROM customer_last_five WHERE customer_id = $1`,
    [customerId],
    { name: 'paystream_customer' },
  );
  return rows[0];
}
