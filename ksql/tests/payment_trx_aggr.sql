--@test: the newest payment comes first, regardless of arrival order
INSERT INTO CC_PAYMENT (ROWTIME, `trxId`, `trxAmount`, `customerId`, `trxDate`) VALUES (1795132800000, 1, 1, 7, '2026-11-19T10:00:00');
INSERT INTO BANK_TRANSFER_PAYMENT (ROWTIME, `trxId`, `trxAmount`, `customerId`, `trxDate`) VALUES (1795132800001, 2, 2, 7, '2026-11-19T09:00:00');
ASSERT VALUES PAYMENT_TRX_AGGR (CUSTOMER_ID, `lastFive`) VALUES (7, STRUCT(`customerId` := 7, `payments` := ARRAY[
  STRUCT(`trxId` := 1, `trxAmount` := 1.0000, `customerId` := 7, `trxDate` := '2026-11-19T10:00:00.000', `paymentType` := 'CC', `accountNo` := NULL, `accountName` := NULL, `bankName` := NULL, `referenceNo` := NULL, `currency` := 'IDR', `arrivedAt` := 1795132800000)], `truncated` := FALSE));
ASSERT VALUES PAYMENT_TRX_AGGR (CUSTOMER_ID, `lastFive`) VALUES (7, STRUCT(`customerId` := 7, `payments` := ARRAY[
  STRUCT(`trxId` := 1, `trxAmount` := 1.0000, `customerId` := 7, `trxDate` := '2026-11-19T10:00:00.000', `paymentType` := 'CC', `accountNo` := NULL, `accountName` := NULL, `bankName` := NULL, `referenceNo` := NULL, `currency` := 'IDR', `arrivedAt` := 1795132800000),
  STRUCT(`trxId` := 2, `trxAmount` := 2.0000, `customerId` := 7, `trxDate` := '2026-11-19T09:00:00.000', `paymentType` := 'BANK_TRF', `accountNo` := NULL, `accountName` := NULL, `bankName` := NULL, `referenceNo` := NULL, `currency` := NULL, `arrivedAt` := 1795132800001)], `truncated` := FALSE));

----------------------------------------------------------------------------------------------------
--@test: a payment that is sent twice counts once, with its later arrival
INSERT INTO CC_PAYMENT (ROWTIME, `trxId`, `trxAmount`, `customerId`, `trxDate`) VALUES (1795132800000, 1, 1, 7, '2026-11-19T10:00:00');
INSERT INTO CC_PAYMENT (ROWTIME, `trxId`, `trxAmount`, `customerId`, `trxDate`) VALUES (1795132800001, 1, 1, 7, '2026-11-19T10:00:00');
ASSERT VALUES PAYMENT_TRX_AGGR (CUSTOMER_ID, `lastFive`) VALUES (7, STRUCT(`customerId` := 7, `payments` := ARRAY[
  STRUCT(`trxId` := 1, `trxAmount` := 1.0000, `customerId` := 7, `trxDate` := '2026-11-19T10:00:00.000', `paymentType` := 'CC', `accountNo` := NULL, `accountName` := NULL, `bankName` := NULL, `referenceNo` := NULL, `currency` := 'IDR', `arrivedAt` := 1795132800000)], `truncated` := FALSE));
ASSERT VALUES PAYMENT_TRX_AGGR (CUSTOMER_ID, `lastFive`) VALUES (7, STRUCT(`customerId` := 7, `payments` := ARRAY[
  STRUCT(`trxId` := 1, `trxAmount` := 1.0000, `customerId` := 7, `trxDate` := '2026-11-19T10:00:00.000', `paymentType` := 'CC', `accountNo` := NULL, `accountName` := NULL, `bankName` := NULL, `referenceNo` := NULL, `currency` := 'IDR', `arrivedAt` := 1795132800001)], `truncated` := FALSE));

----------------------------------------------------------------------------------------------------
--@test: each customer has separate payments
INSERT INTO CC_PAYMENT (ROWTIME, `trxId`, `trxAmount`, `customerId`, `trxDate`) VALUES (1795132800000, 1, 1, 7, '2026-11-19T10:00:00');
INSERT INTO CC_PAYMENT (ROWTIME, `trxId`, `trxAmount`, `customerId`, `trxDate`) VALUES (1795132800001, 2, 2, 8, '2026-11-19T10:00:00');
ASSERT VALUES PAYMENT_TRX_AGGR (CUSTOMER_ID, `lastFive`) VALUES (7, STRUCT(`customerId` := 7, `payments` := ARRAY[
  STRUCT(`trxId` := 1, `trxAmount` := 1.0000, `customerId` := 7, `trxDate` := '2026-11-19T10:00:00.000', `paymentType` := 'CC', `accountNo` := NULL, `accountName` := NULL, `bankName` := NULL, `referenceNo` := NULL, `currency` := 'IDR', `arrivedAt` := 1795132800000)], `truncated` := FALSE));
ASSERT VALUES PAYMENT_TRX_AGGR (CUSTOMER_ID, `lastFive`) VALUES (8, STRUCT(`customerId` := 8, `payments` := ARRAY[
  STRUCT(`trxId` := 2, `trxAmount` := 2.0000, `customerId` := 8, `trxDate` := '2026-11-19T10:00:00.000', `paymentType` := 'CC', `accountNo` := NULL, `accountName` := NULL, `bankName` := NULL, `referenceNo` := NULL, `currency` := 'IDR', `arrivedAt` := 1795132800001)], `truncated` := FALSE));

----------------------------------------------------------------------------------------------------
--@test: the last five exclude rejected payments
INSERT INTO CC_PAYMENT (ROWTIME, `trxId`, `trxAmount`, `customerId`, `trxDate`) VALUES (1795132800000, 1, 1, 7, '2099-01-01T00:00:00');
INSERT INTO CC_PAYMENT (ROWTIME, `trxId`, `trxAmount`, `customerId`, `trxDate`) VALUES (1795132800001, 2, 2, 7, '2026-11-19T10:00:00');
ASSERT VALUES PAYMENT_TRX_AGGR (CUSTOMER_ID, `lastFive`) VALUES (7, STRUCT(`customerId` := 7, `payments` := ARRAY[
  STRUCT(`trxId` := 2, `trxAmount` := 2.0000, `customerId` := 7, `trxDate` := '2026-11-19T10:00:00.000', `paymentType` := 'CC', `accountNo` := NULL, `accountName` := NULL, `bankName` := NULL, `referenceNo` := NULL, `currency` := 'IDR', `arrivedAt` := 1795132800001)], `truncated` := FALSE));

----------------------------------------------------------------------------------------------------
--@test: the sixth payment pushes out the oldest one
CREATE STREAM RECORDS (CUSTOMER_ID BIGINT KEY, `payments` ARRAY<STRUCT<`trxId` BIGINT, `trxAmount` DECIMAL(19, 4)>>, `truncated` BOOLEAN)
  WITH (KAFKA_TOPIC = 'PAYMENT-TRX-AGGR', KEY_FORMAT = 'KAFKA', VALUE_FORMAT = 'JSON', WINDOW_TYPE = 'TUMBLING', WINDOW_SIZE = '30 DAYS');
CREATE STREAM SEEN AS SELECT CUSTOMER_ID, TRANSFORM(`payments`, P => P->`trxId`) AS IDS, TRANSFORM(`payments`, P => P->`trxAmount`) AS AMOUNTS, `truncated` AS TRUNCATED FROM RECORDS;
INSERT INTO CC_PAYMENT (ROWTIME, `trxId`, `trxAmount`, `customerId`, `trxDate`) VALUES (1795132800000, 3, 1, 7, '2026-11-19T03:00:00');
ASSERT VALUES SEEN (CUSTOMER_ID, IDS, TRUNCATED) VALUES (7, ARRAY[3], FALSE);
INSERT INTO CC_PAYMENT (ROWTIME, `trxId`, `trxAmount`, `customerId`, `trxDate`) VALUES (1795132800001, 6, 1, 7, '2026-11-19T06:00:00');
ASSERT VALUES SEEN (CUSTOMER_ID, IDS, TRUNCATED) VALUES (7, ARRAY[6, 3], FALSE);
INSERT INTO CC_PAYMENT (ROWTIME, `trxId`, `trxAmount`, `customerId`, `trxDate`) VALUES (1795132800002, 1, 1, 7, '2026-11-19T01:00:00');
ASSERT VALUES SEEN (CUSTOMER_ID, IDS, TRUNCATED) VALUES (7, ARRAY[6, 3, 1], FALSE);
INSERT INTO CC_PAYMENT (ROWTIME, `trxId`, `trxAmount`, `customerId`, `trxDate`) VALUES (1795132800003, 4, 1, 7, '2026-11-19T04:00:00');
ASSERT VALUES SEEN (CUSTOMER_ID, IDS, TRUNCATED) VALUES (7, ARRAY[6, 4, 3, 1], FALSE);
INSERT INTO CC_PAYMENT (ROWTIME, `trxId`, `trxAmount`, `customerId`, `trxDate`) VALUES (1795132800004, 2, 1, 7, '2026-11-19T02:00:00');
ASSERT VALUES SEEN (CUSTOMER_ID, IDS, TRUNCATED) VALUES (7, ARRAY[6, 4, 3, 2, 1], FALSE);
INSERT INTO CC_PAYMENT (ROWTIME, `trxId`, `trxAmount`, `customerId`, `trxDate`) VALUES (1795132800005, 5, 1, 7, '2026-11-19T05:00:00');
ASSERT VALUES SEEN (CUSTOMER_ID, IDS, TRUNCATED) VALUES (7, ARRAY[6, 5, 4, 3, 2], FALSE);

----------------------------------------------------------------------------------------------------
--@test: an older payment than the five is not kept
CREATE STREAM RECORDS (CUSTOMER_ID BIGINT KEY, `payments` ARRAY<STRUCT<`trxId` BIGINT, `trxAmount` DECIMAL(19, 4)>>, `truncated` BOOLEAN)
  WITH (KAFKA_TOPIC = 'PAYMENT-TRX-AGGR', KEY_FORMAT = 'KAFKA', VALUE_FORMAT = 'JSON', WINDOW_TYPE = 'TUMBLING', WINDOW_SIZE = '30 DAYS');
CREATE STREAM SEEN AS SELECT CUSTOMER_ID, TRANSFORM(`payments`, P => P->`trxId`) AS IDS, TRANSFORM(`payments`, P => P->`trxAmount`) AS AMOUNTS, `truncated` AS TRUNCATED FROM RECORDS;
INSERT INTO CC_PAYMENT (ROWTIME, `trxId`, `trxAmount`, `customerId`, `trxDate`) VALUES (1795132800002, 2, 1, 7, '2026-11-19T02:00:00');
INSERT INTO CC_PAYMENT (ROWTIME, `trxId`, `trxAmount`, `customerId`, `trxDate`) VALUES (1795132800003, 3, 1, 7, '2026-11-19T03:00:00');
INSERT INTO CC_PAYMENT (ROWTIME, `trxId`, `trxAmount`, `customerId`, `trxDate`) VALUES (1795132800004, 4, 1, 7, '2026-11-19T04:00:00');
INSERT INTO CC_PAYMENT (ROWTIME, `trxId`, `trxAmount`, `customerId`, `trxDate`) VALUES (1795132800005, 5, 1, 7, '2026-11-19T05:00:00');
INSERT INTO CC_PAYMENT (ROWTIME, `trxId`, `trxAmount`, `customerId`, `trxDate`) VALUES (1795132800006, 6, 1, 7, '2026-11-19T06:00:00');
INSERT INTO CC_PAYMENT (ROWTIME, `trxId`, `trxAmount`, `customerId`, `trxDate`) VALUES (1795132800007, 1, 1, 7, '2026-11-19T01:00:00');
ASSERT VALUES SEEN (CUSTOMER_ID, IDS) VALUES (7, ARRAY[2]);
ASSERT VALUES SEEN (CUSTOMER_ID, IDS) VALUES (7, ARRAY[3, 2]);
ASSERT VALUES SEEN (CUSTOMER_ID, IDS) VALUES (7, ARRAY[4, 3, 2]);
ASSERT VALUES SEEN (CUSTOMER_ID, IDS) VALUES (7, ARRAY[5, 4, 3, 2]);
ASSERT VALUES SEEN (CUSTOMER_ID, IDS) VALUES (7, ARRAY[6, 5, 4, 3, 2]);
ASSERT VALUES SEEN (CUSTOMER_ID, IDS) VALUES (7, ARRAY[6, 5, 4, 3, 2]);

----------------------------------------------------------------------------------------------------
--@test: a version with a later trxDate wins, although it arrived first
CREATE STREAM RECORDS (CUSTOMER_ID BIGINT KEY, `payments` ARRAY<STRUCT<`trxId` BIGINT, `trxAmount` DECIMAL(19, 4)>>, `truncated` BOOLEAN)
  WITH (KAFKA_TOPIC = 'PAYMENT-TRX-AGGR', KEY_FORMAT = 'KAFKA', VALUE_FORMAT = 'JSON', WINDOW_TYPE = 'TUMBLING', WINDOW_SIZE = '30 DAYS');
CREATE STREAM SEEN AS SELECT CUSTOMER_ID, TRANSFORM(`payments`, P => P->`trxId`) AS IDS, TRANSFORM(`payments`, P => P->`trxAmount`) AS AMOUNTS, `truncated` AS TRUNCATED FROM RECORDS;
INSERT INTO CC_PAYMENT (ROWTIME, `trxId`, `trxAmount`, `customerId`, `trxDate`) VALUES (1795132800000, 1, 11, 7, '2026-11-19T11:00:00');
INSERT INTO CC_PAYMENT (ROWTIME, `trxId`, `trxAmount`, `customerId`, `trxDate`) VALUES (1795132800001, 1, 10, 7, '2026-11-19T10:00:00');
INSERT INTO CC_PAYMENT (ROWTIME, `trxId`, `trxAmount`, `customerId`, `trxDate`) VALUES (1795132800002, 2, 2, 7, '2026-11-19T10:30:00');
ASSERT VALUES SEEN (CUSTOMER_ID, IDS, AMOUNTS) VALUES (7, ARRAY[1], ARRAY[11.0000]);
ASSERT VALUES SEEN (CUSTOMER_ID, IDS, AMOUNTS) VALUES (7, ARRAY[1], ARRAY[11.0000]);
ASSERT VALUES SEEN (CUSTOMER_ID, IDS, AMOUNTS) VALUES (7, ARRAY[1, 2], ARRAY[11.0000, 2.0000]);

----------------------------------------------------------------------------------------------------
--@test: of two versions with the same trxDate the one that arrived later wins
CREATE STREAM RECORDS (CUSTOMER_ID BIGINT KEY, `payments` ARRAY<STRUCT<`trxId` BIGINT, `trxAmount` DECIMAL(19, 4)>>, `truncated` BOOLEAN)
  WITH (KAFKA_TOPIC = 'PAYMENT-TRX-AGGR', KEY_FORMAT = 'KAFKA', VALUE_FORMAT = 'JSON', WINDOW_TYPE = 'TUMBLING', WINDOW_SIZE = '30 DAYS');
CREATE STREAM SEEN AS SELECT CUSTOMER_ID, TRANSFORM(`payments`, P => P->`trxId`) AS IDS, TRANSFORM(`payments`, P => P->`trxAmount`) AS AMOUNTS, `truncated` AS TRUNCATED FROM RECORDS;
INSERT INTO CC_PAYMENT (ROWTIME, `trxId`, `trxAmount`, `customerId`, `trxDate`) VALUES (1795132800000, 1, 99, 7, '2026-11-19T10:00:00');
INSERT INTO CC_PAYMENT (ROWTIME, `trxId`, `trxAmount`, `customerId`, `trxDate`) VALUES (1795132800001, 1, 11, 7, '2026-11-19T10:00:00');
ASSERT VALUES SEEN (CUSTOMER_ID, IDS, AMOUNTS) VALUES (7, ARRAY[1], ARRAY[99.0000]);
ASSERT VALUES SEEN (CUSTOMER_ID, IDS, AMOUNTS) VALUES (7, ARRAY[1], ARRAY[11.0000]);

----------------------------------------------------------------------------------------------------
--@test: the version that arrived later wins even if ksqlDB reads it first
CREATE STREAM RECORDS (CUSTOMER_ID BIGINT KEY, `payments` ARRAY<STRUCT<`trxId` BIGINT, `trxAmount` DECIMAL(19, 4)>>, `truncated` BOOLEAN)
  WITH (KAFKA_TOPIC = 'PAYMENT-TRX-AGGR', KEY_FORMAT = 'KAFKA', VALUE_FORMAT = 'JSON', WINDOW_TYPE = 'TUMBLING', WINDOW_SIZE = '30 DAYS');
CREATE STREAM SEEN AS SELECT CUSTOMER_ID, TRANSFORM(`payments`, P => P->`trxId`) AS IDS, TRANSFORM(`payments`, P => P->`trxAmount`) AS AMOUNTS, `truncated` AS TRUNCATED FROM RECORDS;
INSERT INTO CC_PAYMENT (ROWTIME, `trxId`, `trxAmount`, `customerId`, `trxDate`) VALUES (1795132800001, 1, 11, 7, '2026-11-19T10:00:00');
INSERT INTO CC_PAYMENT (ROWTIME, `trxId`, `trxAmount`, `customerId`, `trxDate`) VALUES (1795132800000, 1, 99, 7, '2026-11-19T10:00:00');
ASSERT VALUES SEEN (CUSTOMER_ID, IDS, AMOUNTS) VALUES (7, ARRAY[1], ARRAY[11.0000]);
ASSERT VALUES SEEN (CUSTOMER_ID, IDS, AMOUNTS) VALUES (7, ARRAY[1], ARRAY[11.0000]);

----------------------------------------------------------------------------------------------------
--@test: of two versions with the same trxDate and arrival the greater text wins
CREATE STREAM RECORDS (CUSTOMER_ID BIGINT KEY, `payments` ARRAY<STRUCT<`trxId` BIGINT, `trxAmount` DECIMAL(19, 4)>>, `truncated` BOOLEAN)
  WITH (KAFKA_TOPIC = 'PAYMENT-TRX-AGGR', KEY_FORMAT = 'KAFKA', VALUE_FORMAT = 'JSON', WINDOW_TYPE = 'TUMBLING', WINDOW_SIZE = '30 DAYS');
CREATE STREAM SEEN AS SELECT CUSTOMER_ID, TRANSFORM(`payments`, P => P->`trxId`) AS IDS, TRANSFORM(`payments`, P => P->`trxAmount`) AS AMOUNTS, `truncated` AS TRUNCATED FROM RECORDS;
INSERT INTO CC_PAYMENT (ROWTIME, `trxId`, `trxAmount`, `customerId`, `trxDate`) VALUES (1795132800000, 1, 11, 7, '2026-11-19T10:00:00');
INSERT INTO CC_PAYMENT (ROWTIME, `trxId`, `trxAmount`, `customerId`, `trxDate`) VALUES (1795132800000, 1, 99, 7, '2026-11-19T10:00:00');
INSERT INTO CC_PAYMENT (ROWTIME, `trxId`, `trxAmount`, `customerId`, `trxDate`) VALUES (1795132800000, 1, 22, 7, '2026-11-19T10:00:00');
ASSERT VALUES SEEN (CUSTOMER_ID, IDS, AMOUNTS) VALUES (7, ARRAY[1], ARRAY[11.0000]);
ASSERT VALUES SEEN (CUSTOMER_ID, IDS, AMOUNTS) VALUES (7, ARRAY[1], ARRAY[99.0000]);
ASSERT VALUES SEEN (CUSTOMER_ID, IDS, AMOUNTS) VALUES (7, ARRAY[1], ARRAY[99.0000]);

----------------------------------------------------------------------------------------------------
--@test: a version with a later trxDate moves its payment to the front
CREATE STREAM RECORDS (CUSTOMER_ID BIGINT KEY, `payments` ARRAY<STRUCT<`trxId` BIGINT, `trxAmount` DECIMAL(19, 4)>>, `truncated` BOOLEAN)
  WITH (KAFKA_TOPIC = 'PAYMENT-TRX-AGGR', KEY_FORMAT = 'KAFKA', VALUE_FORMAT = 'JSON', WINDOW_TYPE = 'TUMBLING', WINDOW_SIZE = '30 DAYS');
CREATE STREAM SEEN AS SELECT CUSTOMER_ID, TRANSFORM(`payments`, P => P->`trxId`) AS IDS, TRANSFORM(`payments`, P => P->`trxAmount`) AS AMOUNTS, `truncated` AS TRUNCATED FROM RECORDS;
INSERT INTO CC_PAYMENT (ROWTIME, `trxId`, `trxAmount`, `customerId`, `trxDate`) VALUES (1795132800000, 1, 1, 7, '2026-11-19T01:00:00');
INSERT INTO CC_PAYMENT (ROWTIME, `trxId`, `trxAmount`, `customerId`, `trxDate`) VALUES (1795132800001, 2, 2, 7, '2026-11-19T02:00:00');
INSERT INTO CC_PAYMENT (ROWTIME, `trxId`, `trxAmount`, `customerId`, `trxDate`) VALUES (1795132800002, 1, 11, 7, '2026-11-19T03:00:00');
ASSERT VALUES SEEN (CUSTOMER_ID, IDS) VALUES (7, ARRAY[1]);
ASSERT VALUES SEEN (CUSTOMER_ID, IDS) VALUES (7, ARRAY[2, 1]);
ASSERT VALUES SEEN (CUSTOMER_ID, IDS, AMOUNTS) VALUES (7, ARRAY[1, 2], ARRAY[11.0000, 2.0000]);

----------------------------------------------------------------------------------------------------
--@test: three versions of one payment leave room for four others
CREATE STREAM RECORDS (CUSTOMER_ID BIGINT KEY, `payments` ARRAY<STRUCT<`trxId` BIGINT, `trxAmount` DECIMAL(19, 4)>>, `truncated` BOOLEAN)
  WITH (KAFKA_TOPIC = 'PAYMENT-TRX-AGGR', KEY_FORMAT = 'KAFKA', VALUE_FORMAT = 'JSON', WINDOW_TYPE = 'TUMBLING', WINDOW_SIZE = '30 DAYS');
CREATE STREAM SEEN AS SELECT CUSTOMER_ID, TRANSFORM(`payments`, P => P->`trxId`) AS IDS, TRANSFORM(`payments`, P => P->`trxAmount`) AS AMOUNTS, `truncated` AS TRUNCATED FROM RECORDS;
INSERT INTO CC_PAYMENT (ROWTIME, `trxId`, `trxAmount`, `customerId`, `trxDate`) VALUES (1795132800001, 50, 1, 7, '2026-11-19T12:00:01');
INSERT INTO CC_PAYMENT (ROWTIME, `trxId`, `trxAmount`, `customerId`, `trxDate`) VALUES (1795132800002, 50, 2, 7, '2026-11-19T12:00:02');
INSERT INTO CC_PAYMENT (ROWTIME, `trxId`, `trxAmount`, `customerId`, `trxDate`) VALUES (1795132800003, 50, 3, 7, '2026-11-19T12:00:03');
INSERT INTO CC_PAYMENT (ROWTIME, `trxId`, `trxAmount`, `customerId`, `trxDate`) VALUES (1795132800051, 51, 1, 7, '2026-11-19T05:00:00');
INSERT INTO CC_PAYMENT (ROWTIME, `trxId`, `trxAmount`, `customerId`, `trxDate`) VALUES (1795132800052, 52, 1, 7, '2026-11-19T04:00:00');
INSERT INTO CC_PAYMENT (ROWTIME, `trxId`, `trxAmount`, `customerId`, `trxDate`) VALUES (1795132800053, 53, 1, 7, '2026-11-19T03:00:00');
INSERT INTO CC_PAYMENT (ROWTIME, `trxId`, `trxAmount`, `customerId`, `trxDate`) VALUES (1795132800054, 54, 1, 7, '2026-11-19T02:00:00');
INSERT INTO CC_PAYMENT (ROWTIME, `trxId`, `trxAmount`, `customerId`, `trxDate`) VALUES (1795132800055, 55, 1, 7, '2026-11-19T01:00:00');
ASSERT VALUES SEEN (CUSTOMER_ID, IDS) VALUES (7, ARRAY[50]);
ASSERT VALUES SEEN (CUSTOMER_ID, IDS) VALUES (7, ARRAY[50]);
ASSERT VALUES SEEN (CUSTOMER_ID, IDS, AMOUNTS) VALUES (7, ARRAY[50], ARRAY[3.0000]);
ASSERT VALUES SEEN (CUSTOMER_ID, IDS) VALUES (7, ARRAY[50, 51]);
ASSERT VALUES SEEN (CUSTOMER_ID, IDS) VALUES (7, ARRAY[50, 51, 52]);
ASSERT VALUES SEEN (CUSTOMER_ID, IDS) VALUES (7, ARRAY[50, 51, 52, 53]);
ASSERT VALUES SEEN (CUSTOMER_ID, IDS, TRUNCATED) VALUES (7, ARRAY[50, 51, 52, 53, 54], FALSE);
ASSERT VALUES SEEN (CUSTOMER_ID, IDS, AMOUNTS, TRUNCATED) VALUES (7, ARRAY[50, 51, 52, 53, 54], ARRAY[3.0000, 1.0000, 1.0000, 1.0000, 1.0000], FALSE);

----------------------------------------------------------------------------------------------------
--@test: a card payment and a bank transfer with the same trxId are two payments
CREATE STREAM RECORDS (CUSTOMER_ID BIGINT KEY, `payments` ARRAY<STRUCT<`trxId` BIGINT, `trxAmount` DECIMAL(19, 4)>>, `truncated` BOOLEAN)
  WITH (KAFKA_TOPIC = 'PAYMENT-TRX-AGGR', KEY_FORMAT = 'KAFKA', VALUE_FORMAT = 'JSON', WINDOW_TYPE = 'TUMBLING', WINDOW_SIZE = '30 DAYS');
CREATE STREAM SEEN AS SELECT CUSTOMER_ID, TRANSFORM(`payments`, P => P->`trxId`) AS IDS, TRANSFORM(`payments`, P => P->`trxAmount`) AS AMOUNTS, `truncated` AS TRUNCATED FROM RECORDS;
INSERT INTO CC_PAYMENT (ROWTIME, `trxId`, `trxAmount`, `customerId`, `trxDate`) VALUES (1795132800000, 1, 1, 7, '2026-11-19T10:00:00');
INSERT INTO BANK_TRANSFER_PAYMENT (ROWTIME, `trxId`, `trxAmount`, `customerId`, `trxDate`) VALUES (1795132800001, 1, 2, 7, '2026-11-19T10:00:00');
ASSERT VALUES SEEN (CUSTOMER_ID, IDS) VALUES (7, ARRAY[1]);
ASSERT VALUES SEEN (CUSTOMER_ID, IDS, AMOUNTS) VALUES (7, ARRAY[1, 1], ARRAY[1.0000, 2.0000]);

----------------------------------------------------------------------------------------------------
--@test: exact with ten versions of five payments
CREATE STREAM RECORDS (CUSTOMER_ID BIGINT KEY, `payments` ARRAY<STRUCT<`trxId` BIGINT, `trxAmount` DECIMAL(19, 4)>>, `truncated` BOOLEAN)
  WITH (KAFKA_TOPIC = 'PAYMENT-TRX-AGGR', KEY_FORMAT = 'KAFKA', VALUE_FORMAT = 'JSON', WINDOW_TYPE = 'TUMBLING', WINDOW_SIZE = '30 DAYS');
CREATE STREAM SEEN AS SELECT CUSTOMER_ID, TRANSFORM(`payments`, P => P->`trxId`) AS IDS, TRANSFORM(`payments`, P => P->`trxAmount`) AS AMOUNTS, `truncated` AS TRUNCATED FROM RECORDS;
INSERT INTO CC_PAYMENT (ROWTIME, `trxId`, `trxAmount`, `customerId`, `trxDate`) VALUES (1795132800054, 54, 1, 7, '2026-11-19T02:00:00');
ASSERT VALUES SEEN (CUSTOMER_ID, IDS) VALUES (7, ARRAY[54]);
INSERT INTO CC_PAYMENT (ROWTIME, `trxId`, `trxAmount`, `customerId`, `trxDate`) VALUES (1795132800053, 53, 1, 7, '2026-11-19T03:00:00');
ASSERT VALUES SEEN (CUSTOMER_ID, IDS) VALUES (7, ARRAY[53, 54]);
INSERT INTO CC_PAYMENT (ROWTIME, `trxId`, `trxAmount`, `customerId`, `trxDate`) VALUES (1795132800052, 52, 1, 7, '2026-11-19T04:00:00');
ASSERT VALUES SEEN (CUSTOMER_ID, IDS) VALUES (7, ARRAY[52, 53, 54]);
INSERT INTO CC_PAYMENT (ROWTIME, `trxId`, `trxAmount`, `customerId`, `trxDate`) VALUES (1795132800051, 51, 1, 7, '2026-11-19T05:00:00');
ASSERT VALUES SEEN (CUSTOMER_ID, IDS) VALUES (7, ARRAY[51, 52, 53, 54]);
INSERT INTO CC_PAYMENT (ROWTIME, `trxId`, `trxAmount`, `customerId`, `trxDate`) VALUES (1795132800100, 50, 1, 7, '2026-11-19T12:00:00');
ASSERT VALUES SEEN (CUSTOMER_ID, IDS, TRUNCATED) VALUES (7, ARRAY[50, 51, 52, 53, 54], FALSE);
INSERT INTO CC_PAYMENT (ROWTIME, `trxId`, `trxAmount`, `customerId`, `trxDate`) VALUES (1795132800101, 50, 2, 7, '2026-11-19T12:00:01');
ASSERT VALUES SEEN (CUSTOMER_ID, IDS, TRUNCATED) VALUES (7, ARRAY[50, 51, 52, 53, 54], FALSE);
INSERT INTO CC_PAYMENT (ROWTIME, `trxId`, `trxAmount`, `customerId`, `trxDate`) VALUES (1795132800102, 50, 3, 7, '2026-11-19T12:00:02');
ASSERT VALUES SEEN (CUSTOMER_ID, IDS, TRUNCATED) VALUES (7, ARRAY[50, 51, 52, 53, 54], FALSE);
INSERT INTO CC_PAYMENT (ROWTIME, `trxId`, `trxAmount`, `customerId`, `trxDate`) VALUES (1795132800103, 50, 4, 7, '2026-11-19T12:00:03');
ASSERT VALUES SEEN (CUSTOMER_ID, IDS, TRUNCATED) VALUES (7, ARRAY[50, 51, 52, 53, 54], FALSE);
INSERT INTO CC_PAYMENT (ROWTIME, `trxId`, `trxAmount`, `customerId`, `trxDate`) VALUES (1795132800104, 50, 5, 7, '2026-11-19T12:00:04');
ASSERT VALUES SEEN (CUSTOMER_ID, IDS, TRUNCATED) VALUES (7, ARRAY[50, 51, 52, 53, 54], FALSE);
INSERT INTO CC_PAYMENT (ROWTIME, `trxId`, `trxAmount`, `customerId`, `trxDate`) VALUES (1795132800105, 50, 6, 7, '2026-11-19T12:00:05');
ASSERT VALUES SEEN (CUSTOMER_ID, IDS, TRUNCATED) VALUES (7, ARRAY[50, 51, 52, 53, 54], FALSE);

----------------------------------------------------------------------------------------------------
--@test: truncated with eleven versions of five payments: the oldest payment is lost, and the record says so
CREATE STREAM RECORDS (CUSTOMER_ID BIGINT KEY, `payments` ARRAY<STRUCT<`trxId` BIGINT, `trxAmount` DECIMAL(19, 4)>>, `truncated` BOOLEAN)
  WITH (KAFKA_TOPIC = 'PAYMENT-TRX-AGGR', KEY_FORMAT = 'KAFKA', VALUE_FORMAT = 'JSON', WINDOW_TYPE = 'TUMBLING', WINDOW_SIZE = '30 DAYS');
CREATE STREAM SEEN AS SELECT CUSTOMER_ID, TRANSFORM(`payments`, P => P->`trxId`) AS IDS, TRANSFORM(`payments`, P => P->`trxAmount`) AS AMOUNTS, `truncated` AS TRUNCATED FROM RECORDS;
INSERT INTO CC_PAYMENT (ROWTIME, `trxId`, `trxAmount`, `customerId`, `trxDate`) VALUES (1795132800054, 54, 1, 7, '2026-11-19T02:00:00');
ASSERT VALUES SEEN (CUSTOMER_ID, IDS) VALUES (7, ARRAY[54]);
INSERT INTO CC_PAYMENT (ROWTIME, `trxId`, `trxAmount`, `customerId`, `trxDate`) VALUES (1795132800053, 53, 1, 7, '2026-11-19T03:00:00');
ASSERT VALUES SEEN (CUSTOMER_ID, IDS) VALUES (7, ARRAY[53, 54]);
INSERT INTO CC_PAYMENT (ROWTIME, `trxId`, `trxAmount`, `customerId`, `trxDate`) VALUES (1795132800052, 52, 1, 7, '2026-11-19T04:00:00');
ASSERT VALUES SEEN (CUSTOMER_ID, IDS) VALUES (7, ARRAY[52, 53, 54]);
INSERT INTO CC_PAYMENT (ROWTIME, `trxId`, `trxAmount`, `customerId`, `trxDate`) VALUES (1795132800051, 51, 1, 7, '2026-11-19T05:00:00');
ASSERT VALUES SEEN (CUSTOMER_ID, IDS) VALUES (7, ARRAY[51, 52, 53, 54]);
INSERT INTO CC_PAYMENT (ROWTIME, `trxId`, `trxAmount`, `customerId`, `trxDate`) VALUES (1795132800100, 50, 1, 7, '2026-11-19T12:00:00');
ASSERT VALUES SEEN (CUSTOMER_ID, IDS, TRUNCATED) VALUES (7, ARRAY[50, 51, 52, 53, 54], FALSE);
INSERT INTO CC_PAYMENT (ROWTIME, `trxId`, `trxAmount`, `customerId`, `trxDate`) VALUES (1795132800101, 50, 2, 7, '2026-11-19T12:00:01');
ASSERT VALUES SEEN (CUSTOMER_ID, IDS, TRUNCATED) VALUES (7, ARRAY[50, 51, 52, 53, 54], FALSE);
INSERT INTO CC_PAYMENT (ROWTIME, `trxId`, `trxAmount`, `customerId`, `trxDate`) VALUES (1795132800102, 50, 3, 7, '2026-11-19T12:00:02');
ASSERT VALUES SEEN (CUSTOMER_ID, IDS, TRUNCATED) VALUES (7, ARRAY[50, 51, 52, 53, 54], FALSE);
INSERT INTO CC_PAYMENT (ROWTIME, `trxId`, `trxAmount`, `customerId`, `trxDate`) VALUES (1795132800103, 50, 4, 7, '2026-11-19T12:00:03');
ASSERT VALUES SEEN (CUSTOMER_ID, IDS, TRUNCATED) VALUES (7, ARRAY[50, 51, 52, 53, 54], FALSE);
INSERT INTO CC_PAYMENT (ROWTIME, `trxId`, `trxAmount`, `customerId`, `trxDate`) VALUES (1795132800104, 50, 5, 7, '2026-11-19T12:00:04');
ASSERT VALUES SEEN (CUSTOMER_ID, IDS, TRUNCATED) VALUES (7, ARRAY[50, 51, 52, 53, 54], FALSE);
INSERT INTO CC_PAYMENT (ROWTIME, `trxId`, `trxAmount`, `customerId`, `trxDate`) VALUES (1795132800105, 50, 6, 7, '2026-11-19T12:00:05');
ASSERT VALUES SEEN (CUSTOMER_ID, IDS, TRUNCATED) VALUES (7, ARRAY[50, 51, 52, 53, 54], FALSE);
INSERT INTO CC_PAYMENT (ROWTIME, `trxId`, `trxAmount`, `customerId`, `trxDate`) VALUES (1795132800106, 50, 7, 7, '2026-11-19T12:00:06');
ASSERT VALUES SEEN (CUSTOMER_ID, IDS, AMOUNTS, TRUNCATED) VALUES (7, ARRAY[50, 51, 52, 53], ARRAY[7.0000, 1.0000, 1.0000, 1.0000], TRUE);

----------------------------------------------------------------------------------------------------
--@test: ten versions of one payment may hide others, so the record says truncated
CREATE STREAM RECORDS (CUSTOMER_ID BIGINT KEY, `payments` ARRAY<STRUCT<`trxId` BIGINT, `trxAmount` DECIMAL(19, 4)>>, `truncated` BOOLEAN)
  WITH (KAFKA_TOPIC = 'PAYMENT-TRX-AGGR', KEY_FORMAT = 'KAFKA', VALUE_FORMAT = 'JSON', WINDOW_TYPE = 'TUMBLING', WINDOW_SIZE = '30 DAYS');
CREATE STREAM SEEN AS SELECT CUSTOMER_ID, TRANSFORM(`payments`, P => P->`trxId`) AS IDS, TRANSFORM(`payments`, P => P->`trxAmount`) AS AMOUNTS, `truncated` AS TRUNCATED FROM RECORDS;
INSERT INTO CC_PAYMENT (ROWTIME, `trxId`, `trxAmount`, `customerId`, `trxDate`) VALUES (1795132800000, 1, 1, 7, '2026-11-19T12:00:00');
ASSERT VALUES SEEN (CUSTOMER_ID, IDS, TRUNCATED) VALUES (7, ARRAY[1], FALSE);
INSERT INTO CC_PAYMENT (ROWTIME, `trxId`, `trxAmount`, `customerId`, `trxDate`) VALUES (1795132800001, 1, 2, 7, '2026-11-19T12:00:01');
ASSERT VALUES SEEN (CUSTOMER_ID, IDS, TRUNCATED) VALUES (7, ARRAY[1], FALSE);
INSERT INTO CC_PAYMENT (ROWTIME, `trxId`, `trxAmount`, `customerId`, `trxDate`) VALUES (1795132800002, 1, 3, 7, '2026-11-19T12:00:02');
ASSERT VALUES SEEN (CUSTOMER_ID, IDS, TRUNCATED) VALUES (7, ARRAY[1], FALSE);
INSERT INTO CC_PAYMENT (ROWTIME, `trxId`, `trxAmount`, `customerId`, `trxDate`) VALUES (1795132800003, 1, 4, 7, '2026-11-19T12:00:03');
ASSERT VALUES SEEN (CUSTOMER_ID, IDS, TRUNCATED) VALUES (7, ARRAY[1], FALSE);
INSERT INTO CC_PAYMENT (ROWTIME, `trxId`, `trxAmount`, `customerId`, `trxDate`) VALUES (1795132800004, 1, 5, 7, '2026-11-19T12:00:04');
ASSERT VALUES SEEN (CUSTOMER_ID, IDS, TRUNCATED) VALUES (7, ARRAY[1], FALSE);
INSERT INTO CC_PAYMENT (ROWTIME, `trxId`, `trxAmount`, `customerId`, `trxDate`) VALUES (1795132800005, 1, 6, 7, '2026-11-19T12:00:05');
ASSERT VALUES SEEN (CUSTOMER_ID, IDS, TRUNCATED) VALUES (7, ARRAY[1], FALSE);
INSERT INTO CC_PAYMENT (ROWTIME, `trxId`, `trxAmount`, `customerId`, `trxDate`) VALUES (1795132800006, 1, 7, 7, '2026-11-19T12:00:06');
ASSERT VALUES SEEN (CUSTOMER_ID, IDS, TRUNCATED) VALUES (7, ARRAY[1], FALSE);
INSERT INTO CC_PAYMENT (ROWTIME, `trxId`, `trxAmount`, `customerId`, `trxDate`) VALUES (1795132800007, 1, 8, 7, '2026-11-19T12:00:07');
ASSERT VALUES SEEN (CUSTOMER_ID, IDS, TRUNCATED) VALUES (7, ARRAY[1], FALSE);
INSERT INTO CC_PAYMENT (ROWTIME, `trxId`, `trxAmount`, `customerId`, `trxDate`) VALUES (1795132800008, 1, 9, 7, '2026-11-19T12:00:08');
ASSERT VALUES SEEN (CUSTOMER_ID, IDS, TRUNCATED) VALUES (7, ARRAY[1], FALSE);
INSERT INTO CC_PAYMENT (ROWTIME, `trxId`, `trxAmount`, `customerId`, `trxDate`) VALUES (1795132800009, 1, 10, 7, '2026-11-19T12:00:09');
ASSERT VALUES SEEN (CUSTOMER_ID, IDS, TRUNCATED) VALUES (7, ARRAY[1], TRUE);
INSERT INTO CC_PAYMENT (ROWTIME, `trxId`, `trxAmount`, `customerId`, `trxDate`) VALUES (1795132800020, 2, 1, 7, '2026-11-19T13:00:00');
ASSERT VALUES SEEN (CUSTOMER_ID, IDS, TRUNCATED) VALUES (7, ARRAY[2, 1], TRUE);

----------------------------------------------------------------------------------------------------
--@test: five payments that were each sent twice are exact, with ten versions kept
CREATE STREAM RECORDS (CUSTOMER_ID BIGINT KEY, `payments` ARRAY<STRUCT<`trxId` BIGINT, `trxAmount` DECIMAL(19, 4)>>, `truncated` BOOLEAN)
  WITH (KAFKA_TOPIC = 'PAYMENT-TRX-AGGR', KEY_FORMAT = 'KAFKA', VALUE_FORMAT = 'JSON', WINDOW_TYPE = 'TUMBLING', WINDOW_SIZE = '30 DAYS');
CREATE STREAM SEEN AS SELECT CUSTOMER_ID, TRANSFORM(`payments`, P => P->`trxId`) AS IDS, TRANSFORM(`payments`, P => P->`trxAmount`) AS AMOUNTS, `truncated` AS TRUNCATED FROM RECORDS;
INSERT INTO CC_PAYMENT (ROWTIME, `trxId`, `trxAmount`, `customerId`, `trxDate`) VALUES (1795132800002, 1, 1, 7, '2026-11-19T01:00:00');
INSERT INTO CC_PAYMENT (ROWTIME, `trxId`, `trxAmount`, `customerId`, `trxDate`) VALUES (1795132800003, 1, 1, 7, '2026-11-19T01:00:00');
ASSERT VALUES SEEN (CUSTOMER_ID, IDS, TRUNCATED) VALUES (7, ARRAY[1], FALSE);
ASSERT VALUES SEEN (CUSTOMER_ID, IDS, TRUNCATED) VALUES (7, ARRAY[1], FALSE);
INSERT INTO CC_PAYMENT (ROWTIME, `trxId`, `trxAmount`, `customerId`, `trxDate`) VALUES (1795132800004, 2, 1, 7, '2026-11-19T02:00:00');
INSERT INTO CC_PAYMENT (ROWTIME, `trxId`, `trxAmount`, `customerId`, `trxDate`) VALUES (1795132800005, 2, 1, 7, '2026-11-19T02:00:00');
ASSERT VALUES SEEN (CUSTOMER_ID, IDS, TRUNCATED) VALUES (7, ARRAY[2, 1], FALSE);
ASSERT VALUES SEEN (CUSTOMER_ID, IDS, TRUNCATED) VALUES (7, ARRAY[2, 1], FALSE);
INSERT INTO CC_PAYMENT (ROWTIME, `trxId`, `trxAmount`, `customerId`, `trxDate`) VALUES (1795132800006, 3, 1, 7, '2026-11-19T03:00:00');
INSERT INTO CC_PAYMENT (ROWTIME, `trxId`, `trxAmount`, `customerId`, `trxDate`) VALUES (1795132800007, 3, 1, 7, '2026-11-19T03:00:00');
ASSERT VALUES SEEN (CUSTOMER_ID, IDS, TRUNCATED) VALUES (7, ARRAY[3, 2, 1], FALSE);
ASSERT VALUES SEEN (CUSTOMER_ID, IDS, TRUNCATED) VALUES (7, ARRAY[3, 2, 1], FALSE);
INSERT INTO CC_PAYMENT (ROWTIME, `trxId`, `trxAmount`, `customerId`, `trxDate`) VALUES (1795132800008, 4, 1, 7, '2026-11-19T04:00:00');
INSERT INTO CC_PAYMENT (ROWTIME, `trxId`, `trxAmount`, `customerId`, `trxDate`) VALUES (1795132800009, 4, 1, 7, '2026-11-19T04:00:00');
ASSERT VALUES SEEN (CUSTOMER_ID, IDS, TRUNCATED) VALUES (7, ARRAY[4, 3, 2, 1], FALSE);
ASSERT VALUES SEEN (CUSTOMER_ID, IDS, TRUNCATED) VALUES (7, ARRAY[4, 3, 2, 1], FALSE);
INSERT INTO CC_PAYMENT (ROWTIME, `trxId`, `trxAmount`, `customerId`, `trxDate`) VALUES (1795132800010, 5, 1, 7, '2026-11-19T05:00:00');
INSERT INTO CC_PAYMENT (ROWTIME, `trxId`, `trxAmount`, `customerId`, `trxDate`) VALUES (1795132800011, 5, 1, 7, '2026-11-19T05:00:00');
ASSERT VALUES SEEN (CUSTOMER_ID, IDS, TRUNCATED) VALUES (7, ARRAY[5, 4, 3, 2, 1], FALSE);
ASSERT VALUES SEEN (CUSTOMER_ID, IDS, TRUNCATED) VALUES (7, ARRAY[5, 4, 3, 2, 1], FALSE);
INSERT INTO CC_PAYMENT (ROWTIME, `trxId`, `trxAmount`, `customerId`, `trxDate`) VALUES (1795132800050, 9, 1, 7, '2026-11-19T00:00:00');
ASSERT VALUES SEEN (CUSTOMER_ID, IDS, TRUNCATED) VALUES (7, ARRAY[5, 4, 3, 2, 1], FALSE);

----------------------------------------------------------------------------------------------------
--@test: a record that is read again with the same timestamp takes no room
CREATE STREAM RECORDS (CUSTOMER_ID BIGINT KEY, `payments` ARRAY<STRUCT<`trxId` BIGINT, `trxAmount` DECIMAL(19, 4)>>, `truncated` BOOLEAN)
  WITH (KAFKA_TOPIC = 'PAYMENT-TRX-AGGR', KEY_FORMAT = 'KAFKA', VALUE_FORMAT = 'JSON', WINDOW_TYPE = 'TUMBLING', WINDOW_SIZE = '30 DAYS');
CREATE STREAM SEEN AS SELECT CUSTOMER_ID, TRANSFORM(`payments`, P => P->`trxId`) AS IDS, TRANSFORM(`payments`, P => P->`trxAmount`) AS AMOUNTS, `truncated` AS TRUNCATED FROM RECORDS;
INSERT INTO CC_PAYMENT (ROWTIME, `trxId`, `trxAmount`, `customerId`, `trxDate`) VALUES (1795132800000, 1, 1, 7, '2026-11-19T10:00:00');
INSERT INTO CC_PAYMENT (ROWTIME, `trxId`, `trxAmount`, `customerId`, `trxDate`) VALUES (1795132800000, 1, 1, 7, '2026-11-19T10:00:00');
INSERT INTO CC_PAYMENT (ROWTIME, `trxId`, `trxAmount`, `customerId`, `trxDate`) VALUES (1795132800000, 1, 1, 7, '2026-11-19T10:00:00');
INSERT INTO CC_PAYMENT (ROWTIME, `trxId`, `trxAmount`, `customerId`, `trxDate`) VALUES (1795132800000, 1, 1, 7, '2026-11-19T10:00:00');
INSERT INTO CC_PAYMENT (ROWTIME, `trxId`, `trxAmount`, `customerId`, `trxDate`) VALUES (1795132800000, 1, 1, 7, '2026-11-19T10:00:00');
INSERT INTO CC_PAYMENT (ROWTIME, `trxId`, `trxAmount`, `customerId`, `trxDate`) VALUES (1795132800000, 1, 1, 7, '2026-11-19T10:00:00');
INSERT INTO CC_PAYMENT (ROWTIME, `trxId`, `trxAmount`, `customerId`, `trxDate`) VALUES (1795132800000, 1, 1, 7, '2026-11-19T10:00:00');
INSERT INTO CC_PAYMENT (ROWTIME, `trxId`, `trxAmount`, `customerId`, `trxDate`) VALUES (1795132800000, 1, 1, 7, '2026-11-19T10:00:00');
INSERT INTO CC_PAYMENT (ROWTIME, `trxId`, `trxAmount`, `customerId`, `trxDate`) VALUES (1795132800000, 1, 1, 7, '2026-11-19T10:00:00');
INSERT INTO CC_PAYMENT (ROWTIME, `trxId`, `trxAmount`, `customerId`, `trxDate`) VALUES (1795132800000, 1, 1, 7, '2026-11-19T10:00:00');
INSERT INTO CC_PAYMENT (ROWTIME, `trxId`, `trxAmount`, `customerId`, `trxDate`) VALUES (1795132800000, 1, 1, 7, '2026-11-19T10:00:00');
INSERT INTO CC_PAYMENT (ROWTIME, `trxId`, `trxAmount`, `customerId`, `trxDate`) VALUES (1795132800000, 1, 1, 7, '2026-11-19T10:00:00');
INSERT INTO CC_PAYMENT (ROWTIME, `trxId`, `trxAmount`, `customerId`, `trxDate`) VALUES (1795132800001, 2, 1, 7, '2026-11-19T09:00:00');
ASSERT VALUES SEEN (CUSTOMER_ID, IDS, TRUNCATED) VALUES (7, ARRAY[1], FALSE);
ASSERT VALUES SEEN (CUSTOMER_ID, IDS, TRUNCATED) VALUES (7, ARRAY[1], FALSE);
ASSERT VALUES SEEN (CUSTOMER_ID, IDS, TRUNCATED) VALUES (7, ARRAY[1], FALSE);
ASSERT VALUES SEEN (CUSTOMER_ID, IDS, TRUNCATED) VALUES (7, ARRAY[1], FALSE);
ASSERT VALUES SEEN (CUSTOMER_ID, IDS, TRUNCATED) VALUES (7, ARRAY[1], FALSE);
ASSERT VALUES SEEN (CUSTOMER_ID, IDS, TRUNCATED) VALUES (7, ARRAY[1], FALSE);
ASSERT VALUES SEEN (CUSTOMER_ID, IDS, TRUNCATED) VALUES (7, ARRAY[1], FALSE);
ASSERT VALUES SEEN (CUSTOMER_ID, IDS, TRUNCATED) VALUES (7, ARRAY[1], FALSE);
ASSERT VALUES SEEN (CUSTOMER_ID, IDS, TRUNCATED) VALUES (7, ARRAY[1], FALSE);
ASSERT VALUES SEEN (CUSTOMER_ID, IDS, TRUNCATED) VALUES (7, ARRAY[1], FALSE);
ASSERT VALUES SEEN (CUSTOMER_ID, IDS, TRUNCATED) VALUES (7, ARRAY[1], FALSE);
ASSERT VALUES SEEN (CUSTOMER_ID, IDS, TRUNCATED) VALUES (7, ARRAY[1], FALSE);
ASSERT VALUES SEEN (CUSTOMER_ID, IDS, TRUNCATED) VALUES (7, ARRAY[1, 2], FALSE);

----------------------------------------------------------------------------------------------------
--@test: separators inside values stay in their field and become spaces
INSERT INTO PAYMENT_OUTPUT (ROWTIME, CUSTOMER_ID, `trxId`, `trxAmount`, `customerId`, `trxDate`, `paymentType`, `accountNo`, `accountName`, `bankName`, `referenceNo`, `currency`) VALUES (1795132800000, 7, 1, 1, 7, '2026-11-19T10:00:00.000', CONCAT('C', CHR(31), 'C'), CONCAT('1', CHR(31), '2'), CONCAT('a', CHR(31), CHR(31), 'b'), CONCAT('x', CHR(30), 'y'), CHR(31), CONCAT(CHR(31), 'IDR'));
ASSERT VALUES PAYMENT_TRX_AGGR (CUSTOMER_ID, `lastFive`) VALUES (7, STRUCT(`customerId` := 7, `payments` := ARRAY[
  STRUCT(`trxId` := 1, `trxAmount` := 1.0000, `customerId` := 7, `trxDate` := '2026-11-19T10:00:00.000', `paymentType` := 'C C', `accountNo` := '1 2', `accountName` := 'a  b', `bankName` := CONCAT('x', CHR(30), 'y'), `referenceNo` := ' ', `currency` := ' IDR', `arrivedAt` := 1795132800000)], `truncated` := FALSE));

----------------------------------------------------------------------------------------------------
--@test: a text that is only the mark for NULL becomes NULL
INSERT INTO PAYMENT_OUTPUT (ROWTIME, CUSTOMER_ID, `trxId`, `trxAmount`, `customerId`, `trxDate`, `paymentType`, `bankName`) VALUES (1795132800000, 7, 1, 1, 7, '2026-11-19T10:00:00.000', 'CC', CHR(30));
ASSERT VALUES PAYMENT_TRX_AGGR (CUSTOMER_ID, `lastFive`) VALUES (7, STRUCT(`customerId` := 7, `payments` := ARRAY[
  STRUCT(`trxId` := 1, `trxAmount` := 1.0000, `customerId` := 7, `trxDate` := '2026-11-19T10:00:00.000', `paymentType` := 'CC', `accountNo` := NULL, `accountName` := NULL, `bankName` := NULL, `referenceNo` := NULL, `currency` := NULL, `arrivedAt` := 1795132800000)], `truncated` := FALSE));

----------------------------------------------------------------------------------------------------
--@test: empty texts stay empty and missing ones NULL
INSERT INTO PAYMENT_OUTPUT (ROWTIME, CUSTOMER_ID, `trxId`, `trxAmount`, `customerId`, `trxDate`, `paymentType`, `accountNo`, `accountName`, `bankName`, `referenceNo`, `currency`) VALUES (1795132800000, 7, 1, 1, 7, '2026-11-19T10:00:00.000', 'CC', '', '', NULL, '', NULL);
ASSERT VALUES PAYMENT_TRX_AGGR (CUSTOMER_ID, `lastFive`) VALUES (7, STRUCT(`customerId` := 7, `payments` := ARRAY[
  STRUCT(`trxId` := 1, `trxAmount` := 1.0000, `customerId` := 7, `trxDate` := '2026-11-19T10:00:00.000', `paymentType` := 'CC', `accountNo` := '', `accountName` := '', `bankName` := NULL, `referenceNo` := '', `currency` := NULL, `arrivedAt` := 1795132800000)], `truncated` := FALSE));

----------------------------------------------------------------------------------------------------
--@test: U+0000 and lone surrogates become spaces, and the payment stays
INSERT INTO PAYMENT_OUTPUT (ROWTIME, CUSTOMER_ID, `trxId`, `trxAmount`, `customerId`, `trxDate`, `paymentType`, `accountName`, `bankName`, `referenceNo`, `currency`) VALUES (1795132800000, 7, 1, 1, 7, '2026-11-19T10:00:00.000', 'CC', CONCAT('a', CHR('\u0000'), 'b'), CONCAT('x', CHR('\ud800'), 'y', CHR('\udc00')), CHR('\ud83d'), 'IDR');
ASSERT VALUES PAYMENT_TRX_AGGR (CUSTOMER_ID, `lastFive`) VALUES (7, STRUCT(`customerId` := 7, `payments` := ARRAY[
  STRUCT(`trxId` := 1, `trxAmount` := 1.0000, `customerId` := 7, `trxDate` := '2026-11-19T10:00:00.000', `paymentType` := 'CC', `accountNo` := NULL, `accountName` := 'a b', `bankName` := 'x y ', `referenceNo` := ' ', `currency` := 'IDR', `arrivedAt` := 1795132800000)], `truncated` := FALSE));

----------------------------------------------------------------------------------------------------
--@test: pairs of surrogates, accents, tabs and line breaks stay
INSERT INTO PAYMENT_OUTPUT (ROWTIME, CUSTOMER_ID, `trxId`, `trxAmount`, `customerId`, `trxDate`, `paymentType`, `accountName`, `currency`) VALUES (1795132800000, 7, 1, 1, 7, '2026-11-19T10:00:00.000', 'CC', CONCAT('Nguyễn 😀', CHR(9), CHR(10)), 'IDR');
ASSERT VALUES PAYMENT_TRX_AGGR (CUSTOMER_ID, `lastFive`) VALUES (7, STRUCT(`customerId` := 7, `payments` := ARRAY[
  STRUCT(`trxId` := 1, `trxAmount` := 1.0000, `customerId` := 7, `trxDate` := '2026-11-19T10:00:00.000', `paymentType` := 'CC', `accountNo` := NULL, `accountName` := CONCAT('Nguyễn 😀', CHR(9), CHR(10)), `bankName` := NULL, `referenceNo` := NULL, `currency` := 'IDR', `arrivedAt` := 1795132800000)], `truncated` := FALSE));

----------------------------------------------------------------------------------------------------
--@test: each window of arrival has five payments of its own
INSERT INTO CC_PAYMENT (ROWTIME, `trxId`, `trxAmount`, `customerId`, `trxDate`) VALUES (1795132800000, 1, 1, 7, '2026-11-19T10:00:00');
INSERT INTO CC_PAYMENT (ROWTIME, `trxId`, `trxAmount`, `customerId`, `trxDate`) VALUES (1796256000000, 2, 1, 7, '2026-11-19T10:00:00');
INSERT INTO CC_PAYMENT (ROWTIME, `trxId`, `trxAmount`, `customerId`, `trxDate`) VALUES (1796255999999, 3, 1, 7, '2026-11-19T11:00:00');
ASSERT VALUES PAYMENT_TRX_AGGR (CUSTOMER_ID, `lastFive`) VALUES (7, STRUCT(`customerId` := 7, `payments` := ARRAY[
  STRUCT(`trxId` := 1, `trxAmount` := 1.0000, `customerId` := 7, `trxDate` := '2026-11-19T10:00:00.000', `paymentType` := 'CC', `accountNo` := NULL, `accountName` := NULL, `bankName` := NULL, `referenceNo` := NULL, `currency` := 'IDR', `arrivedAt` := 1795132800000)], `truncated` := FALSE));
ASSERT VALUES PAYMENT_TRX_AGGR (CUSTOMER_ID, `lastFive`) VALUES (7, STRUCT(`customerId` := 7, `payments` := ARRAY[
  STRUCT(`trxId` := 2, `trxAmount` := 1.0000, `customerId` := 7, `trxDate` := '2026-11-19T10:00:00.000', `paymentType` := 'CC', `accountNo` := NULL, `accountName` := NULL, `bankName` := NULL, `referenceNo` := NULL, `currency` := 'IDR', `arrivedAt` := 1796256000000)], `truncated` := FALSE));
ASSERT VALUES PAYMENT_TRX_AGGR (CUSTOMER_ID, `lastFive`) VALUES (7, STRUCT(`customerId` := 7, `payments` := ARRAY[
  STRUCT(`trxId` := 3, `trxAmount` := 1.0000, `customerId` := 7, `trxDate` := '2026-11-19T11:00:00.000', `paymentType` := 'CC', `accountNo` := NULL, `accountName` := NULL, `bankName` := NULL, `referenceNo` := NULL, `currency` := 'IDR', `arrivedAt` := 1796255999999),
  STRUCT(`trxId` := 1, `trxAmount` := 1.0000, `customerId` := 7, `trxDate` := '2026-11-19T10:00:00.000', `paymentType` := 'CC', `accountNo` := NULL, `accountName` := NULL, `bankName` := NULL, `referenceNo` := NULL, `currency` := 'IDR', `arrivedAt` := 1795132800000)], `truncated` := FALSE));

----------------------------------------------------------------------------------------------------
--@test: ids and amounts of full width are exact
INSERT INTO PAYMENT_OUTPUT (ROWTIME, CUSTOMER_ID, `trxId`, `trxAmount`, `customerId`, `trxDate`, `paymentType`) VALUES (1795132800000, 7, 9223372036854775807, 123456789012345.6789, 7, '2026-11-19T10:00:00.000', 'CC');
ASSERT VALUES PAYMENT_TRX_AGGR (CUSTOMER_ID, `lastFive`) VALUES (7, STRUCT(`customerId` := 7, `payments` := ARRAY[
  STRUCT(`trxId` := 9223372036854775807, `trxAmount` := 123456789012345.6789, `customerId` := 7, `trxDate` := '2026-11-19T10:00:00.000', `paymentType` := 'CC', `accountNo` := NULL, `accountName` := NULL, `bankName` := NULL, `referenceNo` := NULL, `currency` := NULL, `arrivedAt` := 1795132800000)], `truncated` := FALSE));

----------------------------------------------------------------------------------------------------
--@test: the last-five table has the columns that the sink expects
ASSERT TABLE PAYMENT_TRX_AGGR (CUSTOMER_ID BIGINT PRIMARY KEY,
  `lastFive` STRUCT<`customerId` BIGINT, `payments` ARRAY<STRUCT<`trxId` BIGINT, `trxAmount` DECIMAL(19, 4), `customerId` BIGINT, `trxDate` STRING, `paymentType` STRING, `accountNo` STRING, `accountName` STRING, `bankName` STRING, `referenceNo` STRING, `currency` STRING, `arrivedAt` BIGINT>>, `truncated` BOOLEAN>)
  WITH (KAFKA_TOPIC = 'PAYMENT-TRX-AGGR', KEY_FORMAT = 'KAFKA', VALUE_FORMAT = 'JSON', WRAP_SINGLE_VALUE = FALSE);
