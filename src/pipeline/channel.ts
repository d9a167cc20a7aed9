/** Fields of PAYMENT-OUTPUT that every channel must have. */
export const REQUIRED_FIELDS = ['trxId', 'trxAmount', 'customerId', 'trxDate'] as const;
/** Fields of PAYMENT-OUTPUT that are NULL for a channel without them. */
export const OPTIONAL_FIELDS = ['accountNo', 'accountName', 'bankName', 'referenceNo', 'currency'] as const;

type RequiredField = (typeof REQUIRED_FIELDS)[number];
type OptionalField = (typeof OPTIONAL_FIELDS)[number];

/** A payment channel to generate: its topic, and which of its fields fill those of PAYMENT-OUTPUT. */
export interface Channel {
  /** One or more words, such as `ewallet`. */
  readonly name: string;
  readonly topic: string;
  /** `paymentType` in PAYMENT-OUTPUT. */
  readonly paymentType: string;
  /** Field names in the channel's payload, by field of PAYMENT-OUTPUT. */
  readonly fields: Readonly<Record<RequiredField, string> & Partial<Record<OptionalField, string>>>;
  /** The currency of all payments of a channel without a currency field. */
  readonly fixedCurrency?: string;
  /** The time zone of trxDate, such as `Asia/Jakarta`. */
  readonly timeZone: string;
  readonly partitions: number;
}
