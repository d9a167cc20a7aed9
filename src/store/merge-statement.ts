/**
 * The merge: one statement for a batch of aggregate records, whatever its size.
 *
 * Parameters: $1 customer ids, $2 window starts, $3 offsets, $4 record times (epoch ms) of the records, side by
 * side, $5 their values (JSON text), with the record separator U+001E in between, which JSON cannot hold (an array
 * would cost an escape for each quote); $6 the customers, each once.
 *
 * - JSON is taken apart in PostgreSQL (schema/003_read_payments.sql), so ids and amounts stay exact.
 * - Of several versions of a payment the one with the later trxDate stays, then the one with the later offset,
 *   then (two in one record) the greater content.
 * - The stored rows of the touched customers are read by `= ANY($6)` and ranked together with the new ones, without
 *   joins, and pruned by their ctid: no choice of the planner depends on a row estimate.
 * - Rows are written in the order of the primary key, and only where they differ; or where a payment came again in
 *   a later window, since the offset of that one decides against other versions. (Within a window no later record
 *   decides otherwise than an earlier one that had both versions, so the offset need not follow.)
 *
 * Answers one row: rows inserted, updated and pruned.
 */
export const MERGE_STATEMENT = `
WITH incoming AS (
  SELECT customer_id, payment_type COLLATE "C" AS payment_type, trx_id, trx_date, trx_amount, account_no,
    account_name, bank_name, reference_no, currency, source_window, source_offset, event_at
  FROM paystream_read_payments($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5)
),
candidate AS (
  SELECT customer_id, payment_type, trx_id, trx_date, trx_amount, account_no, account_name, bank_name,
    reference_no, currency, source_window, source_offset, event_at, NULL::tid AS stored
  FROM incoming
  UNION ALL
  SELECT customer_id, payment_type, trx_id, trx_date, trx_amount, account_no, account_name, bank_name,
    reference_no, currency, source_window, source_offset, event_at, ctid
  FROM customer_payment
  WHERE customer_id = ANY ($6::bigint[])
),
told AS (
  SELECT *, ROW(trx_date, trx_amount, account_no, account_name, bank_name, reference_no, currency)::text
    COLLATE "C" AS content
  FROM candidate
),
version AS (
  SELECT *,
    row_number() OVER (payment ORDER BY trx_date DESC, source_offset DESC, content DESC) AS version,
    max(stored) OVER payment AS stored_row,
    max(content) FILTER (WHERE stored IS NOT NULL) OVER payment AS stored_content,
    max(source_window) FILTER (WHERE stored IS NOT NULL) OVER payment AS stored_window
  FROM told
  WINDOW payment AS (PARTITION BY customer_id, payment_type, trx_id)
),
ranked AS MATERIALIZED (
  SELECT *, row_number() OVER (
      PARTITION BY customer_id
      ORDER BY trx_date DESC, trx_id::text COLLATE "C" DESC, trx_amount::text COLLATE "C" DESC,
        payment_type DESC
    ) AS place
  FROM version
  WHERE version = 1
),
pruned AS (
  DELETE FROM customer_payment
  WHERE ctid = ANY (ARRAY(SELECT stored_row FROM ranked WHERE place > 5 AND stored_row IS NOT NULL))
  RETURNING 1
),
written AS (
  INSERT INTO customer_payment AS p (customer_id, payment_type, trx_id, trx_date, trx_amount, account_no,
    account_name, bank_name, reference_no, currency, source_window, source_offset, event_at, written_at)
  SELECT customer_id, payment_type, trx_id, trx_date, trx_amount, account_no,
    account_name, bank_name, reference_no, currency, source_window, source_offset, event_at, clock_timestamp()
  FROM ranked
  WHERE place <= 5 AND stored IS NULL
    AND (content IS DISTINCT FROM stored_content OR source_window > stored_window)
  ORDER BY customer_id, payment_type, trx_id
  ON CONFLICT (customer_id, payment_type, trx_id) DO UPDATE SET
    trx_date = excluded.trx_date, trx_amount = excluded.trx_amount, account_no = excluded.account_no,
    account_name = excluded.account_name, bank_name = excluded.bank_name,
    reference_no = excluded.reference_no, currency = excluded.currency,
    source_window = excluded.source_window, source_offset = excluded.source_offset, event_at = excluded.event_at, written_at = excluded.written_at
  WHERE (excluded.trx_date, excluded.source_offset) >= (p.trx_date, p.source_offset)
  RETURNING (xmax = 0) AS inserted
)
SELECT
  (SELECT count(*) FROM written WHERE inserted)::integer AS inserted,
  (SELECT count(*) FROM written WHERE NOT inserted)::integer AS updated,
  (SELECT count(*) FROM pruned)::integer AS pruned`;
