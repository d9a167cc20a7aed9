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
ASSERT VALUES PAYMENT_TRX_AGGR (CUSTOMER_ID, `customerId`) VALUES (7, 7);
