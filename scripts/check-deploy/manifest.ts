import type { Manifest } from './kubernetes-schemas.js';

/** The fields of manifests that the rules check. Schemas are validated separately. */
export type Json = Readonly<Record<string, unknown>>;
export type Labels = Readonly<Record<string, string>>;

export interface Container {
  readonly name: string;
  readonly image: string;
  readonly env?: readonly {
    readonly name: string;
    readonly value?: string;
    readonly valueFrom?: { readonly configMapKeyRef?: { readonly name: string; readonly key: string } };
  }[];
  readonly envFrom?: readonly { readonly configMapRef?: { readonly name: string } }[];
  readonly ports?: readonly { readonly name: string; readonly containerPort: number }[];
  readonly resources?: { readonly requests?: Json; readonly limits?: Json };
  readonly securityContext?: Json & { readonly capabilities?: { readonly drop?: readonly string[] } };
  readonly readinessProbe?: Json;
  readonly livenessProbe?: Json;
  readonly volumeMounts?: readonly { readonly name: string }[];
}

export interface PodSpec {
  readonly containers: readonly Container[];
  readonly initContainers?: readonly Container[];
  readonly securityContext?: Json & { readonly seccompProfile?: { readonly type: string } };
  readonly serviceAccountName?: string;
  readonly automountServiceAccountToken?: boolean;
  readonly enableServiceLinks?: boolean;
  readonly affinity?: { readonly podAntiAffinity?: Json };
  readonly topologySpreadConstraints?: readonly Json[];
  readonly volumes?: readonly {
    readonly name: string;
    readonly secret?: { readonly secretName: string };
    readonly configMap?: { readonly name: string };
  }[];
}

interface Template {
  readonly metadata?: { readonly labels?: Labels };
  readonly spec?: PodSpec;
}

const templateOf = (manifest: Manifest) =>
  (manifest.spec as { readonly template?: Template } | undefined)?.template;

/** Returns the pod template of a Deployment, StatefulSet or Job. */
export const podOf = (manifest: Manifest): PodSpec | undefined => templateOf(manifest)?.spec;

export const podLabels = (manifest: Manifest): Labels => templateOf(manifest)?.metadata?.labels ?? {};

export const selects = (wanted: Labels | undefined, labels: Labels): boolean =>
  wanted !== undefined && Object.entries(wanted).every(([key, value]) => labels[key] === value);
