-- The bank transfer channel.
-- bank_time_zone is the time zone in which the transfer service writes trxDate.
DEFINE bank_time_zone = 'UTC';

SET 'auto.offset.reset' = 'earliest';

CREATE STREAM BANK_TRANSFER_PAYMENT (
  `trxId` BIGINT,
  `trxAmount` DECIMAL(19, 4),
  `accountNo` STRING,
  `accountName` STRING,
  `bankName` STRING,
  `referenceNo` STRING,
  `currency` STRING,
  `customerId` BIGINT,
  `trxDate` STRING
) WITH (
  KAFKA_TOPIC = 'BANK-TRANSFER-PAYMENT',
  PARTITIONS = 6,
  VALUE_FORMAT = 'JSON'
);

INSERT INTO PAYMENT_OUTPUT WITH (QUERY_ID = 'BANK_TRANSFER_PAYMENT')
SELECT
  `customerId` AS CUSTOMER_ID,
  `trxId` AS `trxId`,
  `trxAmount` AS `trxAmount`,
  AS_VALUE(`customerId`) AS `customerId`,
  FORMAT_TIMESTAMP(
    PARSE_TIMESTAMP(`trxDate`, 'yyyy-MM-dd''T''HH:mm:ss[.SSS]', '${bank_time_zone}'),
    'yyyy-MM-dd''T''HH:mm:ss.SSS', 'UTC') AS `trxDate`,
  'BANK_TRF' AS `paymentType`,
  `accountNo` AS `accountNo`,
  `accountName` AS `accountName`,
  `bankName` AS `bankName`,
  `referenceNo` AS `referenceNo`,
  `currency` AS `currency`
FROM BANK_TRANSFER_PAYMENT
PARTITION BY `customerId`
EMIT CHANGES;
