import { parser } from '@prometheus-io/lezer-promql';

export interface PromqlLook {
  /** Positions that do not parse. */
  readonly errors: readonly number[];
  /** Names of the metrics that it selects. */
  readonly metrics: readonly string[];
}

/** Parses a query as Prometheus's own editor does. Grafana's variables are taken for a duration. */
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

/** The names under which a metric's samples are stored: a histogram has three. */
export function sampleNames(name: string, type: string): readonly string[] {
  if (type === 'histogram') return [`${name}_bucket`, `${name}_sum`, `${name}_count`];
  if (type === 'summary') return [name, `${name}_sum`, `${name}_count`];
  return [name];
}
