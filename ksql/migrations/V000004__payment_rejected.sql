-- PAYMENT-REJECTED: payments that the last-five table does not accept, with the reason. The conditions are those of
-- V000005, negated, so every payment on PAYMENT-OUTPUT is in exactly one of the two. A trxDate is in the future if it is
-- more than 15 minutes ahead of the record's timestamp. Records that cannot be parsed are in ksqlDB's processing log.
SET 'auto.offset.reset' = 'earliest';

CREATE STREAM PAYMENT_REJECTED WITH (
  KAFKA_TOPIC = 'PAYMENT-REJECTED',
  KEY_FORMAT = 'KAFKA',
  VALUE_FORMAT = 'JSON'
) AS SELECT
  CUSTOMER_ID,
  CASE
    WHEN `customerId` IS NULL THEN 'customerId is missing'
    WHEN `trxId` IS NULL THEN 'trxId is missing'
    WHEN `trxAmount` IS NULL THEN 'trxAmount is missing'
    WHEN `trxDate` IS NULL THEN 'trxDate is missing or not a timestamp'
    ELSE 'trxDate is in the future'
  END AS `reason`,
  `trxId` AS `trxId`,
  `trxAmount` AS `trxAmount`,
  `customerId` AS `customerId`,
  `trxDate` AS `trxDate`,
  `paymentType` AS `paymentType`,
  `accountNo` AS `accountNo`,
  `accountName` AS `accountName`,
  `bankName` AS `bankName`,
  `referenceNo` AS `referenceNo`,
  `currency` AS `currency`
FROM PAYMENT_OUTPUT
WHERE `customerId` IS NULL
  OR `trxId` IS NULL
  OR `trxAmount` IS NULL
  OR `trxDate` IS NULL
  OR UNIX_TIMESTAMP(PARSE_TIMESTAMP(`trxDate`, 'yyyy-MM-dd''T''HH:mm:ss.SSS', 'UTC')) > ROWTIME + 900000
EMIT CHANGES;
