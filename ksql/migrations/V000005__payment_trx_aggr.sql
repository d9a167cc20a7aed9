-- PAYMENT-TRX-AGGR: the last five payments of each customer, newest first, each in its newest version.
--
-- A payment is identified by paymentType and trxId. Its newest version is the one with the later trxDate, then the one
-- that arrived later (arrivedAt, the timestamp of its record on PAYMENT-OUTPUT), then the one with the greater text.
-- Payments are ordered by trxDate, then by trxId compared as text, then by paymentType.
--
-- Each payment is encoded as one text that sorts in that order. CHR(31) separates the fields, CHR(30) stands for NULL.
-- TOPKDISTINCT keeps the ten greatest texts, in whatever order they arrive; a payment that is read again with the same
-- timestamp gives the same text. AS_MAP then keeps one text for each payment: the last one of an ascending list, which
-- is the newest version.
--
-- The result is exact as long as the ten greatest texts belong to at least five payments. If they belong to fewer,
-- `truncated` is true: older payments of this customer and window may be missing from `payments`.
--
-- PostgreSQL cannot store U+0000 or a lone surrogate. Each becomes a space, so that a bad name does not cost a payment.
--
-- The windows are 30 days of arrival time. They let ksqlDB forget; the customer store merges them.
-- Without RETENTION_MS the topic would inherit the retention of its source instead of the windows'.
-- WRAP_SINGLE_VALUE = FALSE makes `lastFive` itself the record's value: {"customerId":1,"payments":[...],"truncated":false}
SET 'auto.offset.reset' = 'earliest';

CREATE TABLE PAYMENT_TRX_AGGR WITH (
  KAFKA_TOPIC = 'PAYMENT-TRX-AGGR',
  RETENTION_MS = 34560000000,
  KEY_FORMAT = 'KAFKA',
  VALUE_FORMAT = 'JSON',
  WRAP_SINGLE_VALUE = FALSE
) AS SELECT
  CUSTOMER_ID,
  TRANSFORM(
    TRANSFORM(
      ARRAY[ARRAY_SORT(TOPKDISTINCT(
        REGEXP_REPLACE(
          CONCAT(
            `trxDate`, CHR(31),
            CAST(`trxId` AS STRING), CHR(31),
            REPLACE(`paymentType`, CHR(31), ' '), CHR(31),
            LPAD(CAST(ROWTIME AS STRING), 13, '0'), CHR(31),
            CAST(`trxAmount` AS STRING), CHR(31),
            REPLACE(COALESCE(`accountNo`, CHR(30)), CHR(31), ' '), CHR(31),
            REPLACE(COALESCE(`accountName`, CHR(30)), CHR(31), ' '), CHR(31),
            REPLACE(COALESCE(`bankName`, CHR(30)), CHR(31), ' '), CHR(31),
            REPLACE(COALESCE(`referenceNo`, CHR(30)), CHR(31), ' '), CHR(31),
            REPLACE(COALESCE(`currency`, CHR(30)), CHR(31), ' ')
          ),
          '[\x00\p{Cs}]', ' '),
        10))],
      -- trxDate takes 23 characters and its separator one, so the identity of a payment begins at the 25th.
      VERSIONS => STRUCT(
        KEPT := ARRAY_LENGTH(VERSIONS),
        NEWEST := ARRAY_SORT(MAP_VALUES(AS_MAP(
          TRANSFORM(VERSIONS, V => SUBSTRING(V, 25, INSTR(V, CHR(31), 25, 2) - 25)),
          VERSIONS)), 'DESC'))),
    RESULT => STRUCT(
      `customerId` := CUSTOMER_ID,
      `payments` := TRANSFORM(
        TRANSFORM(
          SLICE(RESULT->NEWEST, 1, LEAST(5, ARRAY_LENGTH(RESULT->NEWEST))),
          P => SPLIT(P, CHR(31))),
        F => STRUCT(
          `trxId` := CAST(F[2] AS BIGINT),
          `trxAmount` := CAST(F[5] AS DECIMAL(19, 4)),
          `customerId` := CUSTOMER_ID,
          `trxDate` := F[1],
          `paymentType` := F[3],
          `accountNo` := NULLIF(F[6], CHR(30)),
          `accountName` := NULLIF(F[7], CHR(30)),
          `bankName` := NULLIF(F[8], CHR(30)),
          `referenceNo` := NULLIF(F[9], CHR(30)),
          `currency` := NULLIF(F[10], CHR(30)),
          `arrivedAt` := CAST(F[4] AS BIGINT)
        )),
      `truncated` := RESULT->KEPT = 10 AND ARRAY_LENGTH(RESULT->NEWEST) < 5
    ))[1] AS `lastFive`
FROM PAYMENT_OUTPUT
WINDOW TUMBLING (SIZE 30 DAYS, RETENTION 400 DAYS, GRACE PERIOD 365 DAYS)
WHERE `customerId` IS NOT NULL
  AND `trxId` IS NOT NULL
  AND `trxId` > 0
  AND `trxAmount` IS NOT NULL
  AND `trxDate` IS NOT NULL
  AND `paymentType` IS NOT NULL
  AND UNIX_TIMESTAMP(PARSE_TIMESTAMP(`trxDate`, 'yyyy-MM-dd''T''HH:mm:ss.SSS', 'UTC')) <= ROWTIME + 900000
GROUP BY CUSTOMER_ID
EMIT CHANGES;
