import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { stringify } from 'yaml';
import * as z from 'zod';
import { configSchema } from '../../src/config/config-schema.js';
import type { AlertGroups } from './observability.js';
import type { Problems } from './problems.js';
import type { Acl, Topic } from './topics.js';

const COMMAND = 'npm run check:deploy -- --write';

/** Returns the JSON schema of paystream.yaml for editors, formatted as the linter expects it. */
export function configJsonSchema(): string {
  const schema = z.toJSONSchema(configSchema, { target: 'draft-7' });
  const text = JSON.stringify({ $id: 'paystream.schema.json', title: 'paystream.yaml', ...schema });
  return execFileSync('node_modules/.bin/biome', ['format', '--stdin-file-path=docs/paystream.schema.json'], {
    input: text,
    encoding: 'utf8',
  });
}

/** Returns the ServiceMonitors, and the alerts as a PrometheusRule for the Prometheus operator. */
export function monitoring(alerts: AlertGroups): string {
  const monitor = (name: string, secret: string | undefined) => ({
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'ServiceMonitor',
    metadata: { name },
    spec: {
      selector: { matchLabels: { 'app.kubernetes.io/name': name } },
      endpoints: [
        {
          port: 'http',
          path: '/metrics',
          interval: '15s',
          ...(secret === undefined
            ? {}
            : { authorization: { type: 'Bearer', credentials: { name: secret, key: 'token' } } }),
        },
      ],
    },
  });
  const documents = [
    monitor('paystream-sink', 'paystream-sink-http'),
    monitor('paystream-exporter', undefined),
    {
      apiVersion: 'monitoring.coreos.com/v1',
      kind: 'PrometheusRule',
      metadata: { name: 'paystream' },
      spec: alerts,
    },
  ];
  return `# Generated from deploy/alerts/paystream.rules.yaml by \`${COMMAND}\`.\n${documents
    .map((document) => stringify(document, { lineWidth: 0 }))
    .join('---\n')}`;
}

const head = (what: string) => `#!/usr/bin/env bash
# ${what} for a managed Kafka, as commands of Kafka's own tools.
# Generated from deploy/kafka/strimzi by \`${COMMAND}\`. Safe to run again.
#   KAFKA_BROKERS=host:9093 KAFKA_CLIENT_CONFIG=admin.properties bash ${what === 'Topics' ? 'topics' : 'acls'}.sh
set -euo pipefail
: "\${KAFKA_BROKERS:?host:port,...}" "\${KAFKA_CLIENT_CONFIG:?client properties of an administrator}"
`;

export function topicCommands(topics: readonly Topic[]): string {
  const lines = topics.map(({ name, partitions, replicas, config }) =>
    [
      `topic ${name} --partitions ${partitions} --replication-factor "\${REPLICAS:-${replicas}}"`,
      ...Object.entries(config).map(([key, value]) =>
        key === 'min.insync.replicas'
          ? `--config "${key}=\${MIN_ISR:-${value}}"`
          : `--config ${key}=${value}`,
      ),
    ].join(' \\\n  '),
  );
  return `${head('Topics')}KAFKA_TOPICS=\${KAFKA_TOPICS:-kafka-topics.sh}
topic() {
  local name=$1
  shift
  $KAFKA_TOPICS --bootstrap-server "$KAFKA_BROKERS" --command-config "$KAFKA_CLIENT_CONFIG" \\
    --create --if-not-exists --topic "$name" "$@"
}

${lines.join('\n')}
`;
}

const flags: Readonly<Record<string, string>> = {
  topic: '--topic',
  group: '--group',
  transactionalId: '--transactional-id',
};

export function aclCommands(acls: readonly Acl[]): string {
  const lines = acls.map(({ user, resource, operations }) => {
    const flag = flags[resource.type];
    const target = flag === undefined ? '--cluster' : `${flag} '${resource.name}'`;
    const pattern = resource.patternType === 'prefix' ? ' --resource-pattern-type prefixed' : '';
    return `allow ${user} ${target}${pattern} ${operations.map((name) => `--operation ${name}`).join(' ')}`;
  });
  return `${head('ACLs')}KAFKA_ACLS=\${KAFKA_ACLS:-kafka-acls.sh}
allow() {
  local user=$1
  shift
  $KAFKA_ACLS --bootstrap-server "$KAFKA_BROKERS" --command-config "$KAFKA_CLIENT_CONFIG" \\
    --add --allow-principal "User:$user" "$@"
}

${lines.join('\n')}
`;
}

/** Writes a generated file, or reports a problem if the checked-in file is out of date. */
export function current(path: string, text: string, write: boolean, problems: Problems): void {
  problems.looked();
  if (write) writeFileSync(path, text);
  else if (!existsSync(path) || readFileSync(path, 'utf8') !== text) {
    problems.add(path, `is out of date: run \`${COMMAND}\``);
  }
}
