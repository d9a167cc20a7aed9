import type { Rejected, WireError } from '../../wire.js';
import { amount, dateTime } from '../format.js';
import { Badge, Card, Empty, ErrorBox } from '../parts.js';
import { Scroll } from '../scroll.js';

/** Rejected payments with the reason, newest first. */
export function RejectedCard(props: {
  readonly rejected: readonly Rejected[] | undefined;
  readonly error: WireError | undefined;
  readonly onCustomer: (customer: string) => void;
}) {
  const { rejected, error, onCustomer } = props;
  const reasons = new Map<string, number>();
  for (const { fields } of rejected ?? []) {
    const reason = fields.reason ?? 'no reason';
    reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
  }
  return (
    <Card
      title="Rejected payments"
      aside={
        <span class="reasons">
          {[...reasons].map(([reason, times]) => (
            <Badge tone="warn" key={reason}>
              {times} × {reason}
            </Badge>
          ))}
        </span>
      }
    >
      {error === undefined ? null : <ErrorBox error={error} />}
      {rejected === undefined ? null : rejected.length === 0 ? (
        <Empty>No rejected payments.</Empty>
      ) : (
        <Scroll label="Rejected payments" tall>
          <table aria-label="Rejected payments">
            <thead>
              <tr>
                <th scope="col">arrived</th>
                <th scope="col">reason</th>
                <th scope="col">type</th>
                <th scope="col" class="number">
                  customer
                </th>
                <th scope="col" class="number">
                  id
                </th>
                <th scope="col" class="number">
                  amount
                </th>
                <th scope="col">dated</th>
                <th scope="col">name</th>
              </tr>
            </thead>
            <tbody>
              {rejected.map(({ at, fields }, i) => (
                <tr key={`${at} ${i}`}>
                  <td class="mono">{dateTime(Number(at))}</td>
                  <td>{fields.reason}</td>
                  <td>{fields.paymentType}</td>
                  <td class="number mono">
                    {fields.customerId == null ? (
                      '–'
                    ) : (
                      <button type="button" class="link" onClick={() => onCustomer(fields.customerId ?? '')}>
                        {fields.customerId}
                      </button>
                    )}
                  </td>
                  <td class="number mono">{fields.trxId ?? '–'}</td>
                  <td class="number">{fields.trxAmount === null ? '–' : amount(fields.trxAmount ?? '')}</td>
                  <td class="mono">{fields.trxDate ?? '–'}</td>
                  <td>{fields.accountName}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
    </Card>
  );
}
