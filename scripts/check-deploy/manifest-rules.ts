import type { Manifest } from './kubernetes-schemas.js';
import { type Container, type Labels, type PodSpec, podLabels, podOf, selects } from './manifest.js';
import type { Problems } from './problems.js';

type Wrong = (what: string) => void;
type Has = (kind: string, name: string) => boolean;

/** Returns true for an exact version or a digest. False for no tag, `latest`, or a moving tag such as `7` or `7.9`. */
export function isPinned(image: string): boolean {
  if (/@sha256:[0-9a-f]{64}$/.test(image)) return true;
  const tag = image.slice(image.lastIndexOf('/') + 1).split(':')[1];
  return tag !== undefined && /^v?\d+\.\d+(\.\d+)?([-.+][\w.-]+)?$/.test(tag) && !/^v?\d+$/.test(tag);
}

const secretWords = /password|secret|token|jaas|credential/i;

/** Checks what schemas cannot express: pinned images, limits, privileges, valid references, no inline secrets. */
export function checkManifests(where: string, manifests: readonly Manifest[], problems: Problems): void {
  const has: Has = (kind, name) => manifests.some((m) => m.kind === kind && m.metadata.name === name);
  for (const manifest of manifests) {
    const wrong: Wrong = (what) => problems.add(`${where} ${manifest.kind}/${manifest.metadata.name}`, what);
    if (manifest.kind === 'Secret') wrong('do not check in Secrets: refer to them');
    const pod = podOf(manifest);
    if (pod === undefined) continue;
    checkPod(pod, has, wrong);
    for (const container of [...pod.containers, ...(pod.initContainers ?? [])]) {
      checkContainer(container, pod, manifest.kind === 'Job', has, wrong);
    }
    checkCompany(manifest, pod, manifests, wrong);
  }
}

function checkPod(pod: PodSpec, has: Has, wrong: Wrong): void {
  if (pod.securityContext?.runAsNonRoot !== true) wrong('the pod may run as root');
  if (pod.securityContext?.seccompProfile?.type !== 'RuntimeDefault') wrong('the pod has no seccomp profile');
  if (pod.automountServiceAccountToken !== false) wrong('the pod mounts a token for the Kubernetes API');
  // Otherwise a Service named ksqldb adds KSQLDB_PORT and similar variables to every environment.
  if (pod.enableServiceLinks !== false) wrong('the pod gets environment variables for every Service');
  if (pod.serviceAccountName === undefined || !has('ServiceAccount', pod.serviceAccountName)) {
    wrong('the pod has no dedicated service account');
  }
  for (const { configMap } of pod.volumes ?? []) {
    if (configMap !== undefined && !has('ConfigMap', configMap.name))
      wrong(`ConfigMap ${configMap.name} does not exist`);
  }
}

function checkContainer(container: Container, pod: PodSpec, isJob: boolean, has: Has, wrong: Wrong): void {
  const { name, image, resources, securityContext: rights, env = [], envFrom = [] } = container;
  if (!isPinned(image)) wrong(`${name}: the image ${image} is not pinned to a version`);
  if (resources?.requests?.cpu === undefined || resources.requests.memory === undefined)
    wrong(`${name}: no resource requests`);
  if (resources?.limits?.memory === undefined) wrong(`${name}: no memory limit`);
  if (rights?.allowPrivilegeEscalation !== false) wrong(`${name}: privilege escalation is allowed`);
  if (rights?.readOnlyRootFilesystem !== true) wrong(`${name}: the root file system is writable`);
  if (rights?.capabilities?.drop?.includes('ALL') !== true)
    wrong(`${name}: not all capabilities are dropped`);
  if (!isJob && (container.readinessProbe === undefined || container.livenessProbe === undefined)) {
    wrong(`${name}: no probes`);
  }
  for (const { name: variable, value, valueFrom } of env) {
    if (value !== undefined && secretWords.test(variable))
      wrong(`${name}: ${variable} is a secret in plain text`);
    const map = valueFrom?.configMapKeyRef?.name;
    if (map !== undefined && !has('ConfigMap', map)) wrong(`${name}: ConfigMap ${map} does not exist`);
  }
  for (const { configMapRef } of envFrom) {
    if (configMapRef !== undefined && !has('ConfigMap', configMapRef.name))
      wrong(`${name}: ConfigMap ${configMapRef.name} does not exist`);
  }
  for (const probe of [container.readinessProbe, container.livenessProbe]) {
    const port = /"port":"([^"]+)"/.exec(JSON.stringify(probe ?? {}))?.[1];
    if (port !== undefined && !container.ports?.some((own) => own.name === port))
      wrong(`${name}: a probe uses port ${port}, which the container does not have`);
  }
  const mounted = new Set(pod.containers.flatMap(({ volumeMounts = [] }) => volumeMounts.map((m) => m.name)));
  for (const { name: volume } of pod.volumes ?? []) {
    if (!mounted.has(volume)) wrong(`volume ${volume} is not mounted`);
  }
}

/** Checks what a server needs: a disruption budget, spreading over nodes, and a network policy. */
function checkCompany(manifest: Manifest, pod: PodSpec, manifests: readonly Manifest[], wrong: Wrong): void {
  const labels = podLabels(manifest);
  const isServer = manifest.kind === 'Deployment' || manifest.kind === 'StatefulSet';
  const replicas = (manifest.spec as { readonly replicas?: number }).replicas ?? 1;
  if (isServer && replicas > 1) {
    const budgets = manifests
      .filter(({ kind }) => kind === 'PodDisruptionBudget')
      .map(
        ({ spec }) =>
          spec as {
            readonly minAvailable?: number;
            readonly selector?: { readonly matchLabels?: Labels };
          },
      )
      .filter(({ selector }) => selects(selector?.matchLabels, labels));
    if (budgets.length === 0) wrong('no PodDisruptionBudget');
    // A budget that allows no disruption blocks every drain of a node.
    if (budgets.some(({ minAvailable = 0 }) => minAvailable >= replicas))
      wrong('its PodDisruptionBudget allows no disruption');
    if (pod.affinity?.podAntiAffinity === undefined && pod.topologySpreadConstraints === undefined)
      wrong('all its replicas may run on one node');
  }
  const policed = manifests.some(({ kind, spec }) => {
    if (kind !== 'NetworkPolicy') return false;
    const { podSelector } = spec as { readonly podSelector?: { readonly matchLabels?: Labels } };
    return selects(podSelector?.matchLabels, labels);
  });
  if (!policed) wrong('no dedicated NetworkPolicy');
}
