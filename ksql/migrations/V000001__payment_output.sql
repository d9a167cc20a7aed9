-- PAYMENT-OUTPUT: the common payment, keyed by customer. Every channel is normalized into it with INSERT INTO.
-- Downstream queries read only this stream and know nothing about channels.
--
-- trxDate is UTC text of fixed width (yyyy-MM-ddTHH:mm:ss.SSS), so it sorts chronologically. It is never used as the
-- record's timestamp. Event time is the arrival time, which no payment can push into the future.
-- The topic keeps 400 days, so that PAYMENT-TRX-AGGR and the customer store can be rebuilt from it.
CREATE STREAM PAYMENT_OUTPUT (
  CUSTOMER_ID BIGINT KEY,
  `trxId` BIGINT,
  `trxAmount` DECIMAL(19, 4),
  `customerId` BIGINT,
  `trxDate` STRING,
  `paymentType` STRING,
  `accountNo` STRING,
  `accountName` STRING,
  `bankName` STRING,
  `referenceNo` STRING,
  `currency` STRING
) WITH (
  KAFKA_TOPIC = 'PAYMENT-OUTPUT',
  PARTITIONS = 6,
  RETENTION_MS = 34560000000,
  KEY_FORMAT = 'KAFKA',
  VALUE_FORMAT = 'JSON'
);
