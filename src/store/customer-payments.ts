import type { StoreConnection } from './store.js';

/** A customer's last five, as the store wrote it. */
export interface CustomerPayments {
  /** JSON text: `{"customerId":1,"payments":[...]}`, newest first, ids and amounts exact. */
  readonly document: string;
  /** When the newest row was written, ISO 8601 in UTC. */
  readonly writtenAt: string;
}

/** Reads a customer's last five payments; undefined if the store knows none. */
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
