--@test: a bank transfer becomes a common payment keyed by customer
INSERT INTO BANK_TRANSFER_PAYMENT (`trxId`, `trxAmount`, `accountNo`, `accountName`, `bankName`, `referenceNo`, `currency`, `customerId`, `trxDate`)
  VALUES (2, 75, '5905149026', 'Nguyễn Ánh', 'ATOZ BANK', 'REF-2', 'USD', 7, '2026-11-20T09:00:00.001');
ASSERT VALUES PAYMENT_OUTPUT (CUSTOMER_ID, `trxId`, `trxAmount`, `customerId`, `trxDate`, `paymentType`, `accountNo`, `accountName`, `bankName`, `referenceNo`, `currency`)
  VALUES (7, 2, 75.0000, 7, '2026-11-20T09:00:00.001', 'BANK_TRF', '5905149026', 'Nguyễn Ánh', 'ATOZ BANK', 'REF-2', 'USD');

----------------------------------------------------------------------------------------------------
--@test: an empty reference stays empty, and a missing reference becomes NULL
INSERT INTO BANK_TRANSFER_PAYMENT (`trxId`, `trxAmount`, `referenceNo`, `customerId`, `trxDate`) VALUES (1, 1, '', 7, '2026-11-20T09:00:00');
INSERT INTO BANK_TRANSFER_PAYMENT (`trxId`, `trxAmount`, `customerId`, `trxDate`) VALUES (2, 1, 7, '2026-11-20T09:00:00');
ASSERT VALUES PAYMENT_OUTPUT (`trxId`, `referenceNo`) VALUES (1, '');
ASSERT VALUES PAYMENT_OUTPUT (`trxId`, `referenceNo`) VALUES (2, NULL);
