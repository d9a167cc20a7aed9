import { parser } from '@prometheus-io/lezer-promql';

export interface PromqlLook {
  /** Positions of syntax errors. */
  readonly errors: readonly number[];
  /** Names of the metrics in the query. */
  readonly metrics: readonly string[];
}

/** Parses a query with the parser of Prometheus' editor. Grafana's variables count as durations. */
export function lookAtPromql(query: string): PromqlLook {
  const text = query.replaceAll(/\$__(rate_interval|interval|range)/g, '5m');
  const errors: number[] = [];
  const metrics: string[] = [];
  parser.parse(text).iterate({
    enter(node) {
      if (node.type.isError) errors.push(node.from);
      if (node.name === 'VectorSelector') {
        const name = node.node.getChild('Identifier');
        if (name === null) errors.push(node.from);
        else metrics.push(text.slice(name.from, name.to));
      }
    },
  });
  return { errors, metrics };
}

/** Returns the names of a metric's samples. A histogram has three. */
export function sampleNames(name: string, type: string): readonly string[] {
  if (type === 'histogram') return [`${name}_bucket`, `${name}_sum`, `${name}_count`];
  if (type === 'summary') return [name, `${name}_sum`, `${name}_count`];
  return [name];
}
