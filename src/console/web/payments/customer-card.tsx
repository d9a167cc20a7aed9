import { useEffect, useRef, useState } from 'preact/hooks';
import type { CustomerAnswer, WireError, WirePayment } from '../../wire.js';
import { amount, dateTime } from '../format.js';
import { Card, Empty } from '../parts.js';
import { Scroll } from '../scroll.js';

const WHOLE = /^-?\d{1,19}$/;

export function CustomerCard(props: {
  readonly customer: string;
  readonly answer: CustomerAnswer | undefined;
  readonly error: WireError | undefined;
  readonly onCustomer: (customer: string) => void;
}) {
  const { customer, answer, error, onCustomer } = props;
  const [text, setText] = useState(customer);
  const [wrong, setWrong] = useState(false);
  // Another part of the page may have selected a customer.
  useEffect(() => setText(customer), [customer]);
  return (
    <Card
      title="A customer's last five"
      aside={
        answer?.writtenAt === undefined ? null : (
          <span class="dim" role="status">
            written {dateTime(answer.writtenAt)}
          </span>
        )
      }
    >
      <form
        class="find"
        onSubmit={(event) => {
          event.preventDefault();
          const asked = text.trim();
          setWrong(!WHOLE.test(asked));
          if (WHOLE.test(asked)) onCustomer(asked);
        }}
      >
        <label for="customer">Customer</label>
        <input
          id="customer"
          inputMode="numeric"
          placeholder="number"
          value={text}
          aria-invalid={wrong}
          onInput={(event) => setText(event.currentTarget.value)}
        />
        <button type="submit" class="primary">
          Find
        </button>
        {wrong ? (
          <span class="bad" role="alert">
            Enter a whole number.
          </span>
        ) : null}
      </form>
      {customer === '' ? (
        <Empty>Enter a customer number to see the last five payments. They update as payments arrive.</Empty>
      ) : null}
      {answer?.payments === null ? (
        <Empty>The store has no payments for customer {answer.customerId}.</Empty>
      ) : null}
      {answer === undefined && customer !== '' && error === undefined ? (
        <Empty>Loading from the store…</Empty>
      ) : null}
      {answer?.payments === undefined || answer.payments === null ? null : (
        <LastFive payments={answer.payments} customer={answer.customerId} />
      )}
    </Card>
  );
}

function keyOf(payment: WirePayment): string {
  return `${payment.paymentType} ${payment.trxId}`;
}

function LastFive({
  payments,
  customer,
}: {
  readonly payments: readonly WirePayment[];
  readonly customer: string;
}) {
  const fresh = useNewKeys(payments.map(keyOf), customer);
  return (
    <Scroll label="Payments">
      <table class="payments-table" aria-label={`Last five payments of customer ${customer}`}>
        <thead>
          <tr>
            <th scope="col">date (UTC)</th>
            <th scope="col">type</th>
            <th scope="col" class="number">
              amount
            </th>
            <th scope="col">account</th>
            <th scope="col">name</th>
            <th scope="col">bank</th>
            <th scope="col">reference</th>
            <th scope="col" class="number">
              id
            </th>
          </tr>
        </thead>
        <tbody>
          {payments.map((payment) => (
            <tr key={keyOf(payment)} class={fresh.has(keyOf(payment)) ? 'fresh' : ''}>
              <td class="mono">{payment.trxDate?.replace('T', ' ')}</td>
              <td>{payment.paymentType}</td>
              <td class="number">
                {amount(payment.trxAmount ?? '')} <span class="dim">{payment.currency}</span>
              </td>
              <td class="mono">{payment.accountNo}</td>
              <td>{payment.accountName}</td>
              <td>{payment.bankName}</td>
              <td class="mono">{payment.referenceNo}</td>
              <td class="number mono">{payment.trxId}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}

/** Returns the keys that are new since the last render. Returns none after a change of customer. */
function useNewKeys(keys: readonly string[], customer: string): ReadonlySet<string> {
  const before = useRef<{ readonly customer: string; readonly keys: ReadonlySet<string> } | undefined>(
    undefined,
  );
  const last = before.current;
  useEffect(() => {
    before.current = { customer, keys: new Set(keys) };
  });
  if (last === undefined || last.customer !== customer) return new Set();
  return new Set(keys.filter((key) => !last.keys.has(key)));
}
