/**
 * Merges a batch of aggregate records of any size in one statement.
 *
 * Parameters: arrays of $1 customer ids, $2 window starts, $3 offsets and $4 timestamps (epoch ms), one element per
 * record, and $5 the values (JSON text), joined with U+001E. JSON text cannot contain that character, and an array
 * parameter would have to escape every quote.
 *
 * - PostgreSQL parses the JSON (schema/004_read_payments.sql), so ids and amounts stay exact.
 * - Of several versions of a payment, the one with the latest trxDate wins, then the one with the highest offset.
 *   If one record contains two versions, the greater content wins, which the aggregate puts first.
 * - Most payments of an aggregate are stored already. The statement first looks each one up by primary key and
 *   continues only with changes. It ranks them with the customer's other rows, and deletes rows after the fifth
 *   place by ctid. LIMIT 1, ANY and a hashed NOT IN leave the planner no choice that depends on row estimates.
 * - Rows are written in primary key order, and only if they differ or if the payment appears in a later window,
 *   because that record's offset decides against other versions. (Within a window, a later record never decides
 *   differently from an earlier one that contained both versions, so the offset may stay behind.)
 *
 * Returns one row with the numbers of rows inserted, updated and pruned.
 */
export const MERGE_STATEMENT = `
WITH incoming AS (
  SELECT DISTINCT ON (customer_id, payment_type COLLATE "C", trx_id)
    customer_id, payment_type COLLATE "C" AS payment_type, trx_id, trx_date, trx_amount, account_no, account_name, bank_name, reference_no,
    currency, source_window, source_offset, event_at
  FROM paystream_read_payments($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5)
  ORDER BY customer_id, payment_type COLLATE "C", trx_id, trx_date DESC, source_offset DESC,
    trx_amount::text COLLATE "C" DESC, account_no COLLATE "C" DESC, account_name COLLATE "C" DESC,
    bank_name COLLATE "C" DESC, reference_no COLLATE "C" DESC, currency COLLATE "C" DESC
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
    OR (i.trx_date, i.source_offset) >= (s.trx_date, s.source_offset)
      AND (
        i.source_window > s.source_window
        OR (i.trx_date, i.trx_amount, i.account_no, i.account_name, i.bank_name, i.reference_no, i.currency)
          IS DISTINCT FROM
          (s.trx_date, s.trx_amount, s.account_no, s.account_name, s.bank_name, s.reference_no, s.currency)
      )
),
candidate AS (
  SELECT customer_id, payment_type, trx_id, trx_date, trx_amount, account_no, account_name, bank_name,
    reference_no, currency, source_window, source_offset, event_at, stored, true AS is_new
  FROM changed
  UNION ALL
  SELECT customer_id, payment_type, trx_id, trx_date, trx_amount, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
    ctid, false
  FROM customer_payment
  WHERE customer_id = ANY (ARRAY(SELECT DISTINCT customer_id FROM changed))
    AND ctid NOT IN (SELECT stored FROM changed WHERE stored IS NOT NULL)
),
ranked AS MATERIALIZED (
  SELECT *, row_number() OVER (
      PARTITION BY customer_id
      ORDER BY trx_date DESC, trx_id::text COLLATE "C" DESC, trx_amount::text COLLATE "C" DESC,
        payment_type DESC
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
    account_name, bank_name, reference_no, currency, source_window, source_offset, event_at, written_at)
  SELECT customer_id, payment_type, trx_id, trx_date, trx_amount, account_no,
    account_name, bank_name, reference_no, currency, source_window, source_offset, event_at, clock_timestamp()
  FROM ranked
  WHERE place <= 5 AND is_new
  ORDER BY customer_id, payment_type, trx_id
  ON CONFLICT (customer_id, payment_type, trx_id) DO UPDATE SET
    trx_date = excluded.trx_date, trx_amount = excluded.trx_amount, account_no = excluded.account_no,
    account_name = excluded.account_name, bank_name = excluded.bank_name,
    reference_no = excluded.reference_no, currency = excluded.currency, source_window = excluded.source_window,
    source_offset = excluded.source_offset, event_at = excluded.event_at, written_at = excluded.written_at
  WHERE (excluded.trx_date, excluded.source_offset) >= (p.trx_date, p.source_offset)
  RETURNING (xmax = 0) AS inserted
)
SELECT
  (SELECT count(*) FROM written WHERE inserted)::integer AS inserted,
  (SELECT count(*) FROM written WHERE NOT inserted)::integer AS updated,
  (SELECT count(*) FROM pruned)::integer AS pruned`;
