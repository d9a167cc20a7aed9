-- The credit card channel. Full card numbers never leave CC-PAYMENT: the query keeps the first six and the last four
-- digits and masks the others. A number with fewer than 13 characters becomes all stars.
-- cc_time_zone is the time zone in which the card service writes trxDate.
DEFINE cc_time_zone = 'UTC';

SET 'auto.offset.reset' = 'earliest';

CREATE STREAM CC_PAYMENT (
  `trxId` BIGINT,
  `trxAmount` DECIMAL(19, 4),
  `cardNo` STRING,
  `cardHolder` STRING,
  `expiryDate` STRING,
  `issuer` STRING,
  `customerId` BIGINT,
  `trxDate` STRING
) WITH (
  KAFKA_TOPIC = 'CC-PAYMENT',
  PARTITIONS = 6,
  VALUE_FORMAT = 'JSON'
);

INSERT INTO PAYMENT_OUTPUT WITH (QUERY_ID = 'CC_PAYMENT')
SELECT
  `customerId` AS CUSTOMER_ID,
  `trxId` AS `trxId`,
  `trxAmount` AS `trxAmount`,
  AS_VALUE(`customerId`) AS `customerId`,
  FORMAT_TIMESTAMP(
    PARSE_TIMESTAMP(`trxDate`, 'yyyy-MM-dd''T''HH:mm:ss[.SSS]', '${cc_time_zone}'),
    'yyyy-MM-dd''T''HH:mm:ss.SSS', 'UTC') AS `trxDate`,
  'CC' AS `paymentType`,
  CASE
    WHEN LEN(`cardNo`) < 13 THEN LPAD('', LEN(`cardNo`), '*')
    WHEN LEN(`cardNo`) >= 13
      THEN CONCAT(SUBSTRING(`cardNo`, 1, 6), LPAD('', LEN(`cardNo`) - 10, '*'), SUBSTRING(`cardNo`, LEN(`cardNo`) - 3))
  END AS `accountNo`,
  `cardHolder` AS `accountName`,
  `issuer` AS `bankName`,
  CAST(NULL AS STRING) AS `referenceNo`,
  'IDR' AS `currency`
FROM CC_PAYMENT
PARTITION BY `customerId`
EMIT CHANGES;
