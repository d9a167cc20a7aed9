/**
 * The merge: one statement for a batch of aggregate records, whatever its size.
 *
 * Parameters: $1 customer ids, $2 window starts and $3 record times (both epoch ms), one element a record;
 * $4 the records' values (JSON text), separated by the record separator U+001E, which JSON cannot contain
 * (an array would need an escape for each quote).
 *
 * - JSON is taken apart in PostgreSQL (function `paystream_read_payments`), so ids and amounts stay exact.
 * - Of several versions of a payment, the one with the latest trxDate wins, then the latest arrival on
 *   PAYMENT-OUTPUT, then the greatest content. None of these depends on the topic or partition of the record.
 * - Most payments of an aggregate are stored already. Each is looked up by its primary key first, and only the
 *   changed ones continue. They are ranked together with the customer's other stored rows, and rows beyond the
 *   fifth place are pruned by their ctid. A version that replaces another one never ranks lower than it, so a
 *   pruned payment cannot become one of the five again.
 * - LIMIT 1, ANY and a hashed NOT IN leave the planner no choice that could depend on a row estimate.
 * - Rows are written in the order of the primary key, and only if they differ.
 *
 * Returns one row: rows inserted, updated and pruned.
 */
export const MERGE_STATEMENT = `
WITH incoming AS (
  SELECT DISTINCT ON (customer_id, payment_type COLLATE "C", trx_id)
    customer_id, payment_type COLLATE "C" AS payment_type, trx_id, trx_date, trx_amount, account_no, account_name, bank_name, reference_no,
    currency, arrived_at, event_at
  FROM paystream_read_payments($1::bigint[], $2::bigint[], $3::bigint[], $4)
  ORDER BY customer_id, payment_type COLLATE "C", trx_id, trx_date DESC, arrived_at DESC,
    paystream_content(trx_amount, account_no, account_name, bank_name, reference_no, currency) DESC
),
changed AS MATERIALIZED (
  SELECT i.*, s.ctid AS stored
  FROM incoming AS i
  LEFT JOIN LATERAL (
    SELECT *, ctid FROM customer_payment AS p
    WHERE (p.customer_id, p.payment_type, p.trx_id) = (i.customer_id, i.payment_type, i.trx_id)
    LIMIT 1
  ) AS s ON true
  WHERE s.ctid IS NULL
    OR (i.trx_date, i.arrived_at) > (s.trx_date, s.arrived_at)
    OR (i.trx_date, i.arrived_at) = (s.trx_date, s.arrived_at)
      AND (i.trx_amount, i.account_no, i.account_name, i.bank_name, i.reference_no, i.currency)
        IS DISTINCT FROM (s.trx_amount, s.account_no, s.account_name, s.bank_name, s.reference_no, s.currency)
      AND paystream_content(i.trx_amount, i.account_no, i.account_name, i.bank_name, i.reference_no, i.currency)
        > paystream_content(s.trx_amount, s.account_no, s.account_name, s.bank_name, s.reference_no, s.currency)
),
candidate AS (
  SELECT customer_id, payment_type, trx_id, trx_date, trx_amount, account_no, account_name, bank_name,
    reference_no, currency, arrived_at, event_at, stored, true AS is_new
  FROM changed
  UNION ALL
  SELECT customer_id, payment_type, trx_id, trx_date, trx_amount, NULL, NULL, NULL, NULL, NULL, arrived_at, NULL,
    ctid, false
  FROM customer_payment
  WHERE customer_id = ANY (ARRAY(SELECT DISTINCT customer_id FROM changed))
    AND ctid NOT IN (SELECT stored FROM changed WHERE stored IS NOT NULL)
),
ranked AS MATERIALIZED (
  SELECT *, row_number() OVER (
      PARTITION BY customer_id
      ORDER BY trx_date DESC, trx_id::text COLLATE "C" DESC, payment_type DESC
    ) AS place
  FROM candidate
),
pruned AS (
  DELETE FROM customer_payment
  WHERE ctid = ANY (ARRAY(SELECT stored FROM ranked WHERE place > 5 AND stored IS NOT NULL))
  RETURNING 1
),
written AS (
  INSERT INTO customer_payment AS p (customer_id, payment_type, trx_id, trx_date, trx_amount, account_no,
    account_name, bank_name, reference_no, currency, arrived_at, event_at, written_at)
  SELECT customer_id, payment_type, trx_id, trx_date, trx_amount, account_no,
    account_name, bank_name, reference_no, currency, arrived_at, event_at, clock_timestamp()
  FROM ranked
  WHERE place <= 5 AND is_new
  ORDER BY customer_id, payment_type, trx_id
  ON CONFLICT (customer_id, payment_type, trx_id) DO UPDATE SET
    trx_date = excluded.trx_date, trx_amount = excluded.trx_amount, account_no = excluded.account_no,
    account_name = excluded.account_name, bank_name = excluded.bank_name,
    reference_no = excluded.reference_no, currency = excluded.currency, arrived_at = excluded.arrived_at,
    event_at = excluded.event_at, written_at = excluded.written_at
  WHERE (excluded.trx_date, excluded.arrived_at) >= (p.trx_date, p.arrived_at)
  RETURNING (xmax = 0) AS inserted
)
SELECT
  (SELECT count(*) FROM written WHERE inserted)::integer AS inserted,
  (SELECT count(*) FROM written WHERE NOT inserted)::integer AS updated,
  (SELECT count(*) FROM pruned)::integer AS pruned`;
