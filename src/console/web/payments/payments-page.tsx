import { useEffect, useState } from 'preact/hooks';
import type { CustomerAnswer, Freshness, Rejected, WireError } from '../../wire.js';
import { ago } from '../format.js';
import type { PageProps } from '../page-props.js';
import { Card, Empty, ErrorBox } from '../parts.js';
import { ActivityCard } from './activity-card.js';
import { CustomerCard } from './customer-card.js';
import { RateChart } from './rate-chart.js';
import { RejectedCard } from './rejected-card.js';

/** All channels write to this stream. */
const COMMON_STREAM = 'PAYMENT_OUTPUT';
const KEY = 'paystream.customer';

export function Page({ info, status, topology, history, watch }: PageProps) {
  const [customer, setCustomer] = useState(sessionStorage.getItem(KEY) ?? '');
  const [answer, setAnswer] = useState<CustomerAnswer>();
  const [freshness, setFreshness] = useState<Freshness>();
  const [storeError, setStoreError] = useState<WireError>();
  const [rejected, setRejected] = useState<readonly Rejected[]>();
  const [rejectedError, setRejectedError] = useState<WireError>();
  useEffect(() => {
    setAnswer(undefined);
    sessionStorage.setItem(KEY, customer);
    watch(`view=payments&customer=${encodeURIComponent(customer)}`, {
      customer: (found) => {
        setAnswer(found);
        setStoreError(undefined);
      },
      freshness: (now) => {
        setFreshness(now);
        setStoreError(undefined);
      },
      storeError: setStoreError,
      rejected: (list) => {
        setRejected(list);
        setRejectedError(undefined);
      },
      rejectedError: setRejectedError,
    });
  }, [customer, watch]);
  const channels = (topology?.queries ?? []).filter(({ sinks }) => sinks.includes(COMMON_STREAM));
  return (
    <div class="payments">
      <div class="tiles">
        <FreshnessTile freshness={freshness} error={storeError} hasStore={info.store} />
        {channels.map((channel) => (
          <RateChart key={channel.id} channel={channel} history={history} stale={status.state === 'down'} />
        ))}
      </div>
      {info.store ? (
        <CustomerCard customer={customer} answer={answer} error={storeError} onCustomer={setCustomer} />
      ) : (
        <Card title="A customer's last five">
          <Empty>This console was started without a customer store (`--no-store`).</Empty>
        </Card>
      )}
      <ActivityCard status={status} />
      <RejectedCard rejected={rejected} error={rejectedError} onCustomer={setCustomer} />
    </div>
  );
}

function FreshnessTile(props: {
  readonly freshness: Freshness | undefined;
  readonly error: WireError | undefined;
  readonly hasStore: boolean;
}) {
  const { freshness, error, hasStore } = props;
  const now = useNow();
  const moved = freshness?.movedAt ?? null;
  return (
    <Card title="Store" class="tile">
      {error === undefined ? null : <ErrorBox error={error} />}
      {!hasStore ? <Empty>No store.</Empty> : null}
      {error !== undefined || freshness === undefined ? null : (
        <>
          <p class="figure">{moved === null ? '–' : ago(now - Date.parse(moved))}</p>
          <p class="dim">{moved === null ? 'the sink has not written yet' : 'since the sink last wrote'}</p>
          <p class={freshness.deadLetters === '0' ? 'dim' : 'bad'}>{freshness.deadLetters} dead letters</p>
        </>
      )}
    </Card>
  );
}

function useNow(): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = window.setInterval(() => setNow(Date.now()), 500);
    return () => window.clearInterval(timer);
  }, []);
  return now;
}
