-- The last five payments of each customer, kept by the sink.

-- Raised for a record that must not be stored; the reason never repeats a value of the record.
CREATE FUNCTION paystream_refuse(reason text) RETURNS bigint LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION USING ERRCODE = 'PS001', MESSAGE = reason;
END
$$;

CREATE TABLE customer_payment (
  customer_id    bigint            NOT NULL,
  payment_type   text COLLATE "C"  NOT NULL,
  trx_id         bigint            NOT NULL,
  trx_date       timestamp(3)      NOT NULL, -- UTC
  trx_amount     numeric(19, 4)    NOT NULL,
  account_no     text,                       -- cards: masked
  account_name   text,
  bank_name      text,
  reference_no   text,
  currency       text,
  source_window  bigint            NOT NULL, -- of the aggregate record that brought this version: its window's
  source_offset  bigint            NOT NULL, -- start (epoch ms, -1 without window) and its offset
  event_at       timestamptz(3)    NOT NULL, -- Kafka's time of that record
  written_at     timestamptz(3)    NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (customer_id, payment_type, trx_id)
) WITH (fillfactor = 80);
-- Every record inserts a row and prunes one: the default of a fifth dead rows comes too late.
ALTER TABLE customer_payment SET (autovacuum_vacuum_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.05);

-- One row and one JSON document a customer, newest first. The order is total: by date, then by the id's text,
-- then by the amount's text, then by the type: the same order in which the aggregate keeps its five.
CREATE VIEW customer_last_five AS
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
  SELECT *, row_number() OVER (
    PARTITION BY customer_id
    ORDER BY trx_date DESC, trx_id::text COLLATE "C" DESC, trx_amount::text COLLATE "C" DESC,
      payment_type DESC
  ) AS place
  FROM customer_payment
) AS ranked
WHERE place <= 5
GROUP BY customer_id;
