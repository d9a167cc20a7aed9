--@test: a payment without a customer is rejected
INSERT INTO CC_PAYMENT (`trxId`, `trxAmount`, `trxDate`) VALUES (1, 1, '2026-11-20T08:30:00');
ASSERT VALUES PAYMENT_REJECTED (CUSTOMER_ID, `reason`, `trxId`) VALUES (NULL, 'customerId is missing', 1);

----------------------------------------------------------------------------------------------------
--@test: a payment without an id is rejected
INSERT INTO CC_PAYMENT (`trxAmount`, `customerId`, `trxDate`) VALUES (1, 7, '2026-11-20T08:30:00');
ASSERT VALUES PAYMENT_REJECTED (CUSTOMER_ID, `reason`) VALUES (7, 'trxId is missing');

----------------------------------------------------------------------------------------------------
--@test: a payment without an amount is rejected
INSERT INTO BANK_TRANSFER_PAYMENT (`trxId`, `customerId`, `trxDate`) VALUES (1, 7, '2026-11-20T08:30:00');
ASSERT VALUES PAYMENT_REJECTED (`reason`, `trxId`, `paymentType`) VALUES ('trxAmount is missing', 1, 'BANK_TRF');

----------------------------------------------------------------------------------------------------
--@test: a payment with a missing or unreadable trxDate is rejected
INSERT INTO CC_PAYMENT (`trxId`, `trxAmount`, `customerId`) VALUES (1, 1, 7);
INSERT INTO CC_PAYMENT (`trxId`, `trxAmount`, `customerId`, `trxDate`) VALUES (2, 1, 7, '20/11/2026');
ASSERT VALUES PAYMENT_REJECTED (`trxId`, `reason`) VALUES (1, 'trxDate is missing or not a timestamp');
ASSERT VALUES PAYMENT_REJECTED (`trxId`, `reason`) VALUES (2, 'trxDate is missing or not a timestamp');

----------------------------------------------------------------------------------------------------
--@test: a trxDate more than 15 minutes after the record's timestamp is rejected
INSERT INTO CC_PAYMENT (ROWTIME, `trxId`, `trxAmount`, `customerId`, `trxDate`) VALUES (1795132800000, 1, 1, 7, '2026-11-20T00:15:00.000');
INSERT INTO CC_PAYMENT (ROWTIME, `trxId`, `trxAmount`, `customerId`, `trxDate`) VALUES (1795132800000, 2, 1, 7, '2026-11-20T00:15:00.001');
ASSERT VALUES PAYMENT_REJECTED (`trxId`, `reason`) VALUES (2, 'trxDate is in the future');
ASSERT VALUES PAYMENT_TRX_AGGR (CUSTOMER_ID) VALUES (7);

----------------------------------------------------------------------------------------------------
--@test: an id below 1 is rejected, as an id over 64 bits becomes one
INSERT INTO PAYMENT_OUTPUT (ROWTIME, CUSTOMER_ID, `trxId`, `trxAmount`, `customerId`, `trxDate`, `paymentType`) VALUES (1795132800000, 7, 0, 1, 7, '2026-11-19T10:00:00.000', 'CC');
INSERT INTO PAYMENT_OUTPUT (ROWTIME, CUSTOMER_ID, `trxId`, `trxAmount`, `customerId`, `trxDate`, `paymentType`) VALUES (1795132800000, 7, -1, 1, 7, '2026-11-19T10:00:00.000', 'CC');
INSERT INTO PAYMENT_OUTPUT (ROWTIME, CUSTOMER_ID, `trxId`, `trxAmount`, `customerId`, `trxDate`, `paymentType`) VALUES (1795132800000, 7, -9223372036854775808, 1, 7, '2026-11-19T10:00:00.000', 'CC');
INSERT INTO PAYMENT_OUTPUT (ROWTIME, CUSTOMER_ID, `trxId`, `trxAmount`, `customerId`, `trxDate`, `paymentType`) VALUES (1795132800000, 7, 1, 1, 7, '2026-11-19T10:00:00.000', 'CC');
ASSERT VALUES PAYMENT_REJECTED (CUSTOMER_ID, `reason`, `trxId`) VALUES (7, 'trxId is not positive', 0);
ASSERT VALUES PAYMENT_REJECTED (CUSTOMER_ID, `reason`, `trxId`) VALUES (7, 'trxId is not positive', -1);
ASSERT VALUES PAYMENT_REJECTED (CUSTOMER_ID, `reason`, `trxId`) VALUES (7, 'trxId is not positive', -9223372036854775808);
ASSERT VALUES PAYMENT_TRX_AGGR (CUSTOMER_ID) VALUES (7);

----------------------------------------------------------------------------------------------------
--@test: a payment without a type is rejected
INSERT INTO PAYMENT_OUTPUT (ROWTIME, CUSTOMER_ID, `trxId`, `trxAmount`, `customerId`, `trxDate`, `paymentType`) VALUES (1795132800000, 7, 1, 1, 7, '2026-11-19T10:00:00.000', NULL);
INSERT INTO PAYMENT_OUTPUT (ROWTIME, CUSTOMER_ID, `trxId`, `trxAmount`, `customerId`, `trxDate`, `paymentType`) VALUES (1795132800000, 7, 2, 1, 7, '2026-11-19T10:00:00.000', 'CC');
ASSERT VALUES PAYMENT_REJECTED (CUSTOMER_ID, `reason`, `trxId`, `trxAmount`) VALUES (7, 'paymentType is missing', 1, 1.0000);
ASSERT VALUES PAYMENT_TRX_AGGR (CUSTOMER_ID, `lastFive`) VALUES (7, STRUCT(`customerId` := 7, `payments` := ARRAY[
  STRUCT(`trxId` := 2, `trxAmount` := 1.0000, `customerId` := 7, `trxDate` := '2026-11-19T10:00:00.000', `paymentType` := 'CC', `accountNo` := NULL, `accountName` := NULL, `bankName` := NULL, `referenceNo` := NULL, `currency` := NULL, `arrivedAt` := 1795132800000)], `truncated` := FALSE));
