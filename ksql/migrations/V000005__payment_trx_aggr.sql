-- PAYMENT-TRX-AGGR: each customer's last five payments, newest trxDate first, equal ones once.
--
-- A payment is encoded as one text that sorts by trxDate: fields joined by the unit separator CHR(31), a NULL as the
-- record separator CHR(30). TOPKDISTINCT keeps the five greatest texts, whatever order they arrive in, and they are
-- taken apart again. Filtered first, since a NULL inside the text would be no date at all.
--
-- Windows are by arrival, 30 days each; they let ksqlDB forget. The customer store merges them and does not.
-- RETENTION_MS is the topic's: without it the topic would inherit the source's, not the window's.
SET 'auto.offset.reset' = 'earliest';

CREATE TABLE PAYMENT_TRX_AGGR WITH (
  KAFKA_TOPIC = 'PAYMENT-TRX-AGGR',
  RETENTION_MS = 34560000000,
  KEY_FORMAT = 'KAFKA',
  VALUE_FORMAT = 'JSON'
) AS SELECT
  CUSTOMER_ID,
  AS_VALUE(CUSTOMER_ID) AS `customerId`,
  TRANSFORM(
    TRANSFORM(
      TOPKDISTINCT(
        CONCAT(
          `trxDate`, CHR(31),
          CAST(`trxId` AS STRING), CHR(31),
          CAST(`trxAmount` AS STRING), CHR(31),
          REPLACE(COALESCE(`paymentType`, CHR(30)), CHR(31), ' '), CHR(31),
          REPLACE(COALESCE(`accountNo`, CHR(30)), CHR(31), ' '), CHR(31),
          REPLACE(COALESCE(`accountName`, CHR(30)), CHR(31), ' '), CHR(31),
          REPLACE(COALESCE(`bankName`, CHR(30)), CHR(31), ' '), CHR(31),
          REPLACE(COALESCE(`referenceNo`, CHR(30)), CHR(31), ' '), CHR(31),
          REPLACE(COALESCE(`currency`, CHR(30)), CHR(31), ' '), CHR(31),
          CAST(`customerId` AS STRING)
        ), 5),
      P => SPLIT(P, CHR(31))),
    F => STRUCT(
      `trxId` := CAST(F[2] AS BIGINT),
      `trxAmount` := CAST(F[3] AS DECIMAL(19, 4)),
      `customerId` := CAST(F[10] AS BIGINT),
      `trxDate` := F[1],
      `paymentType` := NULLIF(F[4], CHR(30)),
      `accountNo` := NULLIF(F[5], CHR(30)),
      `accountName` := NULLIF(F[6], CHR(30)),
      `bankName` := NULLIF(F[7], CHR(30)),
      `referenceNo` := NULLIF(F[8], CHR(30)),
      `currency` := NULLIF(F[9], CHR(30))
    )) AS `payments`
FROM PAYMENT_OUTPUT
WINDOW TUMBLING (SIZE 30 DAYS, RETENTION 400 DAYS, GRACE PERIOD 365 DAYS)
WHERE `customerId` IS NOT NULL
  AND `trxId` IS NOT NULL
  AND `trxAmount` IS NOT NULL
  AND `trxDate` IS NOT NULL
  AND UNIX_TIMESTAMP(PARSE_TIMESTAMP(`trxDate`, 'yyyy-MM-dd''T''HH:mm:ss.SSS', 'UTC')) <= ROWTIME + 900000
GROUP BY CUSTOMER_ID
EMIT CHANGES;
