import { setTimeout as sleep } from 'node:timers/promises';
import type { Entity } from '../ksqldb/entities.js';
import type { KsqldbClient } from '../ksqldb/ksqldb-client.js';
import { KsqldbError } from '../ksqldb/ksqldb-error.js';
import type { ConsoleStatus, QueryNode, RatePoint, SourceNode, Topology } from './wire.js';
import { wireError } from './wire-error.js';

export interface WatchListener {
  onStatus(status: ConsoleStatus): void;
  onTopology(topology: Topology): void;
}

const EVERY_MS = 1_000;
const SLOW_AFTER_MS = 3_000;
const TIMEOUT_MS = 15_000;
const HISTORY = 300;

interface OffsetTotals {
  readonly at: number;
  readonly committed: ReadonlyMap<string, number>;
}

/**
 * Polls the cluster for all open pages together, once a second. Polls less often if the server is slow, and not at all
 * while no page is open.
 */
export class ClusterWatch {
  readonly #client: KsqldbClient;
  readonly #listeners = new Set<WatchListener>();
  #running: AbortController | undefined;
  #status: ConsoleStatus = { state: 'connecting' };
  #topology: Topology | undefined;
  #last: OffsetTotals | undefined;
  #history: RatePoint[] = [];

  constructor(client: KsqldbClient) {
    this.#client = client;
  }

  get history(): readonly RatePoint[] {
    return this.#history;
  }

  get status(): ConsoleStatus {
    return this.#status;
  }

  /** Reports the current state, then every change. Returns a function that removes the listener. */
  listen(listener: WatchListener): () => void {
    this.#listeners.add(listener);
    listener.onStatus(this.#status);
    if (this.#topology !== undefined) listener.onTopology(this.#topology);
    if (this.#running === undefined) {
      this.#running = new AbortController();
      void this.#run(this.#running.signal);
    }
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) this.stop();
    };
  }

  stop(): void {
    this.#running?.abort();
    this.#running = undefined;
    // Forget the state: it will be outdated when the next page opens.
    this.#status = { state: 'connecting' };
    this.#topology = undefined;
    this.#last = undefined;
  }

  async #run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const started = Date.now();
      const slow = setTimeout(() => {
        // A server that is down stays down until it responds.
        if (this.#status.state !== 'down') this.#report({ ...this.#status, state: 'slow' }, signal);
      }, SLOW_AFTER_MS);
      try {
        const topology = await this.#poll();
        if (signal.aborted) return;
        clearTimeout(slow);
        this.#report({ state: 'up', answeredAt: Date.now() }, signal);
        this.#topology = topology;
        for (const listener of this.#listeners) listener.onTopology(topology);
      } catch (error) {
        this.#last = undefined;
        const { answeredAt } = this.#status;
        this.#report(
          { state: 'down', error: wireError(error), ...(answeredAt === undefined ? {} : { answeredAt }) },
          signal,
        );
        if (!(error instanceof KsqldbError) && !signal.aborted) console.error(error);
      } finally {
        clearTimeout(slow);
      }
      const took = Date.now() - started;
      await sleep(Math.max(EVERY_MS - took, took, 200), undefined, { signal }).catch(() => undefined);
    }
  }

  #report(status: ConsoleStatus, signal: AbortSignal): void {
    if (signal.aborted) return;
    this.#status = status;
    for (const listener of this.#listeners) listener.onStatus(status);
  }

  async #poll(): Promise<Topology> {
    const entities = await this.#client.execute('LIST STREAMS; LIST TABLES; LIST QUERIES EXTENDED;', {
      timeoutMs: TIMEOUT_MS,
    });
    const at = Date.now();
    const described = pick<QueryDescription>(entities, 'queryDescriptions').filter(
      (query) => query.queryType === 'PERSISTENT',
    );
    const committed = new Map(described.map((query) => [query.id, committedOf(query)]));
    const rates = this.#rates(at, committed);
    this.#last = { at, committed };
    this.#history.push({ at, rates: Object.fromEntries(rates) });
    if (this.#history.length > HISTORY) this.#history.shift();
    return {
      at,
      sources: [...pick<SourceInfo>(entities, 'streams'), ...pick<SourceInfo>(entities, 'tables')].map(
        sourceNode,
      ),
      queries: described.map((query) => queryNode(query, rates.get(query.id) ?? null)),
    };
  }

  #rates(at: number, committed: ReadonlyMap<string, number>): ReadonlyMap<string, number> {
    const rates = new Map<string, number>();
    const last = this.#last;
    if (last === undefined || at <= last.at) return rates;
    for (const [id, total] of committed) {
      const before = last.committed.get(id);
      // Offsets decrease if a topic was recreated. That is not a rate.
      if (before !== undefined && total >= before) rates.set(id, ((total - before) * 1_000) / (at - last.at));
    }
    return rates;
  }
}

interface SourceInfo {
  readonly type: 'STREAM' | 'TABLE';
  readonly name: string;
  readonly topic: string;
  readonly keyFormat: string;
  readonly valueFormat: string;
  readonly isWindowed: boolean;
}

interface TopicOffset {
  readonly endOffset: number | null;
  readonly committedOffset: number | null;
}

interface QueryDescription {
  readonly id: string;
  readonly statementText: string;
  readonly sources: readonly string[];
  readonly sinks: readonly string[];
  readonly queryType: string;
  readonly state?: string;
  readonly ksqlHostQueryStatus?: Readonly<Record<string, string>>;
  readonly queryErrors?: readonly {
    readonly timestamp: number;
    readonly errorMessage: string;
    readonly type: string;
  }[];
  readonly tasksMetadata?: readonly { readonly topicOffsets?: readonly TopicOffset[] }[];
}

function pick<T>(entities: readonly Entity[], field: string): readonly T[] {
  return entities.flatMap((entity) => (entity.raw[field] ?? []) as readonly T[]);
}

function sourceNode(source: SourceInfo): SourceNode {
  return {
    name: source.name,
    kind: source.type,
    topic: source.topic,
    windowed: source.isWindowed,
    keyFormat: source.keyFormat,
    valueFormat: source.valueFormat,
  };
}

function offsetsOf(query: QueryDescription): readonly TopicOffset[] {
  return (query.tasksMetadata ?? []).flatMap((task) => task.topicOffsets ?? []);
}

function committedOf(query: QueryDescription): number {
  return offsetsOf(query).reduce((sum, { committedOffset }) => sum + Math.max(committedOffset ?? 0, 0), 0);
}

function queryNode(query: QueryDescription, rate: number | null): QueryNode {
  const offsets = offsetsOf(query);
  const lag = offsets.reduce(
    // The commit may be newer than the end offset, which was read earlier.
    (sum, { endOffset, committedOffset }) =>
      sum + Math.max((endOffset ?? 0) - Math.max(committedOffset ?? 0, 0), 0),
    0,
  );
  const states = Object.values(query.ksqlHostQueryStatus ?? {});
  const failed = states.find((state) => state === 'ERROR');
  return {
    id: query.id,
    state: failed ?? query.state ?? states[0] ?? 'UNKNOWN',
    sources: query.sources,
    sinks: query.sinks,
    statement: query.statementText,
    rate,
    lag: offsets.length === 0 ? null : lag,
    errors: (query.queryErrors ?? []).map(({ timestamp, errorMessage, type }) => ({
      at: timestamp,
      type,
      message: errorMessage,
    })),
  };
}
