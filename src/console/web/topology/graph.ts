import { Graph, layout } from '@dagrejs/dagre';
import type { QueryNode, SourceNode, Topology } from '../../wire.js';

export interface GraphNode {
  readonly id: string;
  readonly kind: 'source' | 'query' | 'store';
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface GraphEdge {
  readonly from: string;
  readonly to: string;
  /** The query whose records flow along this edge. */
  readonly query: string | undefined;
  readonly path: string;
}

export interface LaidOut {
  readonly width: number;
  readonly height: number;
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
}

export const SOURCE_PREFIX = 'source:';
export const QUERY_PREFIX = 'query:';
export const STORE_ID = 'store:';
const SINK_TABLE = 'PAYMENT_TRX_AGGR';
const SIZES = { source: [158, 84], query: [158, 78], store: [124, 64] } as const;
const MARGIN = 16;
/** Length of an arrowhead. The line ends where it starts. */
const ARROW = 5;

/** Returns true for the migration history, the migration lock and the processing log. */
export function isInternal(name: string): boolean {
  return /^(MIGRATION_(EVENTS|SCHEMA_VERSIONS|LOCK)|KSQL_PROCESSING_LOG)$/.test(name);
}

/** Returns the nodes to draw: all of them, or only those that are not internal. */
export function shownOf(
  topology: Topology,
  internal: boolean,
): { readonly sources: readonly SourceNode[]; readonly queries: readonly QueryNode[] } {
  if (internal) return topology;
  return {
    sources: topology.sources.filter(({ name }) => !isInternal(name)),
    queries: topology.queries.filter(({ sinks, sources }) => ![...sinks, ...sources].every(isInternal)),
  };
}

const RECENT_MS = 10 * 60_000;

/**
 * Returns true if a query is running but failed in the last ten minutes. ksqlDB 7.9.9 restarts a failed query at the
 * same record, reports RUNNING, and lists the error.
 */
export function failedLately(query: QueryNode, at: number): boolean {
  return query.state !== 'ERROR' && query.errors.some((error) => error.at > at - RECENT_MS);
}

/** Sorts queries in the order in which records pass through them. */
export function inOrder(queries: readonly QueryNode[]): readonly QueryNode[] {
  const depths = new Map<string, number>(queries.map(({ id }) => [id, 0]));
  // The number of rounds is bounded, because a pipeline can contain a cycle.
  for (let round = 0; round < queries.length; round++) {
    for (const query of queries) {
      const before = queries.filter(({ sinks }) => sinks.some((sink) => query.sources.includes(sink)));
      const deepest = Math.max(-1, ...before.map(({ id }) => depths.get(id) ?? 0));
      depths.set(query.id, Math.min(deepest + 1, queries.length));
    }
  }
  return [...queries].sort(
    (a, b) => (depths.get(a.id) ?? 0) - (depths.get(b.id) ?? 0) || (a.id < b.id ? -1 : 1),
  );
}

/** Lays the graph out from left to right. */
export function layOut(
  sources: readonly SourceNode[],
  queries: readonly QueryNode[],
  hasStore: boolean,
): LaidOut {
  const graph = new Graph();
  graph.setGraph({ rankdir: 'LR', nodesep: 22, ranksep: 48, marginx: MARGIN, marginy: MARGIN });
  graph.setDefaultEdgeLabel(() => ({}));
  const add = (id: string, kind: GraphNode['kind']) => {
    const [width, height] = SIZES[kind];
    graph.setNode(id, { width, height, kind });
  };
  const names = new Set(sources.map(({ name }) => name));
  for (const name of names) add(SOURCE_PREFIX + name, 'source');
  const links: { from: string; to: string; query: string | undefined }[] = [];
  for (const query of queries) {
    const id = QUERY_PREFIX + query.id;
    add(id, 'query');
    for (const name of query.sources) {
      if (names.has(name)) links.push({ from: SOURCE_PREFIX + name, to: id, query: query.id });
    }
    for (const name of query.sinks) {
      if (names.has(name)) links.push({ from: id, to: SOURCE_PREFIX + name, query: query.id });
    }
  }
  if (hasStore && names.has(SINK_TABLE)) {
    add(STORE_ID, 'store');
    links.push({
      from: SOURCE_PREFIX + SINK_TABLE,
      to: STORE_ID,
      query: queries.find(({ sinks }) => sinks.includes(SINK_TABLE))?.id,
    });
  }
  for (const { from, to } of links) graph.setEdge(from, to);
  layout(graph);
  const { width = 0, height = 0 } = graph.graph() as { width?: number; height?: number };
  return {
    width,
    height,
    nodes: graph.nodes().map((id) => {
      const node = graph.node(id) as unknown as GraphNode;
      return {
        id,
        kind: node.kind,
        width: node.width,
        height: node.height,
        x: node.x - node.width / 2,
        y: node.y - node.height / 2,
      };
    }),
    edges: links.map(({ from, to, query }) => {
      const { points } = graph.edge(from, to) as unknown as { points: readonly Point[] };
      const start = graph.node(from) as unknown as GraphNode;
      const end = graph.node(to) as unknown as GraphNode;
      // Leave a box on its right side and enter the next one on its left side. Pass through every second rank in
      // between; dagre reserves the others for labels.
      const ways = [
        { x: start.x + start.width / 2, y: start.y },
        ...points.slice(1, -1).filter((_, i) => i % 2 === 1),
        { x: end.x - end.width / 2 - ARROW, y: end.y },
      ];
      return { from, to, query, path: curve(start.x < end.x ? ways : points) };
    }),
  };
}

interface Point {
  readonly x: number;
  readonly y: number;
}

/** Returns an SVG path that starts and ends horizontally. */
function curve(points: readonly Point[]): string {
  const [first] = points;
  const last = points.at(-1);
  if (first === undefined || last === undefined) return '';
  let path = `M${first.x},${first.y}`;
  for (let i = 1; i < points.length; i++) {
    const from = points[i - 1] as Point;
    const to = points[i] as Point;
    const middle = (from.x + to.x) / 2;
    path += `C${middle},${from.y} ${middle},${to.y} ${to.x},${to.y}`;
  }
  return path;
}
