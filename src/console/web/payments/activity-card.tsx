import { useState } from 'preact/hooks';
import type { ConsoleStatus, Sample } from '../../wire.js';
import { amount, grouped, sumDecimals } from '../format.js';
import { Card, Empty, ErrorBox } from '../parts.js';
import { Scroll } from '../scroll.js';
import { useLoaded } from '../use-loaded.js';

const HOUR_MS = 3_600_000;
const EVERY_MS = 5_000;
const HEIGHT = 120;

interface Activity {
  readonly hour: number;
  readonly channel: string;
  readonly currency: string;
  readonly payments: number;
  readonly amount: string;
}

/** Payments by channel and hour, from the table PAYMENT_ACTIVITY. */
export function ActivityCard({ status }: { readonly status: ConsoleStatus }) {
  const [hours, setHours] = useState(24);
  const loaded = useLoaded<Sample>(`/api/activity?hours=${hours}`, EVERY_MS);
  const rows = loaded.data === undefined ? [] : activityOf(loaded.data);
  const channels = [...new Set(rows.map(({ channel }) => channel))].sort();
  return (
    <Card
      title="Activity by channel"
      aside={
        <label>
          last{' '}
          <select value={String(hours)} onChange={(event) => setHours(Number(event.currentTarget.value))}>
            <option value="24">24 hours</option>
            <option value="72">3 days</option>
            <option value="168">7 days</option>
          </select>
        </label>
      }
    >
      {loaded.error === undefined || status.state === 'down' ? null : <ErrorBox error={loaded.error} />}
      {loaded.data === undefined ? null : rows.length === 0 ? (
        <Empty>No payments in this period.</Empty>
      ) : (
        <>
          <Bars rows={rows} channels={channels} hours={hours} />
          <Totals rows={rows} channels={channels} />
        </>
      )}
    </Card>
  );
}

function activityOf({ columns, rows }: Sample): readonly Activity[] {
  const at = (name: string) => columns.findIndex((column) => column.name === name);
  const [type, currency, start, payments, sum] = [
    at('paymentType'),
    at('currency'),
    at('WINDOWSTART'),
    at('payments'),
    at('amount'),
  ] as const;
  return rows.map((row) => ({
    hour: Number(row[start]),
    channel: row[type] ?? 'none',
    currency: row[currency] ?? 'none',
    payments: Number(row[payments]),
    amount: row[sum] ?? '0',
  }));
}

interface BarsProps {
  readonly rows: readonly Activity[];
  readonly channels: readonly string[];
  readonly hours: number;
}

function Bars({ rows, channels, hours }: BarsProps) {
  const end = Math.floor(Date.now() / HOUR_MS) * HOUR_MS;
  const slots = Array.from({ length: hours }, (_, i) => end - (hours - 1 - i) * HOUR_MS);
  const counts = new Map<string, number>();
  for (const { hour, channel, payments } of rows) {
    counts.set(`${hour} ${channel}`, (counts.get(`${hour} ${channel}`) ?? 0) + payments);
  }
  const of = (hour: number, channel: string) => counts.get(`${hour} ${channel}`) ?? 0;
  const most = Math.max(
    1,
    ...slots.map((hour) => channels.reduce((sum, channel) => sum + of(hour, channel), 0)),
  );
  const width = 720 / hours;
  return (
    <figure class="bars">
      <svg viewBox={`0 0 720 ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
        {slots.map((hour, i) => {
          let base = HEIGHT;
          return channels.map((channel, c) => {
            const height = (of(hour, channel) / most) * (HEIGHT - 6);
            base -= height;
            return (
              <rect
                key={`${hour} ${channel}`}
                class={`series-${c % 6}`}
                x={i * width + width * 0.1}
                y={base}
                width={width * 0.8}
                height={height}
              >
                <title>{`${hourText(hour)}: ${channel} ${of(hour, channel)}`}</title>
              </rect>
            );
          });
        })}
      </svg>
      <figcaption>
        <span>{hourText(slots[0] ?? end)}</span>
        <span class="dim">at most {grouped(String(most))} payments an hour</span>
        <span>{hourText(end)}</span>
      </figcaption>
    </figure>
  );
}

function hourText(at: number): string {
  const date = new Date(at);
  const two = (n: number) => String(n).padStart(2, '0');
  return `${two(date.getMonth() + 1)}-${two(date.getDate())} ${two(date.getHours())}:00`;
}

function Totals({ rows, channels }: Omit<BarsProps, 'hours'>) {
  const keys = [...new Set(rows.map(({ channel, currency }) => JSON.stringify([channel, currency])))].sort();
  return (
    <Scroll label="Activity">
      <table aria-label="Activity by channel and currency">
        <thead>
          <tr>
            <th scope="col">channel</th>
            <th scope="col">currency</th>
            <th scope="col" class="number">
              payments
            </th>
            <th scope="col" class="number">
              amount
            </th>
          </tr>
        </thead>
        <tbody>
          {keys.map((key) => {
            const [channel = '', currency = ''] = JSON.parse(key) as readonly string[];
            const own = rows.filter((row) => row.channel === channel && row.currency === currency);
            return (
              <tr key={key}>
                <th scope="row">
                  <span class={`swatch series-${channels.indexOf(channel) % 6}`} aria-hidden="true" />{' '}
                  {channel}
                </th>
                <td>{currency}</td>
                <td class="number">{grouped(String(own.reduce((sum, row) => sum + row.payments, 0)))}</td>
                <td class="number">{amount(sumDecimals(own.map((row) => row.amount)))}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </Scroll>
  );
}
