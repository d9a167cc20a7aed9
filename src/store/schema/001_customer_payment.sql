-- The last five payments of each customer, maintained by the sink.

-- Rejects a record. The reason must not contain a value of the record.
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
  source_window  bigint            NOT NULL, -- window start of the aggregate record (epoch ms; -1 if not windowed)
  source_offset  bigint            NOT NULL, -- offset of the aggregate record
  event_at       timestamptz(3)    NOT NULL, -- Kafka timestamp of the aggregate record
  written_at     timestamptz(3)    NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (customer_id, payment_type, trx_id)
) WITH (fillfactor = 80);
-- Most records insert one row and delete another. At the default of 20% dead rows, autovacuum would run too late.
ALTER TABLE customer_payment SET (autovacuum_vacuum_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.05);

-- One row per customer, with the payments as one JSON document, newest first. The order is total and the same as in
-- the ksqlDB aggregate: date, then id as text, then amount as text, then type.
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
  -- How long the newest payment took from its Kafka timestamp to this table.
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
