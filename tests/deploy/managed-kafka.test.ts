import { execFile } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import {
  AclOperationTypes,
  AclPermissionTypes,
  AclResourceTypes,
  ConfigResourceTypes,
  ResourcePatternTypes,
} from 'kafkajs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readAcls, readTopics } from '../../scripts/check-deploy/topics.js';
import {
  JAVA_CLIENT_ARTIFACTS,
  JVM_ARGUMENTS,
  KAFKA_VERSIONS,
  kafkaClassPath,
} from '../../scripts/java-clients.js';
import { canRunRealKafka, type RealKafka, startRealKafka } from '../../scripts/real-kafka.js';
import { kafkaOf } from '../support/kafka.js';

const run = promisify(execFile);
const deploy = resolve(import.meta.dirname, '../../deploy/kafka');
const here = process.env.PAYSTREAM_SKIP_REAL_KAFKA !== '1' && (await canRunRealKafka());
const SLOW_MS = 300_000;

/** deploy/kafka/managed, run with Kafka's own tools against a real Kafka with its authorizer. */
describe.skipIf(!here)('the commands for a managed Kafka', () => {
  let kafka: RealKafka;
  let folder: string;
  let env: NodeJS.ProcessEnv;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'paystream-managed-'));
    kafka = await startRealKafka({
      properties: {
        'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
        'super.users': 'User:ANONYMOUS',
      },
    });
    const classPath = await kafkaClassPath(KAFKA_VERSIONS[0], JAVA_CLIENT_ARTIFACTS);
    const tool = (name: string, mainClass: string) => {
      const path = join(folder, name);
      writeFileSync(
        path,
        `#!/bin/sh\nexec java ${JVM_ARGUMENTS.join(' ')} -cp '${classPath}' ${mainClass} "$@"\n`,
      );
      chmodSync(path, 0o755);
      return path;
    };
    const client = join(folder, 'admin.properties');
    writeFileSync(client, 'request.timeout.ms=30000\n');
    env = {
      ...process.env,
      KAFKA_BROKERS: kafka.brokers,
      KAFKA_CLIENT_CONFIG: client,
      KAFKA_TOPICS: tool('kafka-topics', 'org.apache.kafka.tools.TopicCommand'),
      KAFKA_ACLS: tool('kafka-acls', 'kafka.admin.AclCommand'),
      // One broker.
      REPLICAS: '1',
      MIN_ISR: '1',
    };
  }, SLOW_MS);
  afterAll(async () => {
    await kafka?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('make the topics as they are documented', { timeout: SLOW_MS }, async () => {
    const topics = readTopics(`${deploy}/strimzi/topics.yaml`);
    await run('bash', [`${deploy}/managed/topics.sh`], { env });
    const admin = kafkaOf(kafka.brokers).admin();
    await admin.connect();
    const { resources } = await admin.describeConfigs({
      includeSynonyms: false,
      resources: topics.map(({ name }) => ({ type: ConfigResourceTypes.TOPIC, name })),
    });
    const { topics: described } = await admin.fetchTopicMetadata({ topics: topics.map(({ name }) => name) });
    await admin.disconnect();
    for (const { name, partitions, config } of topics) {
      expect(described.find((topic) => topic.name === name)?.partitions).toHaveLength(partitions);
      const entries = resources.find(({ resourceName }) => resourceName === name)?.configEntries ?? [];
      const found = Object.fromEntries(
        entries.map(({ configName, configValue }) => [configName, configValue]),
      );
      expect(found).toMatchObject({ ...config, 'min.insync.replicas': '1' });
    }
  });

  it('give the rights of the manifests', { timeout: SLOW_MS }, async () => {
    // Each command is a JVM of its own: those of one service, and those with a prefix, stand for all.
    const isTried = (user: string, prefixed: boolean) => user === 'paystream-sink' || prefixed;
    const script = readFileSync(`${deploy}/managed/acls.sh`, 'utf8')
      .split('\n')
      .filter(
        (line) => !line.startsWith('allow ') || isTried(line.split(' ')[1]!, line.includes(' prefixed ')),
      )
      .join('\n');
    await run('bash', ['-c', script], { env });
    const admin = kafkaOf(kafka.brokers).admin();
    await admin.connect();
    const { resources } = await admin.describeAcls({
      resourceType: AclResourceTypes.ANY,
      resourcePatternType: ResourcePatternTypes.ANY,
      permissionType: AclPermissionTypes.ANY,
      operation: AclOperationTypes.ANY,
    } as Parameters<typeof admin.describeAcls>[0]);
    await admin.disconnect();
    const nameOf = (names: object, value: number) =>
      Object.entries(names).find(([, number]) => number === value)?.[0] ?? String(value);
    const given = resources.flatMap(({ resourceType, resourceName, resourcePatternType, acls }) =>
      acls.map(({ principal, operation }) =>
        [
          principal,
          nameOf(AclOperationTypes, operation),
          nameOf(AclResourceTypes, resourceType),
          nameOf(ResourcePatternTypes, resourcePatternType),
          resourceName,
        ].join(' '),
      ),
    );
    const snake = (text: string) => text.replaceAll(/([a-z])([A-Z])/g, '$1_$2').toUpperCase();
    const wanted = readAcls(`${deploy}/strimzi/users.yaml`)
      .filter(({ user, resource }) => isTried(user, resource.patternType === 'prefix'))
      .flatMap(({ user, resource, operations }) =>
        operations.map((operation) => {
          const pattern = resource.patternType === 'prefix' ? 'PREFIXED' : 'LITERAL';
          const name = resource.name ?? 'kafka-cluster';
          return `User:${user} ${snake(operation)} ${snake(resource.type)} ${pattern} ${name}`;
        }),
      );
    expect(given.sort()).toEqual(wanted.sort());
  });
});
