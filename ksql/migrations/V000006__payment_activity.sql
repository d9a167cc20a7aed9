-- PAYMENT-ACTIVITY, for analysts: the payments of each channel per hour, and their amounts per currency.
-- It counts every payment that a channel delivers, including rejected ones. The sum has 38 digits, because an overflow
-- would stop the query.
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
