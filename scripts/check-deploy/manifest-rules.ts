import type { Manifest } from './kubernetes-schemas.js';
import type { Problems } from './problems.js';

type Json = Readonly<Record<string, unknown>>;

interface Container {
  readonly name: string;
  readonly image: string;
  readonly env?: readonly { readonly name: string; readonly value?: string }[];
  readonly resources?: { readonly requests?: Json; readonly limits?: Json };
  readonly securityContext?: Json;
  readonly readinessProbe?: Json;
  readonly livenessProbe?: Json;
}

interface PodSpec {
  readonly containers: readonly Container[];
  readonly initContainers?: readonly Container[];
  readonly securityContext?: Json;
  readonly serviceAccountName?: string;
  readonly volumes?: readonly {
    readonly secret?: { readonly secretName: string };
    readonly configMap?: { readonly name: string };
  }[];
}

/** An exact version or a digest: neither missing, nor `latest`, nor a moving tag such as `7` or `7.9`. */
export function isPinned(image: string): boolean {
  if (/@sha256:[0-9a-f]{64}$/.test(image)) return true;
  const tag = image.slice(image.lastIndexOf('/') + 1).split(':')[1];
  return tag !== undefined && /^v?\d+\.\d+(\.\d+)?([-.+][\w.-]+)?$/.test(tag) && !/^v?\d+$/.test(tag);
}

function podOf(manifest: Manifest): PodSpec | undefined {
  const spec = manifest.spec as { readonly template?: { readonly spec?: PodSpec } } | undefined;
  return spec?.template?.spec;
}

const secretWords = /password|secret|token|jaas|credential/i;

/** What the schemas cannot say: pinned images, limits, rights, references that lead somewhere, secrets by reference. */
export function checkManifests(where: string, manifests: readonly Manifest[], problems: Problems): void {
  const has = (kind: string, name: string) =>
    manifests.some((m) => m.kind === kind && m.metadata.name === name);
  for (const manifest of manifests) {
    const at = `${where} ${manifest.kind}/${manifest.metadata.name}`;
    const wrong = (what: string) => problems.add(at, what);
    if (manifest.kind === 'Secret') wrong('secrets are given by reference only');
    const pod = podOf(manifest);
    if (pod === undefined) continue;
    if (pod.securityContext?.runAsNonRoot !== true) wrong('the pod may run as root');
    if (pod.serviceAccountName === undefined || !has('ServiceAccount', pod.serviceAccountName)) {
      wrong('the pod has no service account of its own');
    }
    for (const { configMap } of pod.volumes ?? []) {
      if (configMap !== undefined && !has('ConfigMap', configMap.name))
        wrong(`there is no ConfigMap ${configMap.name}`);
    }
    for (const container of [...pod.containers, ...(pod.initContainers ?? [])]) {
      const { name, image, resources, securityContext: rights, env = [] } = container;
      if (!isPinned(image)) wrong(`${name}: the image ${image} is not pinned to a version`);
      if (resources?.requests?.cpu === undefined || resources.requests.memory === undefined)
        wrong(`${name}: no requests`);
      if (resources?.limits?.memory === undefined) wrong(`${name}: no limit of memory`);
      if (rights?.allowPrivilegeEscalation !== false) wrong(`${name}: it may gain privileges`);
      if (image.includes('paystream') && rights?.readOnlyRootFilesystem !== true)
        wrong(`${name}: its file system can be written`);
      if (
        manifest.kind !== 'Job' &&
        (container.readinessProbe === undefined || container.livenessProbe === undefined)
      ) {
        wrong(`${name}: no probes`);
      }
      for (const { name: variable, value } of env) {
        if (value !== undefined && secretWords.test(variable))
          wrong(`${name}: ${variable} is a secret in plain text`);
      }
    }
    const isServer = manifest.kind === 'Deployment' || manifest.kind === 'StatefulSet';
    const labels = manifest.metadata.labels ?? {};
    const app = labels['app.kubernetes.io/name'];
    const replicas = (manifest.spec as { readonly replicas?: number }).replicas ?? 1;
    const selects = (m: Manifest) =>
      JSON.stringify((m.spec as { readonly selector?: unknown })?.selector ?? '').includes(`"${app}"`);
    if (isServer && replicas > 1 && !manifests.some((m) => m.kind === 'PodDisruptionBudget' && selects(m))) {
      wrong('no PodDisruptionBudget');
    }
    const policed = manifests.some(
      (m) =>
        m.kind === 'NetworkPolicy' &&
        JSON.stringify((m.spec as { readonly podSelector?: unknown }).podSelector).includes(`"${app}"`),
    );
    if (!policed) wrong('no NetworkPolicy of its own');
  }
}
