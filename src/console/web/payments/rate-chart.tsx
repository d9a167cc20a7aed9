import type { QueryNode, RatePoint } from '../../wire.js';
import { count, rate } from '../format.js';
import { Card } from '../parts.js';

const WIDTH = 240;
const HEIGHT = 44;
const MINUTES = 5;

/** A channel's payments a second, now and over the last minutes. */
export function RateChart(props: {
  readonly channel: QueryNode;
  readonly history: readonly RatePoint[];
  readonly stale: boolean;
}) {
  const { channel, history, stale } = props;
  const end = history.at(-1)?.at ?? Date.now();
  const begin = end - MINUTES * 60_000;
  const points = history.flatMap(({ at, rates }) => {
    const value = rates[channel.id];
    return value === undefined || at < begin ? [] : [{ at, value }];
  });
  const most = Math.max(1, ...points.map(({ value }) => value));
  const x = (at: number) => (((at - begin) / (end - begin)) * WIDTH).toFixed(1);
  const y = (value: number) => (HEIGHT - 1 - (value / most) * (HEIGHT - 4)).toFixed(1);
  const line = points.map(({ at, value }, i) => `${i === 0 ? 'M' : 'L'}${x(at)},${y(value)}`).join('');
  const [first] = points;
  const area = first === undefined ? '' : `${line}L${x(end)},${HEIGHT}L${x(first.at)},${HEIGHT}Z`;
  return (
    <Card title={channel.id} class={`tile ${stale ? 'stale' : ''}`}>
      <p class="figure">{rate(channel.rate)}</p>
      <svg
        class="spark"
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`${channel.id}: ${rate(channel.rate)} now, at most ${rate(most)} in the last ${MINUTES} minutes`}
      >
        <path class="area" d={area} />
        <path class="line" d={line} />
      </svg>
      <p class="dim">
        {channel.state === 'RUNNING' ? null : <strong class="bad">{channel.state} </strong>}
        lag {count(channel.lag)} · last {MINUTES} min
      </p>
    </Card>
  );
}
