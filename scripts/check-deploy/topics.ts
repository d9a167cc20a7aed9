import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { parseStatements } from '../../src/sql/parse.js';
import type { Manifest } from './kubernetes-schemas.js';
import type { Problems } from './problems.js';

export interface Topic {
  readonly name: string;
  readonly partitions: number;
  readonly replicas: number;
  readonly config: Readonly<Record<string, string>>;
}

export interface Acl {
  readonly user: string;
  readonly resource: {
    readonly type: string;
    readonly name?: string;
    readonly patternType?: 'literal' | 'prefix';
  };
  readonly operations: readonly string[];
}

function documents(path: string): readonly Manifest[] {
  return parseAllDocuments(readFileSync(path, 'utf8')).map((document) => document.toJS() as Manifest);
}

/** Reads the topics in deploy/kafka/strimzi/topics.yaml. */
export function readTopics(path: string): readonly Topic[] {
  return documents(path).map(({ spec }) => {
    const { topicName, partitions, replicas, config } = spec as {
      readonly topicName: string;
      readonly partitions: number;
      readonly replicas: number;
      readonly config: Readonly<Record<string, string>>;
    };
    return { name: topicName, partitions, replicas, config };
  });
}

/** Reads the ACLs in deploy/kafka/strimzi/users.yaml. */
export function readAcls(path: string): readonly Acl[] {
  return documents(path).flatMap(({ metadata, spec }) => {
    const { authorization } = spec as {
      readonly authorization: { readonly acls: readonly Omit<Acl, 'user'>[] };
    };
    return authorization.acls.map((acl) => ({ user: metadata.name, ...acl }));
  });
}

/** Reads the topic settings in the migrations. ksqlDB rejects existing topics that differ. */
function askedFor(
  folder: string,
): ReadonlyMap<string, { partitions?: string; retentionMs?: string; file: string }> {
  const asked = new Map<string, { partitions?: string; retentionMs?: string; file: string }>();
  for (const file of readdirSync(folder).filter((name) => /^V\d+__.+\.sql$/.test(name))) {
    for (const statement of parseStatements(readFileSync(join(folder, file), 'utf8'))) {
      if (statement.kind !== 'CreateSource' && statement.kind !== 'CreateAsSelect') continue;
      const value = (key: string): string | undefined => {
        const literal = statement.with.get(key) as { readonly value?: unknown } | undefined;
        return literal === undefined ? undefined : String(literal.value);
      };
      const partitions = value('PARTITIONS');
      const retentionMs = value('RETENTION_MS');
      asked.set(value('KAFKA_TOPIC') ?? statement.name, {
        file,
        ...(partitions === undefined ? {} : { partitions }),
        ...(retentionMs === undefined ? {} : { retentionMs }),
      });
    }
  }
  return asked;
}

/** Reads the table in docs/topics.md. Each row starts with the name of a topic in backticks. */
function documented(path: string): ReadonlyMap<string, readonly string[]> {
  return new Map(
    readFileSync(path, 'utf8')
      .split('\n')
      .filter((line) => line.startsWith('| `'))
      .map((line) => line.split('|').map((cell) => cell.trim()))
      .map(([, name = '', ...cells]) => [name.replaceAll('`', ''), cells] as const),
  );
}

const MS_PER_DAY = 86_400_000;

/** Checks that manifests, migrations and documentation agree. */
export function checkTopics(
  topics: readonly Topic[],
  folder: string,
  docs: string,
  problems: Problems,
): void {
  const asked = askedFor(folder);
  const table = documented(docs);
  for (const [name, { file }] of asked) {
    if (!topics.some((topic) => topic.name === name))
      problems.add(file, `topic ${name} is missing in deploy/kafka`);
  }
  for (const { name, partitions, replicas, config } of topics) {
    problems.looked();
    const wanted = asked.get(name);
    if (wanted?.partitions !== undefined && wanted.partitions !== String(partitions)) {
      problems.add(`topic ${name}`, `${partitions} partitions, but ${wanted.partitions} in ${wanted.file}`);
    }
    const retention = config['retention.ms'] ?? '';
    if (wanted?.retentionMs !== undefined && wanted.retentionMs !== retention) {
      problems.add(`topic ${name}`, `retention.ms ${retention}, but ${wanted.retentionMs} in ${wanted.file}`);
    }
    if (replicas !== 3 || config['min.insync.replicas'] !== '2') {
      problems.add(`topic ${name}`, 'must have 3 replicas with min.insync.replicas=2');
    }
    const row = table.get(name);
    const expected = [
      String(partitions),
      `${Number(retention) / MS_PER_DAY} days`,
      config['cleanup.policy'] ?? 'delete',
    ];
    if (row === undefined) problems.add(docs, `has no row for ${name}`);
    else if (expected.some((cell, index) => row[index] !== cell)) {
      problems.add(docs, `${name}: ${row.slice(0, 3).join(' | ')} instead of ${expected.join(' | ')}`);
    }
  }
}
