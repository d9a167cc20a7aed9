--@test: a card payment becomes a common payment keyed by customer
INSERT INTO CC_PAYMENT (`trxId`, `trxAmount`, `cardNo`, `cardHolder`, `expiryDate`, `issuer`, `customerId`, `trxDate`)
  VALUES (1, 150000.5, '4111111111111111', 'Fowler', '2029-01-01', 'DUKE BANK', 7, '2026-11-20T08:30:00.250');
ASSERT VALUES PAYMENT_OUTPUT (CUSTOMER_ID, `trxId`, `trxAmount`, `customerId`, `trxDate`, `paymentType`, `accountNo`, `accountName`, `bankName`, `referenceNo`, `currency`)
  VALUES (7, 1, 150000.5000, 7, '2026-11-20T08:30:00.250', 'CC', '411111******1111', 'Fowler', 'DUKE BANK', NULL, 'IDR');

----------------------------------------------------------------------------------------------------
--@test: a trxDate without milliseconds gets milliseconds
INSERT INTO CC_PAYMENT (`trxId`, `trxAmount`, `customerId`, `trxDate`) VALUES (1, 1, 7, '2026-11-20T08:30:00');
ASSERT VALUES PAYMENT_OUTPUT (`trxDate`) VALUES ('2026-11-20T08:30:00.000');

----------------------------------------------------------------------------------------------------
--@test: a card number with fewer than 13 digits is masked completely
INSERT INTO CC_PAYMENT (`trxId`, `trxAmount`, `cardNo`, `customerId`, `trxDate`) VALUES (1, 1, '411', 7, '2026-11-20T08:30:00');
INSERT INTO CC_PAYMENT (`trxId`, `trxAmount`, `cardNo`, `customerId`, `trxDate`) VALUES (2, 1, '411111111111', 7, '2026-11-20T08:30:00');
INSERT INTO CC_PAYMENT (`trxId`, `trxAmount`, `cardNo`, `customerId`, `trxDate`) VALUES (3, 1, '4111111111112', 7, '2026-11-20T08:30:00');
ASSERT VALUES PAYMENT_OUTPUT (`trxId`, `accountNo`) VALUES (1, '***');
ASSERT VALUES PAYMENT_OUTPUT (`trxId`, `accountNo`) VALUES (2, '************');
ASSERT VALUES PAYMENT_OUTPUT (`trxId`, `accountNo`) VALUES (3, '411111***1112');

----------------------------------------------------------------------------------------------------
--@test: a payment without a card number has no account number
INSERT INTO CC_PAYMENT (`trxId`, `trxAmount`, `customerId`, `trxDate`) VALUES (1, 1, 7, '2026-11-20T08:30:00');
ASSERT VALUES PAYMENT_OUTPUT (`trxId`, `accountNo`) VALUES (1, NULL);

----------------------------------------------------------------------------------------------------
--@test: an unreadable trxDate becomes NULL, and the payment is still written
INSERT INTO CC_PAYMENT (`trxId`, `trxAmount`, `customerId`, `trxDate`) VALUES (1, 1, 7, 'yesterday');
ASSERT VALUES PAYMENT_OUTPUT (`trxId`, `trxDate`) VALUES (1, NULL);

----------------------------------------------------------------------------------------------------
--@test: the largest ids and amounts stay exact
INSERT INTO CC_PAYMENT (`trxId`, `trxAmount`, `customerId`, `trxDate`)
  VALUES (9223372036854775807, 123456789012345.6789, 9007199254740993, '2026-11-20T08:30:00');
ASSERT VALUES PAYMENT_OUTPUT (CUSTOMER_ID, `trxId`, `trxAmount`) VALUES (9007199254740993, 9223372036854775807, 123456789012345.6789);
