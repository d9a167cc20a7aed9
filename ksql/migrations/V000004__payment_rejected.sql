-- PAYMENT-REJECTED holds every payment that the last-five table does not accept, with the reason. The conditions are those of
-- V000005, negated, so each payment on PAYMENT-OUTPUT goes to exactly one of the two.
--
-- ksqlDB wraps an integer that does not fit in 64 bits without an error: 9223372036854775808 becomes a negative trxId.
-- Rejecting ids below 1 catches those; an id that wraps all the way around to a positive number looks like any other.
-- A date is in the future if it is more than 15 minutes ahead of the record's timestamp.
-- Records that ksqlDB cannot parse, such as "trxAmount": "NaN", are only in its processing log.
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
    WHEN `trxId` < 1 THEN 'trxId is not positive'
    WHEN `trxAmount` IS NULL THEN 'trxAmount is missing'
    WHEN `trxDate` IS NULL THEN 'trxDate is missing or not a timestamp'
    WHEN `paymentType` IS NULL THEN 'paymentType is missing'
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
  OR `trxId` < 1
  OR `trxAmount` IS NULL
  OR `trxDate` IS NULL
  OR `paymentType` IS NULL
  OR UNIX_TIMESTAMP(PARSE_TIMESTAMP(`trxDate`, 'yyyy-MM-dd''T''HH:mm:ss.SSS', 'UTC')) > ROWTIME + 900000
EMIT CHANGES;
