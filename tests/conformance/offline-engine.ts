import type { RegistryClient } from '../../src/embedded/ksqldb/formats/registry/registry-client.js';
import type { FunctionRegistry } from '../../src/embedded/ksqldb/functions/registry.js';
import type { LogType } from '../../src/embedded/ksqldb/operators/operator-env.js';
import type { Command, PlannedQuery } from '../../src/embedded/ksqldb/plan/command.js';
import type { TopicInfo } from '../../src/embedded/ksqldb/plan/planner-context.js';
import { registerSchemas } from '../../src/embedded/ksqldb/plan/schema-registration.js';
import type { Warning } from '../../src/embedded/ksqldb/plan/statement-planner.js';
import { EngineContext } from '../../src/embedded/ksqldb/runtime/engine-context.js';
import { operatorEnv } from '../../src/embedded/ksqldb/runtime/operator-env.js';
import { QueryRuntime } from '../../src/embedded/ksqldb/runtime/query-runtime.js';
import type { Session } from '../../src/embedded/ksqldb/session.js';
import type { Statement } from '../../src/sql/ast.js';

export interface OfflineOptions {
  readonly functions: FunctionRegistry;
  readonly config: ReadonlyMap<string, string>;
  /** How many partitions a new topic has; 4 unless given. Topics are not checked against statements. */
  readonly partitions?: number;
  /** Topics that exist; statements add theirs. */
  readonly topics: Map<string, TopicInfo>;
  readonly registry?: RegistryClient;
  readonly log?: (
    queryId: string,
    context: readonly string[],
    type: LogType,
    message: string,
    cause: unknown,
    topic?: string,
  ) => void;
  /** Milliseconds since 1970; 0 and still unless given. */
  readonly now?: () => number;
}

/**
 * The engine without time and topics: statements are planned and carried out, queries wait in order for someone to
 * feed them records by hand. Every record is in partition 0, no update is held back. For tests that must be exact.
 */
export class OfflineEngine {
  readonly context: EngineContext;
  readonly #options: OfflineOptions;
  readonly #runtimes = new Map<string, QueryRuntime>();
  #started = 0;

  constructor(options: OfflineOptions) {
    this.#options = options;
    this.context = new EngineContext({
      functions: options.functions,
      config: options.config,
      topic: (name) => options.topics.get(name),
      nextQueryNumber: () => this.#started,
      assumedPartitions: options.partitions ?? 4,
      registry: options.registry,
    });
  }

  /** Plans a statement and takes its changes over. Throws as the engine does; then nothing was changed. */
  execute(statement: Statement, session: Session): Command | Warning {
    const planned = this.context.plan(statement, session);
    if ('warning' in planned) return planned;
    for (const change of planned.changes) {
      if (change.kind !== 'putSource' || change.topic === undefined) continue;
      const { name, partitions } = change.topic;
      if (!this.#options.topics.has(name))
        this.#options.topics.set(name, { partitions, retentionMs: 604_800_000 });
    }
    this.context.apply(planned, false);
    registerSchemas(planned, this.#options.registry);
    for (const change of planned.changes) {
      if (change.kind === 'startQuery') this.#start(change.query);
      else if (change.kind === 'stopQuery') this.#runtimes.delete(change.id);
    }
    return planned;
  }

  /** The queries in the order created; one that was replaced keeps its place. */
  runtimes(): readonly QueryRuntime[] {
    return [...this.#runtimes.values()];
  }

  #start(query: PlannedQuery): void {
    const { functions, log, now, registry } = this.#options;
    const config = new Map([...this.context.config, ...query.overrides]);
    const env = operatorEnv({
      functions,
      config,
      registry,
      partitionsOf: () => 1,
      isCaching: false,
      now: now ?? (() => 0),
      log: (context, type, message, cause, topic) => log?.(query.id, context, type, message, cause, topic),
    });
    const runtime = new QueryRuntime(query, env);
    const older = this.#runtimes.get(query.id);
    if (older !== undefined) runtime.compiled.takeOver(older.compiled);
    else this.#started++;
    this.#runtimes.set(query.id, runtime);
  }
}
