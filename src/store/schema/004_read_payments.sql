-- Parses the aggregate records of a batch into one checked and typed row per payment.
--
-- This is a function to keep values out of the server's log. If PostgreSQL cannot read a value, its error message
-- quotes the value, and the server logs the message before any client sees it. A card number that ended up in a
-- record would be logged. The function catches the error and raises one with the same SQLSTATE that quotes nothing.
--
-- OR REPLACE, because a database at version 3 has an earlier form of the function.
CREATE OR REPLACE FUNCTION paystream_read_payments(
  customer_ids bigint[], windows bigint[], offsets bigint[], times_ms bigint[],
  record_values text -- JSON texts separated by U+001E, which JSON text cannot contain
) RETURNS TABLE (
  customer_id bigint, source_window bigint, source_offset bigint, event_at timestamptz,
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
      WHEN "trxAmount" <> round("trxAmount", 4) THEN paystream_refuse('trxAmount has more than four decimals')
      -- The form is checked with translate() because to_char() costs three times as much. PostgreSQL also accepts
      -- second 60 and hour 24, which are not valid here.
      WHEN translate("trxDate", '0123456789', '0000000000') <> '0000-00-00T00:00:00.000'
        OR "trxDate" LIKE '%:60.%' OR "trxDate" LIKE '%T24:%'
        THEN paystream_refuse('trxDate is not of the form yyyy-MM-ddTHH:mm:ss.SSS')
      ELSE r.customer_id
    END,
    r.source_window, r.source_offset, 'epoch'::timestamptz + r.event_ms * interval '1 millisecond',
    "trxDate"::timestamp(3), "paymentType", "trxId", "trxAmount"::numeric(19, 4),
    "accountNo", "accountName", "bankName", "referenceNo", "currency"
  FROM unnest(customer_ids, windows, offsets, times_ms, string_to_array(record_values, E'\x1e'))
    AS r (customer_id, source_window, source_offset, event_ms, value)
  CROSS JOIN LATERAL jsonb_to_recordset(coalesce(r.value::jsonb -> 'payments', '0')) AS p (
    "trxId" bigint, "trxAmount" numeric, "customerId" bigint, "trxDate" text, "paymentType" text,
    "accountNo" text, "accountName" text, "bankName" text, "referenceNo" text, "currency" text);
EXCEPTION
  WHEN SQLSTATE 'PS001' THEN
    RAISE EXCEPTION USING ERRCODE = SQLSTATE, MESSAGE = SQLERRM;
  WHEN data_exception OR integrity_constraint_violation OR program_limit_exceeded OR cardinality_violation THEN
    RAISE EXCEPTION USING ERRCODE = SQLSTATE, MESSAGE = 'an aggregate record cannot be read';
END
$$;
