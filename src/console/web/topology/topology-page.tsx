import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { QueryNode, RatePoint, SourceNode } from '../../wire.js';
import { count, rate } from '../format.js';
import type { PageProps } from '../page-props.js';
import { Badge, BreakableName, Card, Empty, stateTone } from '../parts.js';
import { Scroll } from '../scroll.js';
import { Spark } from '../spark.js';
import {
  failedLately,
  type GraphNode,
  inOrder,
  layOut,
  QUERY_PREFIX,
  SOURCE_PREFIX,
  STORE_ID,
  shownOf,
} from './graph.js';
import { QueryPanel } from './query-panel.js';
import { SourcePanel } from './source-panel.js';

/** The text is unreadable below this scale, so the graph scrolls instead. */
const SMALLEST = 0.85;
const LARGEST = 1.2;

const HEADS = ['idle', 'flows', 'near', 'failed'] as const;

export function Page(props: PageProps) {
  const { topology, info, open, history } = props;
  const [internal, setInternal] = useState(false);
  const [selected, setSelected] = useState<string>();
  const shown = useMemo(() => topology && shownOf(topology, internal), [topology, internal]);
  if (shown === undefined || topology === undefined) {
    return <Empty>{props.status.state === 'down' ? 'No data yet.' : 'Loading from ksqlDB…'}</Empty>;
  }
  const query = shown.queries.find(({ id }) => QUERY_PREFIX + id === selected);
  const source = shown.sources.find(({ name }) => SOURCE_PREFIX + name === selected);
  const close = () => {
    setSelected(undefined);
    if (selected !== undefined) document.getElementById(selected)?.focus();
  };
  const stale = props.status.state === 'down';
  return (
    <div class={`topology ${stale ? 'stale' : ''}`}>
      <div class="topology-main">
        <Card
          title="Streams, tables and queries"
          aside={
            <label class="check">
              <input
                type="checkbox"
                checked={internal}
                onChange={(event) => setInternal(event.currentTarget.checked)}
              />
              internal objects
            </label>
          }
        >
          {shown.sources.length === 0 ? (
            <Empty>No streams or tables yet. Run `paystream migrate` to create the pipeline.</Empty>
          ) : (
            <GraphView
              sources={shown.sources}
              queries={shown.queries}
              hasStore={info.store}
              selected={selected}
              onSelect={setSelected}
              onStore={() => open('/payments')}
            />
          )}
        </Card>
        <QueryList
          queries={inOrder(shown.queries)}
          history={history}
          selected={query?.id}
          onSelect={(id) => setSelected(QUERY_PREFIX + id)}
        />
      </div>
      {query === undefined ? null : <QueryPanel query={query} onClose={close} open={open} />}
      {source === undefined ? null : (
        <SourcePanel name={source.name} key={source.name} onClose={close} open={open} />
      )}
    </div>
  );
}

interface GraphViewProps {
  readonly sources: readonly SourceNode[];
  readonly queries: readonly QueryNode[];
  readonly hasStore: boolean;
  readonly selected: string | undefined;
  readonly onSelect: (id: string) => void;
  readonly onStore: () => void;
}

function GraphView({ sources, queries, hasStore, selected, onSelect, onStore }: GraphViewProps) {
  // Recompute the layout only if nodes or edges change, not for every new rate.
  const shape = JSON.stringify([
    sources.map(({ name }) => name),
    queries.map((query) => [query.id, query.sources, query.sinks]),
    hasStore,
  ]);
  const graph = useMemo(() => layOut(sources, queries, hasStore), [shape]);
  const frame = useRef<HTMLDivElement>(null);
  const scale = useScale(frame, graph.width);
  useInSight(
    frame,
    graph.nodes.find(({ id }) => id === selected),
    scale,
  );
  const queryById = new Map(queries.map((query) => [QUERY_PREFIX + query.id, query]));
  const sourceById = new Map(sources.map((source) => [SOURCE_PREFIX + source.name, source]));
  const near = new Set(
    graph.edges.flatMap(({ from, to }) => (from === selected ? [to] : to === selected ? [from] : [])),
  );
  // Left to right, so that Tab follows the records.
  const ordered = [...graph.nodes].sort((a, b) => a.x - b.x || a.y - b.y);
  return (
    <div class="graph-frame" ref={frame} tabIndex={0} role="group" aria-label="Graph of the pipeline">
      <div class="graph" style={{ width: `${graph.width * scale}px`, height: `${graph.height * scale}px` }}>
        <div
          class="graph-scaled"
          style={{ width: `${graph.width}px`, height: `${graph.height}px`, transform: `scale(${scale})` }}
        >
          <svg width={graph.width} height={graph.height} aria-hidden="true">
            <defs>
              {HEADS.map((head) => (
                <marker
                  key={head}
                  id={`head-${head}`}
                  class={`head ${head}`}
                  viewBox="0 0 8 8"
                  refX="3"
                  refY="4"
                  markerWidth="8"
                  markerHeight="8"
                  markerUnits="userSpaceOnUse"
                  orient="auto"
                >
                  <path d="M0,0L8,4L0,8Z" />
                </marker>
              ))}
            </defs>
            {graph.edges.map(({ from, to, query, path }) => {
              const node = query === undefined ? undefined : queryById.get(QUERY_PREFIX + query);
              const flows = (node?.rate ?? 0) > 0;
              const failed = node?.state === 'ERROR';
              const isNear = from === selected || to === selected;
              const head = failed ? 'failed' : isNear ? 'near' : flows ? 'flows' : 'idle';
              return (
                <path
                  key={`${from}>${to}`}
                  d={path}
                  class={`edge ${flows ? 'flows' : ''} ${failed ? 'failed' : ''} ${isNear ? 'near' : ''}`}
                  marker-end={`url(#head-${head})`}
                />
              );
            })}
          </svg>
          {ordered.map((node) => (
            <NodeView
              key={node.id}
              node={node}
              query={queryById.get(node.id)}
              source={sourceById.get(node.id)}
              selected={node.id === selected}
              near={near.has(node.id)}
              onSelect={() => (node.id === STORE_ID ? onStore() : onSelect(node.id))}
            />
          ))}
        </div>
      </div>
    </div>
  );
}

function useScale(frame: { readonly current: HTMLDivElement | null }, width: number): number {
  const [available, setAvailable] = useState(width);
  useEffect(() => {
    const element = frame.current;
    if (element === null) return;
    const observer = new ResizeObserver(() => setAvailable(element.clientWidth));
    observer.observe(element);
    return () => observer.disconnect();
  }, [frame]);
  return width === 0 ? 1 : Math.max(SMALLEST, Math.min(LARGEST, available / width));
}

/** Scrolls the selected node into view. */
function useInSight(
  frame: { readonly current: HTMLDivElement | null },
  node: GraphNode | undefined,
  scale: number,
): void {
  useEffect(() => {
    const element = frame.current;
    if (element === null || node === undefined) return;
    const left = (node.x + node.width / 2) * scale - element.clientWidth / 2;
    const calm = matchMedia('(prefers-reduced-motion: reduce)').matches;
    element.scrollTo({ left, behavior: calm ? 'auto' : 'smooth' });
  }, [frame, node?.id, scale]);
}

interface NodeViewProps {
  readonly node: GraphNode;
  readonly query: QueryNode | undefined;
  readonly source: SourceNode | undefined;
  readonly selected: boolean;
  readonly near: boolean;
  readonly onSelect: () => void;
}

function NodeView({ node, query, source, selected, near, onSelect }: NodeViewProps) {
  const box = {
    left: `${node.x}px`,
    top: `${node.y}px`,
    width: `${node.width}px`,
    height: `${node.height}px`,
  };
  const classes = ['node', node.kind, selected ? 'selected' : '', near ? 'near' : ''];
  if (query !== undefined) {
    const failed = failedLately(query, Date.now());
    classes.push(`state-${failed ? 'warn' : stateTone(query.state)}`);
    return (
      <button
        type="button"
        id={node.id}
        class={classes.join(' ')}
        style={box}
        onClick={onSelect}
        aria-pressed={selected}
      >
        <b title={query.id}>
          <BreakableName name={query.id} />
        </b>
        <span class="facts">
          <span class="dot" aria-hidden="true" />
          {query.state === 'RUNNING' ? null : <strong class="state">{query.state}</strong>}
          {failed ? <strong class="warn">failed recently</strong> : null}
          {query.state === 'ERROR' || failed ? null : <span>{rate(query.rate)}</span>}
          <span>lag {count(query.lag)}</span>
        </span>
      </button>
    );
  }
  if (source !== undefined) {
    classes.push(source.kind.toLowerCase());
    return (
      <button
        type="button"
        id={node.id}
        class={classes.join(' ')}
        style={box}
        onClick={onSelect}
        aria-pressed={selected}
      >
        <b title={source.name}>
          <BreakableName name={source.name} />
        </b>
        <span class="facts">
          {source.windowed ? `windowed ${source.kind.toLowerCase()}` : source.kind.toLowerCase()}
        </span>
        <span class="topic" title={`topic ${source.topic}`}>
          {source.topic}
        </span>
      </button>
    );
  }
  return (
    <button type="button" id={node.id} class={classes.join(' ')} style={box} onClick={onSelect}>
      <b>customer store</b>
      <span class="facts">PostgreSQL</span>
    </button>
  );
}

function QueryList(props: {
  readonly queries: readonly QueryNode[];
  readonly history: readonly RatePoint[];
  readonly selected: string | undefined;
  readonly onSelect: (id: string) => void;
}) {
  const failed = props.queries.filter(({ state }) => state === 'ERROR').length;
  return (
    <Card
      title={`Queries (${props.queries.length})`}
      aside={failed === 0 ? null : <Badge tone="bad">{failed} in error</Badge>}
    >
      <Scroll label="Queries">
        <table>
          <thead>
            <tr>
              <th scope="col">query</th>
              <th scope="col">state</th>
              <th scope="col" class="number">
                rate
              </th>
              <th scope="col" class="spark-cell">
                last minutes
              </th>
              <th scope="col" class="number">
                lag
              </th>
              <th scope="col" class="next-to-number">
                reads
              </th>
              <th scope="col">writes</th>
            </tr>
          </thead>
          <tbody>
            {props.queries.map((query) => (
              <tr
                key={query.id}
                class={`${query.state === 'ERROR' ? 'bad' : ''} ${query.id === props.selected ? 'selected' : ''}`}
              >
                <th scope="row">
                  <button type="button" class="link" onClick={() => props.onSelect(query.id)}>
                    {query.id}
                  </button>
                </th>
                <td>
                  <Badge tone={stateTone(query.state)}>{query.state}</Badge>{' '}
                  {failedLately(query, Date.now()) ? <Badge tone="warn">failed recently</Badge> : null}
                </td>
                <td class="number">{rate(query.rate)}</td>
                <td class="spark-cell">
                  <Spark id={query.id} history={props.history} small />
                </td>
                <td class="number">{count(query.lag)}</td>
                <td class="mono next-to-number">{query.sources.join(', ')}</td>
                <td class="mono">{query.sinks.join(', ')}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </Card>
  );
}
