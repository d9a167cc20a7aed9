import { parse, stringify } from 'lossless-json';

/**
 * Splits the value of an aggregate record into its payments, each as its own JSON text with all digits of its numbers.
 * PostgreSQL cannot do this: it refuses to take a text apart that contains a character that it cannot store.
 *
 * @returns the payments in order; empty if the value is not JSON or has no list of payments
 */
export function splitPayments(value: string): readonly string[] {
  try {
    const record = parse(value) as { readonly payments?: unknown } | null;
    return Array.isArray(record?.payments)
      ? record.payments.map((payment) => stringify(payment) ?? 'null')
      : [];
  } catch {
    return [];
  }
}
