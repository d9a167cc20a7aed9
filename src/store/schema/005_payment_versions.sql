-- Versions of a payment are ordered by trxDate, then by arrival on PAYMENT-OUTPUT, then by content. Arrival times can be
-- compared across topics and partitions, offsets cannot.
--
-- A new database has these columns already, from 001 and 002. A database at version 4 gets them here.
ALTER TABLE customer_payment ADD COLUMN IF NOT EXISTS arrived_at bigint NOT NULL DEFAULT -1;
ALTER TABLE customer_payment ALTER COLUMN arrived_at DROP DEFAULT;
ALTER TABLE sink_offset ADD COLUMN IF NOT EXISTS topic_id text;
ALTER TABLE sink_dead_letter
  ADD COLUMN IF NOT EXISTS place integer NOT NULL DEFAULT 0,
  ADD COLUMN IF NOT EXISTS payment_digest text,
  DROP CONSTRAINT sink_dead_letter_pkey,
  ADD PRIMARY KEY (consumer_group, topic, partition, source_offset, place);
ALTER TABLE sink_dead_letter ALTER COLUMN place DROP DEFAULT;
CREATE UNIQUE INDEX IF NOT EXISTS sink_dead_letter_payment
  ON sink_dead_letter (consumer_group, topic, customer_id, payment_digest) WHERE payment_digest IS NOT NULL;

-- One row per customer, with the payments as one JSON document, newest first. The order is total and the same as in
-- PAYMENT-TRX-AGGR: trxDate, then trxId as text, then paymentType.
CREATE OR REPLACE VIEW customer_last_five AS
SELECT
  customer_id,
  json_build_object(
    'customerId', customer_id,
    'payments', json_agg(
      json_build_object(
        'trxId', trx_id,
        'trxAmount', trx_amount,
        'customerId', customer_id,
        'trxDate', to_char(trx_date, 'YYYY-MM-DD"T"HH24:MI:SS.MS'),
        'paymentType', payment_type,
        'accountNo', account_no,
        'accountName', account_name,
        'bankName', bank_name,
        'referenceNo', reference_no,
        'currency', currency
      ) ORDER BY place
    )
  ) AS document,
  max(event_at) AS event_at,
  max(written_at) AS written_at,
  -- How long the newest payment took from its event to this store.
  (array_agg(written_at - event_at ORDER BY event_at DESC, place))[1] AS freshness
FROM (
  SELECT customer_id, payment_type, trx_id, trx_date, trx_amount, account_no, account_name, bank_name, reference_no,
    currency, event_at, written_at, row_number() OVER (
    PARTITION BY customer_id
    ORDER BY trx_date DESC, trx_id::text COLLATE "C" DESC, payment_type DESC
  ) AS place
  FROM customer_payment
) AS ranked
WHERE place <= 5
GROUP BY customer_id;

ALTER TABLE customer_payment DROP COLUMN IF EXISTS source_window, DROP COLUMN IF EXISTS source_offset;

-- The content of a payment as one text, to choose between versions with the same date and arrival.
CREATE FUNCTION paystream_content(
  trx_amount numeric, account_no text, account_name text, bank_name text, reference_no text, currency text
) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT concat_ws(E'\x1f', trx_amount::text, coalesce(account_no, E'\x1e'), coalesce(account_name, E'\x1e'),
    coalesce(bank_name, E'\x1e'), coalesce(reference_no, E'\x1e'), coalesce(currency, E'\x1e')) COLLATE "C"
$$;

DROP FUNCTION IF EXISTS paystream_read_payments(bigint[], bigint[], bigint[], bigint[], text);

-- Takes the aggregate records of a batch apart: one row a payment, checked and typed.
--
-- This is a function because of the server's log. When PostgreSQL cannot read a value, its message quotes the value, and
-- the server logs that message before any client sees it; a card number in a broken record would be logged. The function
-- catches the message before it is logged, and raises one that quotes nothing with the same SQLSTATE.
CREATE FUNCTION paystream_read_payments(
  customer_ids bigint[], windows bigint[], times_ms bigint[],
  record_values text -- JSON texts, separated by U+001E, which JSON cannot contain
) RETURNS TABLE (
  customer_id bigint, event_at timestamptz, arrived_at bigint,
  trx_date timestamp, payment_type text, trx_id bigint, trx_amount numeric,
  account_no text, account_name text, bank_name text, reference_no text, currency text
) LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
  RETURN QUERY
  SELECT
    CASE
      WHEN "trxId" IS NULL THEN paystream_refuse('a payment has no trxId')
      WHEN "paymentType" IS NULL THEN paystream_refuse('a payment has no paymentType')
      WHEN "trxAmount" IS NULL THEN paystream_refuse('a payment has no trxAmount')
      WHEN "trxDate" IS NULL THEN paystream_refuse('a payment has no trxDate')
      WHEN "customerId" IS DISTINCT FROM r.customer_id
        THEN paystream_refuse('a payment is not of the customer in the key')
      WHEN "trxAmount" = 'NaN' THEN paystream_refuse('trxAmount is not a number')
      WHEN "trxAmount" <> round("trxAmount", 4) THEN paystream_refuse('trxAmount has more than four decimals')
      -- PostgreSQL also accepts a leap second, and 24:00 for midnight.
      WHEN translate("trxDate", '0123456789', '0000000000') <> '0000-00-00T00:00:00.000'
        OR "trxDate" LIKE '%:60.%' OR "trxDate" LIKE '%T24:%'
        THEN paystream_refuse('trxDate is not of the form yyyy-MM-ddTHH:mm:ss.SSS')
      ELSE r.customer_id
    END,
    'epoch'::timestamptz + r.event_ms * interval '1 millisecond',
    coalesce("arrivedAt", r.window_start),
    "trxDate"::timestamp(3), "paymentType", "trxId", "trxAmount"::numeric(19, 4),
    "accountNo", "accountName", "bankName", "referenceNo", "currency"
  FROM unnest(customer_ids, windows, times_ms, string_to_array(record_values, E'\x1e'))
    AS r (customer_id, window_start, event_ms, value)
  CROSS JOIN LATERAL jsonb_to_recordset(coalesce(r.value::jsonb -> 'payments', '0')) AS p (
    "trxId" bigint, "trxAmount" numeric, "customerId" bigint, "trxDate" text, "paymentType" text, "arrivedAt" bigint,
    "accountNo" text, "accountName" text, "bankName" text, "referenceNo" text, "currency" text);
EXCEPTION
  WHEN SQLSTATE 'PS001' THEN
    RAISE EXCEPTION USING ERRCODE = SQLSTATE, MESSAGE = SQLERRM;
  WHEN data_exception OR integrity_constraint_violation OR program_limit_exceeded OR cardinality_violation THEN
    RAISE EXCEPTION USING ERRCODE = SQLSTATE, MESSAGE = 'an aggregate record cannot be read';
END
$$;
