import type { QueryInfo } from '../engine/query-info.js';
import type { PlannedQuery } from '../plan/command.js';
import type { MaterializedTable } from '../state/materialized-table.js';
import { materializedTable } from './materialization.js';
import { PersistentQuery, type PersistentQueryOptions } from './persistent-query.js';

/** The persistent queries of an engine, in the order in which they were created. */
export class PersistentQueries {
  readonly #options: () => Omit<PersistentQueryOptions, 'query'>;
  readonly #queries = new Map<string, PersistentQuery>();

  /** `options` is called for each new query, which thus gets the server's current properties. */
  constructor(options: () => Omit<PersistentQueryOptions, 'query'>) {
    this.#options = options;
  }

  get infos(): readonly QueryInfo[] {
    return [...this.#queries.values()].map((query) => query.info);
  }

  info(id: string): QueryInfo | undefined {
    return this.#queries.get(id)?.info;
  }

  /** Starts a query. If a query of the same id is running, replaces it and takes over its state. */
  start(planned: PlannedQuery): void {
    const older = this.#queries.get(planned.id);
    const query = this.#make(planned);
    if (older !== undefined) {
      older.stop();
      query.runtime.compiled.takeOver(older.runtime.compiled);
    }
    this.#prepareStores(query);
    this.#queries.set(planned.id, query);
    query.start(older?.positions());
  }

  /** Starts queries from their committed state and positions after a restart. */
  restore(planned: Iterable<PlannedQuery>, paused: ReadonlySet<string>): void {
    const { commits } = this.#options();
    const saved = commits.savedCommits();
    for (const next of planned) {
      const query = this.#make(next);
      const commit = saved.get(next.id);
      this.#prepareStores(query);
      commits.restore(next.id, query.runtime.compiled.stores, commit);
      query.runtime.compiled.restored();
      this.#queries.set(next.id, query);
      if (paused.has(next.id)) query.pause();
      query.start(commit?.positions);
    }
  }

  /** Stops a query and deletes its state. */
  terminate(id: string): void {
    const query = this.#queries.get(id);
    if (query === undefined) return;
    query.stop();
    this.#queries.delete(id);
    this.#options().commits.remove(id, query.runtime.compiled.stores);
  }

  pause(id: string): void {
    this.#queries.get(id)?.pause();
  }

  resume(id: string): void {
    this.#queries.get(id)?.resume();
  }

  stopAll(): void {
    for (const query of this.#queries.values()) query.stop();
  }

  /** The state of a table if one of the queries maintains it. */
  materialization(sourceName: string): MaterializedTable | undefined {
    for (const { query, runtime } of this.#queries.values()) {
      const { plan, type } = query;
      const name = type === 'CREATE_SOURCE' ? plan.sources[0]?.name : plan.sink?.name;
      const { view } = runtime.compiled;
      if (name !== sourceName || type === 'INSERT' || view === undefined) continue;
      return materializedTable(plan.root, view, this.#partitionsOf(query));
    }
    return undefined;
  }

  #make(query: PlannedQuery): PersistentQuery {
    return new PersistentQuery({ ...this.#options(), query });
  }

  #prepareStores({ query, runtime }: PersistentQuery): void {
    this.#options().commits.prepare(query.id, runtime.compiled.stores, this.#partitionsOf(query));
  }

  #partitionsOf({ plan }: PlannedQuery): number {
    const { store } = this.#options();
    return Math.max(...plan.sources.map((source) => store.topic(source.topic)?.partitions.length ?? 1));
  }
}
