import {
  type Entity,
  type RunningQuery,
  type SourceDescription,
  withWorstState,
} from '../ksqldb/entities.js';
import type { KsqldbClient } from '../ksqldb/ksqldb-client.js';

/** The objects on a server that migrations create. */
export interface ServerObjects {
  readonly sources: ReadonlyMap<string, SourceDescription>;
  /** Persistent queries by ID. */
  readonly queries: ReadonlyMap<string, RunningQuery>;
  /** Names of CREATE TYPE and their types. */
  readonly types: ReadonlyMap<string, unknown>;
  /** Partitions by topic. */
  readonly topics: ReadonlyMap<string, number>;
}

/** Reads all objects with one request. Changes nothing. */
export async function readServerObjects(client: KsqldbClient): Promise<ServerObjects> {
  const entities = await client.execute(
    'LIST STREAMS EXTENDED; LIST TABLES EXTENDED; LIST QUERIES; LIST TYPES; SHOW TOPICS;',
  );
  const all = <T>(pick: (raw: Entity['raw']) => unknown) =>
    entities.flatMap((entity) => (pick(entity.raw) ?? []) as readonly T[]);
  const types = entities.find((entity) => entity.raw.types !== undefined)?.raw.types ?? {};
  return {
    sources: new Map(
      all<SourceDescription>((raw) => raw.sourceDescriptions).map((source) => [source.name, source]),
    ),
    queries: new Map(
      all<RunningQuery>((raw) => raw.queries)
        .filter((query) => query.queryType === 'PERSISTENT')
        .map((query) => [query.id, withWorstState(query)]),
    ),
    types: new Map(Object.entries(types as Record<string, unknown>)),
    topics: new Map(
      all<{ readonly name: string; readonly replicaInfo: readonly number[] }>((raw) => raw.topics).map(
        (topic) => [topic.name, topic.replicaInfo.length],
      ),
    ),
  };
}
