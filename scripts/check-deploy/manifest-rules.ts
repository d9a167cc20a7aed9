import type { Manifest } from './kubernetes-schemas.js';
import { type Container, type Labels, type PodSpec, podLabels, podOf, selects } from './manifest.js';
import type { Problems } from './problems.js';

type Wrong = (what: string) => void;
type Has = (kind: string, name: string) => boolean;

/** An exact version or a digest: neither missing, nor `latest`, nor a moving tag such as `7` or `7.9`. */
export function isPinned(image: string): boolean {
  if (/@sha256:[0-9a-f]{64}$/.test(image)) return true;
  const tag = image.slice(image.lastIndexOf('/') + 1).split(':')[1];
  return tag !== undefined && /^v?\d+\.\d+(\.\d+)?([-.+][\w.-]+)?$/.test(tag) && !/^v?\d+$/.test(tag);
}

const secretWords = /password|secret|token|jaas|credential/i;

/** What the schemas cannot say: pinned images, limits, rights, references that lead somewhere, secrets by reference. */
export function checkManifests(where: string, manifests: readonly Manifest[], problems: Problems): void {
  const has: Has = (kind, name) => manifests.some((m) => m.kind === kind && m.metadata.name === name);
  for (const manifest of manifests) {
    const wrong: Wrong = (what) => problems.add(`${where} ${manifest.kind}/${manifest.metadata.name}`, what);
    if (manifest.kind === 'Secret') wrong('secrets are given by reference only');
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
  if (pod.automountServiceAccountToken !== false) wrong('the pod gets a token of the Kubernetes API');
  // A Service named ksqldb would put KSQLDB_PORT and its like into every environment.
  if (pod.enableServiceLinks !== false) wrong('the pod gets a variable for each Service');
  if (pod.serviceAccountName === undefined || !has('ServiceAccount', pod.serviceAccountName)) {
    wrong('the pod has no service account of its own');
  }
  for (const { configMap } of pod.volumes ?? []) {
    if (configMap !== undefined && !has('ConfigMap', configMap.name))
      wrong(`there is no ConfigMap ${configMap.name}`);
  }
}

function checkContainer(container: Container, pod: PodSpec, isJob: boolean, has: Has, wrong: Wrong): void {
  const { name, image, resources, securityContext: rights, env = [], envFrom = [] } = container;
  if (!isPinned(image)) wrong(`${name}: the image ${image} is not pinned to a version`);
  if (resources?.requests?.cpu === undefined || resources.requests.memory === undefined)
    wrong(`${name}: no requests`);
  if (resources?.limits?.memory === undefined) wrong(`${name}: no limit of memory`);
  if (rights?.allowPrivilegeEscalation !== false) wrong(`${name}: it may gain privileges`);
  if (rights?.readOnlyRootFilesystem !== true) wrong(`${name}: its file system can be written`);
  if (rights?.capabilities?.drop?.includes('ALL') !== true) wrong(`${name}: it keeps capabilities`);
  if (!isJob && (container.readinessProbe === undefined || container.livenessProbe === undefined)) {
    wrong(`${name}: no probes`);
  }
  for (const { name: variable, value, valueFrom } of env) {
    if (value !== undefined && secretWords.test(variable))
      wrong(`${name}: ${variable} is a secret in plain text`);
    const map = valueFrom?.configMapKeyRef?.name;
    if (map !== undefined && !has('ConfigMap', map)) wrong(`${name}: there is no ConfigMap ${map}`);
  }
  for (const { configMapRef } of envFrom) {
    if (configMapRef !== undefined && !has('ConfigMap', configMapRef.name))
      wrong(`${name}: there is no ConfigMap ${configMapRef.name}`);
  }
  for (const probe of [container.readinessProbe, container.livenessProbe]) {
    const port = /"port":"([^"]+)"/.exec(JSON.stringify(probe ?? {}))?.[1];
    if (port !== undefined && !container.ports?.some((own) => own.name === port))
      wrong(`${name}: a probe asks port ${port}, which it does not have`);
  }
  const mounted = new Set(pod.containers.flatMap(({ volumeMounts = [] }) => volumeMounts.map((m) => m.name)));
  for (const { name: volume } of pod.volumes ?? []) {
    if (!mounted.has(volume)) wrong(`the volume ${volume} is mounted nowhere`);
  }
}

/** What a server needs beside itself: a budget, other nodes, a network policy. */
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
    // A budget that allows nothing would stop every drain of a node.
    if (budgets.some(({ minAvailable = 0 }) => minAvailable >= replicas))
      wrong('its PodDisruptionBudget lets none go');
    if (pod.affinity?.podAntiAffinity === undefined && pod.topologySpreadConstraints === undefined)
      wrong('its replicas may all be on one node');
  }
  const policed = manifests.some(({ kind, spec }) => {
    if (kind !== 'NetworkPolicy') return false;
    const { podSelector } = spec as { readonly podSelector?: { readonly matchLabels?: Labels } };
    return selects(podSelector?.matchLabels, labels);
  });
  if (!policed) wrong('no NetworkPolicy of its own');
}
