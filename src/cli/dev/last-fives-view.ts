import type { CustomerLastFive } from '../../pipeline/last-fives.js';
import { hasColors, out, styled } from '../output.js';

/** Shows the last five of each customer: redrawn in place on a terminal, else each customer once it has changed. */
export class LastFivesView {
  readonly #shown = new Map<string, string>();
  #drawnLines = 0;

  show(customers: readonly CustomerLastFive[]): void {
    const changed = customers.filter((customer) => {
      const text = JSON.stringify(customer);
      if (this.#shown.get(customer.customerId) === text) return false;
      this.#shown.set(customer.customerId, text);
      return true;
    });
    if (changed.length === 0) return;
    if (!hasColors(process.stdout)) {
      for (const customer of changed) out(lines(customer).join('\n'));
      return;
    }
    const text = customers.flatMap(lines);
    // Move to the first line of the previous drawing and clear the rest of the screen.
    if (this.#drawnLines > 0) process.stdout.write(`\x1b[${this.#drawnLines}A\x1b[J`);
    out(text.join('\n'));
    this.#drawnLines = text.length;
  }
}

function lines(customer: CustomerLastFive): readonly string[] {
  const widest = Math.max(0, ...customer.payments.map((payment) => payment.trxAmount.length));
  return [
    styled('bold', `customer ${customer.customerId}`),
    ...customer.payments.map((payment) =>
      [
        ' ',
        payment.trxDate.replace('T', ' '),
        payment.paymentType.padEnd(8),
        payment.trxAmount.padStart(widest),
        payment.currency.padEnd(3),
        payment.accountNo.padEnd(19),
        payment.bankName.padEnd(10),
        payment.accountName,
      ].join('  '),
    ),
  ];
}
