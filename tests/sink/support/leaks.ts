/** A card number that must not be found anywhere. */
export const CARD = '4111111111111111';

/** Values of aggregate records, of customer 1, that no store takes: each has the card number where an error would quote it. */
export const leakingValues: readonly string[] = [
  `{"customerId":1,"payments":[{"cardNo":"${CARD}"`,
  `{"customerId":1,"payments":"${CARD}"}`,
  `{"customerId":1,"payments":[{"trxId":"${CARD}${CARD}","trxAmount":1,"customerId":1,"trxDate":"2026-11-20T00:00:00.000","paymentType":"CC"}]}`,
  `{"customerId":1,"payments":[{"trxId":"no ${CARD}","trxAmount":1,"customerId":1,"trxDate":"2026-11-20T00:00:00.000","paymentType":"CC"}]}`,
  `{"customerId":1,"payments":[{"trxId":1,"trxAmount":"${CARD}.12345","customerId":1,"trxDate":"2026-11-20T00:00:00.000","paymentType":"CC"}]}`,
  `{"customerId":1,"payments":[{"trxId":1,"trxAmount":${CARD}0,"customerId":1,"trxDate":"2026-11-20T00:00:00.000","paymentType":"CC"}]}`,
  `{"customerId":1,"payments":[{"trxId":1,"trxAmount":1,"customerId":1,"trxDate":"${CARD}","paymentType":"CC"}]}`,
  `{"customerId":1,"payments":[{"trxId":1,"trxAmount":1,"customerId":1,"trxDate":"2026-13-20 ${CARD}","paymentType":"CC"}]}`,
  `{"customerId":1,"payments":[{"trxId":1,"trxAmount":1,"customerId":2,"trxDate":"2026-11-20T00:00:00.000","paymentType":"CC","accountNo":"${CARD}"}]}`,
  `{"customerId":1,"payments":[{"trxId":1,"trxAmount":1,"customerId":1,"trxDate":"2026-11-20T00:00:00.000","accountNo":"${CARD}"}]}`,
  `{"customerId":1,"payments":[{"trxId":1,"trxAmount":1,"customerId":1,"trxDate":"2026-11-20T00:00:00.000","paymentType":"CC","accountNo":"${CARD}\\u0000"}]}`,
  `{"customerId":1,"payments":[{"trxId":1,"trxAmount":1,"customerId":1,"trxDate":"2026-11-20T00:00:00.000","paymentType":"CC","accountNo":"${CARD}\u0000"}]}`,
  `"${CARD}"`,
  CARD,
];
