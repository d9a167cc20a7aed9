import type { HealthAnswer } from '../wire.js';
import { ago, count, dateTime, grouped } from './format.js';
import { Badge, BreakableName, Card, Empty, ErrorBox, Prose, stateTone } from './parts.js';
import { useLoaded } from './use-loaded.js';

const WORDS = {
  healthy: 'Payments are flowing.',
  degraded: 'Payments are flowing, but something needs attention.',
  unhealthy: 'Some payments are not flowing.',
} as const;

export function Page() {
  const health = useLoaded<HealthAnswer>('/api/health', 5_000);
  const { data } = health;
  return (
    <div class="stack">
      {health.error === undefined ? null : <ErrorBox error={health.error} />}
      {data === undefined ? <Empty>Loading…</Empty> : <Health health={data} at={health.at ?? 0} />}
    </div>
  );
}

function Health({ health, at }: { readonly health: HealthAnswer; readonly at: number }) {
  return (
    <>
      <section class={`card verdict ${stateTone(health.status)}`} aria-label="Verdict" role="status">
        <p class="word">{health.status}</p>
        <p>{WORDS[health.status]}</p>
        <p class="dim">
          <code>paystream status</code>, {dateTime(at)}
        </p>
      </section>
      {health.findings.length === 0 ? null : (
        <Card title="What to do">
          <ul class="findings">
            {health.findings.map((finding) => (
              <li key={finding.message}>
                <Badge tone={stateTone(finding.word)}>{finding.word}</Badge>
                <div>
                  <p class="message">
                    <Prose text={finding.message} />
                  </p>
                  {finding.hint === undefined ? null : (
                    <p class="dim">
                      <Prose text={finding.hint} />
                    </p>
                  )}
                </div>
              </li>
            ))}
          </ul>
        </Card>
      )}
      <div class="columns">
        <Card title="Queries">
          {health.queries.length === 0 ? <Empty>No queries.</Empty> : null}
          <table>
            <tbody>
              {health.queries.map((query) => (
                <tr key={query.id}>
                  <th scope="row" class="mono">
                    <BreakableName name={query.id} />
                  </th>
                  <td>
                    <Badge tone={stateTone(query.state)}>{query.state}</Badge>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </Card>
        <Card title="Channels">
          {health.channels.length === 0 ? <Empty>No recent payments.</Empty> : null}
          <table>
            <tbody>
              {health.channels.map((channel) => (
                <tr key={channel.paymentType}>
                  <th scope="row">{channel.paymentType}</th>
                  <td class="number">{count(channel.payments)} payments</td>
                  <td class="number">newest {ago(channel.ageSeconds * 1_000)} old</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Card>
        <Card title="Lag">
          {health.lags.length === 0 ? <Empty>Kafka was not queried.</Empty> : null}
          <table>
            <tbody>
              {health.lags.map((lag) => (
                <tr key={`${lag.group} ${lag.topic}`}>
                  <th scope="row" class="mono">
                    {lag.group.replace(/^_confluent-ksql-.*?query_/, '')}
                    <p class="dim">{lag.topic}</p>
                  </th>
                  <td class="number">{grouped(lag.lag)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Card>
        <Card title="Rejected payments and unreadable records">
          <table>
            <tbody>
              <Counts name="rejected payments" counts={health.rejected} />
              <Counts name="processing log" counts={health.processingLogErrors} />
            </tbody>
          </table>
        </Card>
      </div>
    </>
  );
}

function Counts(props: {
  readonly name: string;
  readonly counts: { readonly total: string; readonly lastHour: string } | null;
}) {
  const { name, counts } = props;
  return (
    <tr>
      <th scope="row">{name}</th>
      <td class="number">{counts === null ? '–' : grouped(counts.total)}</td>
      <td class="number dim">{counts === null ? '' : `${grouped(counts.lastHour)} in the last hour`}</td>
    </tr>
  );
}
