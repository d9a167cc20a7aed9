import type { Manifest } from './kubernetes-schemas.js';
import { type Labels, podLabels, podOf, selects } from './manifest.js';
import type { Problems } from './problems.js';

interface Peer {
  readonly podSelector?: {
    readonly matchLabels?: Labels;
    readonly matchExpressions?: readonly { readonly values?: readonly string[] }[];
  };
}

interface Policy {
  readonly podSelector?: { readonly matchLabels?: Labels };
  readonly ingress?: readonly {
    readonly ports?: readonly { readonly port?: number | string }[];
    readonly from?: readonly Peer[];
  }[];
  readonly egress?: readonly {
    readonly ports?: readonly { readonly port?: number | string }[];
    readonly to?: readonly Peer[];
  }[];
}

interface Service {
  readonly selector?: Labels;
  readonly ports: readonly { readonly name: string; readonly targetPort: number | string }[];
}

interface Monitor {
  readonly selector: { readonly matchLabels?: Labels };
  readonly endpoints: readonly { readonly port: string }[];
}

/**
 * Checks that every selector and every named port matches something: Services and policies match pods, ServiceMonitors
 * match Services. Kubernetes accepts a selector that matches nothing, and then nothing is ever scraped or reached.
 */
export function checkLinks(where: string, manifests: readonly Manifest[], problems: Problems): void {
  const workloads = manifests
    .filter((manifest) => podOf(manifest) !== undefined)
    .map((manifest) => ({
      labels: podLabels(manifest),
      ports: (podOf(manifest)?.containers ?? []).flatMap(({ ports = [] }) => ports),
    }));
  const services = manifests.filter(({ kind }) => kind === 'Service');
  const podsOf = (labels: Labels | undefined) => workloads.filter((pod) => selects(labels, pod.labels));
  const hasPort = (pods: typeof workloads, port: number | string | undefined) =>
    pods.some(({ ports }) => ports.some((own) => own.name === port || own.containerPort === port));

  for (const manifest of manifests) {
    const wrong = (what: string) => problems.add(`${where} ${manifest.kind}/${manifest.metadata.name}`, what);
    if (manifest.kind === 'Service') {
      const { selector, ports } = manifest.spec as Service;
      const pods = podsOf(selector);
      if (pods.length === 0) wrong('selects no pod');
      for (const { targetPort } of ports)
        if (!hasPort(pods, targetPort)) wrong(`none of its pods has a port ${targetPort}`);
    } else if (manifest.kind === 'ServiceMonitor') {
      const { selector, endpoints } = manifest.spec as Monitor;
      const found = services.filter(({ metadata }) => selects(selector.matchLabels, metadata.labels ?? {}));
      if (found.length === 0) wrong('selects no Service');
      for (const { port } of endpoints) {
        if (!found.some(({ spec }) => (spec as Service).ports.some(({ name }) => name === port)))
          wrong(`none of its Services has a port ${port}`);
      }
    } else if (manifest.kind === 'NetworkPolicy') {
      const { podSelector, ingress = [], egress = [] } = manifest.spec as Policy;
      if (podSelector?.matchLabels === undefined) continue;
      const pods = podsOf(podSelector.matchLabels);
      if (pods.length === 0) wrong('selects no pod');
      for (const { port } of ingress.flatMap(({ ports = [] }) => ports))
        if (!hasPort(pods, port)) wrong(`allows ingress to port ${port}, which none of its pods has`);
      for (const { ports = [], to = [] } of egress) {
        for (const { matchLabels } of to.flatMap((peer) => peer.podSelector ?? [])) {
          const targets = podsOf(matchLabels);
          for (const { port } of ports)
            if (!hasPort(targets, port)) wrong(`allows egress to port ${port}, which none of these pods has`);
        }
      }
    }
  }
}
