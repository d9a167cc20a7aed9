--@test: activity counts and sums a channel's payments per currency
INSERT INTO BANK_TRANSFER_PAYMENT (ROWTIME, `trxId`, `trxAmount`, `currency`, `customerId`, `trxDate`) VALUES (1795132800000, 1, 10.25, 'USD', 7, '2026-11-20T00:00:00');
INSERT INTO BANK_TRANSFER_PAYMENT (ROWTIME, `trxId`, `trxAmount`, `currency`, `customerId`, `trxDate`) VALUES (1795132800001, 2, 0.75, 'USD', 8, '2026-11-20T00:00:01');
ASSERT VALUES PAYMENT_ACTIVITY (`paymentType`, `currency`, `payments`, `amount`) VALUES ('BANK_TRF', 'USD', 1, 10.2500);
ASSERT VALUES PAYMENT_ACTIVITY (`paymentType`, `currency`, `payments`, `amount`, `newestTrxDate`) VALUES ('BANK_TRF', 'USD', 2, 11.0000, '2026-11-20T00:00:01.000');

----------------------------------------------------------------------------------------------------
--@test: a payment without a currency counts as none
INSERT INTO BANK_TRANSFER_PAYMENT (ROWTIME, `trxId`, `trxAmount`, `customerId`, `trxDate`) VALUES (1795132800000, 1, 10.25, 7, '2026-11-20T00:00:00');
ASSERT VALUES PAYMENT_ACTIVITY (`paymentType`, `currency`, `payments`) VALUES ('BANK_TRF', 'none', 1);
