-- PAYMENT-ACTIVITY, for analysts: how many payments each channel sent in each hour, and how much in each currency.
-- Counts everything that a channel delivered, rejected payments too. The sum has 38 digits: one that overflows its
-- type would stop the query.
SET 'auto.offset.reset' = 'earliest';

CREATE TABLE PAYMENT_ACTIVITY WITH (
  KAFKA_TOPIC = 'PAYMENT-ACTIVITY',
  RETENTION_MS = 7776000000,
  KEY_FORMAT = 'JSON',
  VALUE_FORMAT = 'JSON'
) AS SELECT
  `paymentType` AS `paymentType`,
  COALESCE(`currency`, 'none') AS `currency`,
  COUNT(*) AS `payments`,
  SUM(CAST(`trxAmount` AS DECIMAL(38, 4))) AS `amount`,
  MAX(`trxDate`) AS `newestTrxDate`
FROM PAYMENT_OUTPUT
WINDOW TUMBLING (SIZE 1 HOUR, RETENTION 90 DAYS, GRACE PERIOD 1 DAY)
GROUP BY `paymentType`, COALESCE(`currency`, 'none')
EMIT CHANGES;
