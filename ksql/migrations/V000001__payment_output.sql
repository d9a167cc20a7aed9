-- PAYMENT-OUTPUT: the common payment that every channel is normalised into, keyed by customer.
-- Channels write to it with INSERT INTO; everything downstream reads it and knows no channel.
--
-- trxDate is UTC text of fixed width (yyyy-MM-ddTHH:mm:ss.SSS), so that it sorts as it reads. It is a value only:
-- time in this pipeline is the record's own arrival time, which no payment can push into the future.
-- Kept for 400 days, so that PAYMENT-TRX-AGGR and the customer store can be rebuilt from here.
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
