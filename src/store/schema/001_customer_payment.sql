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
  arrived_at     bigint            NOT NULL, -- on PAYMENT-OUTPUT, epoch ms (the window start, or -1, if not known)
  event_at       timestamptz(3)    NOT NULL, -- Kafka timestamp of the aggregate record
  written_at     timestamptz(3)    NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (customer_id, payment_type, trx_id)
) WITH (fillfactor = 80);
-- Most records insert one row and delete another. At the default of 20% dead rows, autovacuum would run too late.
ALTER TABLE customer_payment SET (autovacuum_vacuum_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.05);
