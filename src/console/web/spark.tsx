import type { RatePoint } from '../wire.js';
import { ago, rate } from './format.js';

const WIDTH = 240;
const HEIGHT = 44;
const LONGEST_MS = 5 * 60_000;
const SHORTEST_MS = 30_000;

/** Draws a query's records per second over the last minutes. */
export function Spark(props: {
  readonly id: string;
  readonly history: readonly RatePoint[];
  readonly small?: boolean;
}) {
  const { id, history, small } = props;
  const { begin, end, points } = pointsOf(id, history);
  const most = Math.max(1, ...points.map(({ value }) => value));
  const x = (at: number) => (((at - begin) / (end - begin)) * WIDTH).toFixed(1);
  const y = (value: number) => (HEIGHT - 1 - (value / most) * (HEIGHT - 4)).toFixed(1);
  const line = points.map(({ at, value }, i) => `${i === 0 ? 'M' : 'L'}${x(at)},${y(value)}`).join('');
  const [first] = points;
  const area = first === undefined ? '' : `${line}L${x(end)},${HEIGHT}L${x(first.at)},${HEIGHT}Z`;
  return (
    <svg
      class={`spark ${small === true ? 'small' : ''}`}
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={`${id}: at most ${rate(most)} in the last ${ago(end - begin)}`}
    >
      <path class="base" d={`M0,${HEIGHT - 0.5}H${WIDTH}`} />
      <path class="area" d={area} />
      <path class="line" d={line} />
    </svg>
  );
}

/** Returns how far back a chart reaches, such as `5 min`. */
export function spanOf(id: string, history: readonly RatePoint[]): string {
  const { begin, end } = pointsOf(id, history);
  return ago(end - begin);
}

function pointsOf(id: string, history: readonly RatePoint[]) {
  const end = history.at(-1)?.at ?? Date.now();
  const all = history.flatMap(({ at, rates }) => {
    const value = rates[id];
    return value === undefined || at < end - LONGEST_MS ? [] : [{ at, value }];
  });
  const begin = Math.min(all[0]?.at ?? end, end - SHORTEST_MS);
  return { begin, end, points: all };
}
