import type { QueryNode, RatePoint } from '../../wire.js';
import { count, rate } from '../format.js';
import { Card } from '../parts.js';
import { Spark, spanOf } from '../spark.js';

/** A channel's payments per second, now and over the last minutes. */
export function RateChart(props: {
  readonly channel: QueryNode;
  readonly history: readonly RatePoint[];
  readonly stale: boolean;
}) {
  const { channel, history, stale } = props;
  return (
    <Card title={channel.id} class={`tile ${stale ? 'stale' : ''}`}>
      <p class="figure">{rate(channel.rate)}</p>
      <Spark id={channel.id} history={history} />
      <p class="dim">
        {channel.state === 'RUNNING' ? null : <strong class="bad">{channel.state} </strong>}
        lag {count(channel.lag)} · last {spanOf(channel.id, history)}
      </p>
    </Card>
  );
}
