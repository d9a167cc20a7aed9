--@test: the newest payment comes first, regardless of arrival order
INSERT INTO CC_PAYMENT (ROWTIME, `trxId`, `trxAmount`, `customerId`, `trxDate`) VALUES (1795132800000, 1, 1, 7, '2026-11-19T10:00:00');
INSERT INTO BANK_TRANSFER_PAYMENT (ROWTIME, `trxId`, `trxAmount`, `customerId`, `trxDate`) VALUES (1795132800001, 2, 2, 7, '2026-11-19T09:00:00');
ASSERT VALUES PAYMENT_TRX_AGGR (CUSTOMER_ID, `payments`) VALUES (7, ARRAY[
  STRUCT(`trxId` := 1, `trxAmount` := 1.0000, `customerId` := 7, `trxDate` := '2026-11-19T10:00:00.000', `paymentType` := 'CC', `accountNo` := NULL, `accountName` := NULL, `bankName` := NULL, `referenceNo` := NULL, `currency` := 'IDR')]);
ASSERT VALUES PAYMENT_TRX_AGGR (CUSTOMER_ID, `payments`) VALUES (7, ARRAY[
  STRUCT(`trxId` := 1, `trxAmount` := 1.0000, `customerId` := 7, `trxDate` := '2026-11-19T10:00:00.000', `paymentType` := 'CC', `accountNo` := NULL, `accountName` := NULL, `bankName` := NULL, `referenceNo` := NULL, `currency` := 'IDR'),
  STRUCT(`trxId` := 2, `trxAmount` := 2.0000, `customerId` := 7, `trxDate` := '2026-11-19T09:00:00.000', `paymentType` := 'BANK_TRF', `accountNo` := NULL, `accountName` := NULL, `bankName` := NULL, `referenceNo` := NULL, `currency` := NULL)]);

----------------------------------------------------------------------------------------------------
--@test: a payment that is sent twice counts once
INSERT INTO CC_PAYMENT (ROWTIME, `trxId`, `trxAmount`, `customerId`, `trxDate`) VALUES (1795132800000, 1, 1, 7, '2026-11-19T10:00:00');
INSERT INTO CC_PAYMENT (ROWTIME, `trxId`, `trxAmount`, `customerId`, `trxDate`) VALUES (1795132800001, 1, 1, 7, '2026-11-19T10:00:00');
ASSERT VALUES PAYMENT_TRX_AGGR (CUSTOMER_ID, `payments`) VALUES (7, ARRAY[
  STRUCT(`trxId` := 1, `trxAmount` := 1.0000, `customerId` := 7, `trxDate` := '2026-11-19T10:00:00.000', `paymentType` := 'CC', `accountNo` := NULL, `accountName` := NULL, `bankName` := NULL, `referenceNo` := NULL, `currency` := 'IDR')]);
ASSERT VALUES PAYMENT_TRX_AGGR (CUSTOMER_ID, `payments`) VALUES (7, ARRAY[
  STRUCT(`trxId` := 1, `trxAmount` := 1.0000, `customerId` := 7, `trxDate` := '2026-11-19T10:00:00.000', `paymentType` := 'CC', `accountNo` := NULL, `accountName` := NULL, `bankName` := NULL, `referenceNo` := NULL, `currency` := 'IDR')]);

----------------------------------------------------------------------------------------------------
--@test: each customer has separate payments
INSERT INTO CC_PAYMENT (ROWTIME, `trxId`, `trxAmount`, `customerId`, `trxDate`) VALUES (1795132800000, 1, 1, 7, '2026-11-19T10:00:00');
INSERT INTO CC_PAYMENT (ROWTIME, `trxId`, `trxAmount`, `customerId`, `trxDate`) VALUES (1795132800001, 2, 2, 8, '2026-11-19T10:00:00');
ASSERT VALUES PAYMENT_TRX_AGGR (CUSTOMER_ID, `customerId`) VALUES (7, 7);
ASSERT VALUES PAYMENT_TRX_AGGR (CUSTOMER_ID, `payments`) VALUES (8, ARRAY[
  STRUCT(`trxId` := 2, `trxAmount` := 2.0000, `customerId` := 8, `trxDate` := '2026-11-19T10:00:00.000', `paymentType` := 'CC', `accountNo` := NULL, `accountName` := NULL, `bankName` := NULL, `referenceNo` := NULL, `currency` := 'IDR')]);

----------------------------------------------------------------------------------------------------
--@test: the last five exclude rejected payments
INSERT INTO CC_PAYMENT (ROWTIME, `trxId`, `trxAmount`, `customerId`, `trxDate`) VALUES (1795132800000, 1, 1, 7, '2099-01-01T00:00:00');
INSERT INTO CC_PAYMENT (ROWTIME, `trxId`, `trxAmount`, `customerId`, `trxDate`) VALUES (1795132800001, 2, 2, 7, '2026-11-19T10:00:00');
ASSERT VALUES PAYMENT_TRX_AGGR (CUSTOMER_ID, `payments`) VALUES (7, ARRAY[
  STRUCT(`trxId` := 2, `trxAmount` := 2.0000, `customerId` := 7, `trxDate` := '2026-11-19T10:00:00.000', `paymentType` := 'CC', `accountNo` := NULL, `accountName` := NULL, `bankName` := NULL, `referenceNo` := NULL, `currency` := 'IDR')]);

----------------------------------------------------------------------------------------------------
--@test: the last-five table has the columns that the sink expects
ASSERT TABLE PAYMENT_TRX_AGGR (CUSTOMER_ID BIGINT PRIMARY KEY, `customerId` BIGINT,
  `payments` ARRAY<STRUCT<`trxId` BIGINT, `trxAmount` DECIMAL(19, 4), `customerId` BIGINT, `trxDate` STRING, `paymentType` STRING, `accountNo` STRING, `accountName` STRING, `bankName` STRING, `referenceNo` STRING, `currency` STRING>>)
  WITH (KAFKA_TOPIC = 'PAYMENT-TRX-AGGR', KEY_FORMAT = 'KAFKA', VALUE_FORMAT = 'JSON');
