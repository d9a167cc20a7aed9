/** The topics of the pipeline: the contract between payment services, ksqlDB, the sink and the analysts. */
export const TOPICS = {
  ccPayment: 'CC-PAYMENT',
  bankTransferPayment: 'BANK-TRANSFER-PAYMENT',
  paymentOutput: 'PAYMENT-OUTPUT',
  paymentRejected: 'PAYMENT-REJECTED',
  paymentTrxAggr: 'PAYMENT-TRX-AGGR',
  paymentActivity: 'PAYMENT-ACTIVITY',
} as const;
