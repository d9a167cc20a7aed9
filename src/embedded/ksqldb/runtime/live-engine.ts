import type { CreateAsSelect, InsertInto, Query, Statement } from '../../../sql/ast.js';
import { parseStatement } from '../../../sql/parse.js';
import type { LogStore } from '../../kafka/log/log-store.js';
import type { Catalog } from '../catalog/catalog.js';
import type {
  Engine,
  EngineOptions,
  ExecuteResult,
  ProcessingLogEntry,
  StatementTarget,
  TransientListener,
  TransientOptions,
  TransientPlan,
  TransientQuery,
} from '../engine/engine.js';
import type { QueryInfo } from '../engine/query-info.js';
import { KsqlException } from '../errors.js';
import type { RegistryClient } from '../formats/registry/registry-client.js';
import { createRegistry } from '../functions/builtin.js';
import type { FunctionRegistry } from '../functions/registry.js';
import type { Change, TopicPlan } from '../plan/command.js';
import { registerSchemas } from '../plan/schema-registration.js';
import { emptySession, type Session } from '../session.js';
import type { MaterializedTable } from '../state/materialized-table.js';
import { CommandLog } from './command-log.js';
import { CommitLog } from './commit-log.js';
import { EngineContext } from './engine-context.js';
import { explainQuery } from './explain-query.js';
import { PersistentQueries } from './persistent-queries.js';
import { ProcessingLog, processingLogStatement } from './processing-log.js';
import { type PushPlan, planPush, pushInfo } from './push-plan.js';
import { PushRunner } from './push-runner.js';
import { resultOf, Sandbox, warningOf } from './sandbox.js';
import { Scheduler } from './scheduler.js';

/** Opens an engine: replays its command log, restores the state of its queries, and starts them. */
export function openEngine(options: EngineOptions): Engine {
  return new LiveEngine(options);
}

/** The engine that runs queries over the topics of a log store. `Engine` documents its methods. */
class LiveEngine implements Engine {
  readonly serviceId: string;
  readonly store: LogStore;
  readonly functions: FunctionRegistry;
  readonly registry: RegistryClient | undefined;
  readonly #context: EngineContext;
  readonly #commands: CommandLog;
  readonly #processingLog: ProcessingLog;
  readonly #scheduler = new Scheduler();
  readonly #queries: PersistentQueries;
  readonly #pushes = new Map<string, PushRunner>();
  readonly #now: () => number;

  constructor(options: EngineOptions) {
    this.serviceId = options.serviceId ?? 'default_';
    this.store = options.store;
    this.functions = options.functions ?? createRegistry();
    this.#now = options.clock ?? Date.now;
    this.registry = options.registry;
    this.#commands = new CommandLog(this.store, this.serviceId);
    const commits = new CommitLog(this.store, this.serviceId);
    this.#processingLog = new ProcessingLog(this.store, this.serviceId, this.#now);
    this.#context = new EngineContext({
      functions: this.functions,
      config: options.config ?? new Map(),
      topic: (name) => {
        const topic = this.store.topic(name);
        return topic && { partitions: topic.partitions.length, retentionMs: topic.configs.retentionMs };
      },
      nextQueryNumber: () => this.#commands.nextQueryNumber,
      registry: options.registry,
    });
    this.#queries = new PersistentQueries(() => ({ ...this.#surroundings(), config: this.config, commits }));
    this.#replay();
    this.#ensureProcessingLog();
  }

  get catalog(): Catalog {
    return this.#context.catalog;
  }

  get config(): ReadonlyMap<string, string> {
    return this.#context.config;
  }

  get lastSequenceNumber(): number {
    return this.#commands.lastSequenceNumber;
  }

  sandbox(): StatementTarget {
    return new Sandbox(this.#context.sandbox());
  }

  execute(statement: Statement, session: Session): ExecuteResult {
    const queryNumber = this.#commands.nextQueryNumber;
    const planned = this.#context.plan(statement, session, queryNumber);
    if ('warning' in planned) return warningOf(planned);
    for (const change of planned.changes) {
      if (change.kind === 'putSource' && change.topic !== undefined) this.#ensureTopic(change.topic);
    }
    registerSchemas(planned, this.registry);
    const properties = Object.fromEntries(session.properties);
    const logged = { statement: planned.replayText ?? statement.text, properties, queryNumber };
    const sequenceNumber = this.#commands.append(planned.commandId, logged, this.#now());
    this.#context.apply(planned, false);
    for (const change of planned.changes) this.#carryOut(change);
    return resultOf(planned, sequenceNumber);
  }

  explain(statement: CreateAsSelect | InsertInto, session: Session): QueryInfo {
    return explainQuery(this.#context, statement, session);
  }

  planQuery(query: Query, session: Session, text: string): TransientPlan {
    return planPush(this.#context, query, session, text);
  }

  startTransient(
    plan: TransientPlan,
    listener: TransientListener,
    options: TransientOptions = {},
  ): TransientQuery {
    const { plan: queryPlan, session } = plan as PushPlan;
    const id = this.#pushes.has(plan.id) ? `${plan.id}_${this.#pushes.size}` : plan.id;
    const runner = new PushRunner({
      ...this.#surroundings(),
      id,
      plan: queryPlan,
      info: () => pushInfo(id, plan, session),
      config: new Map([...this.config, ...session.properties]),
      listener,
      options,
      onStop: () => this.#pushes.delete(id),
    });
    this.#pushes.set(id, runner);
    runner.start();
    return runner;
  }

  queries(): readonly QueryInfo[] {
    return [...this.#queries.infos, ...[...this.#pushes.values()].map((push) => push.info)];
  }

  query(id: string): QueryInfo | undefined {
    return this.#queries.info(id) ?? this.#pushes.get(id)?.info;
  }

  materialization(sourceName: string): MaterializedTable | undefined {
    return this.#queries.materialization(sourceName);
  }

  onProcessingLog(listener: (entry: ProcessingLogEntry) => void): () => void {
    return this.#processingLog.listen(listener);
  }

  async settled(): Promise<void> {
    await this.#scheduler.settled();
    this.#processingLog.flush();
  }

  close(): Promise<void> {
    this.#queries.stopAll();
    for (const push of [...this.#pushes.values()]) push.stop();
    this.#scheduler.stop();
    this.#processingLog.flush();
    return Promise.resolve();
  }

  /** The options that persistent queries and push queries share. */
  #surroundings() {
    return {
      store: this.store,
      scheduler: this.#scheduler,
      functions: this.functions,
      registry: this.registry,
      processingLog: this.#processingLog,
      now: this.#now,
    };
  }

  #ensureTopic(topic: TopicPlan): void {
    if (this.store.topic(topic.name) !== undefined) return;
    this.store.createTopic(topic.name, { partitions: topic.partitions, configs: topic.configs });
  }

  #carryOut(change: Change): void {
    switch (change.kind) {
      case 'startQuery':
        this.#queries.start(change.query);
        break;
      case 'stopQuery':
        this.#queries.terminate(change.id);
        break;
      case 'pauseQuery':
        this.#queries.pause(change.id);
        break;
      case 'resumeQuery':
        this.#queries.resume(change.id);
        break;
      case 'dropSource':
        if (change.deleteTopic && this.store.topic(change.source.topic) !== undefined) {
          this.store.deleteTopic(change.source.topic);
        }
        break;
      default:
        break;
    }
  }

  /** Applies the logged commands to the catalog, then starts the queries that still exist. */
  #replay(): void {
    const paused = new Set<string>();
    const topics = new Map<string, TopicPlan>();
    for (const { statement, properties, queryNumber } of this.#commands.replay()) {
      const session = { ...emptySession, properties: new Map(Object.entries(properties)) };
      try {
        const planned = this.#context.plan(parseStatement(statement), session, queryNumber);
        if ('warning' in planned) continue;
        this.#context.apply(planned, true);
        for (const change of planned.changes) {
          if (change.kind === 'putSource' && change.topic !== undefined)
            topics.set(change.topic.name, change.topic);
          else if (change.kind === 'pauseQuery') paused.add(change.id);
          else if (change.kind === 'resumeQuery' || change.kind === 'stopQuery') paused.delete(change.id);
        }
      } catch (error) {
        if (!(error instanceof KsqlException)) throw error;
        // ksqlDB skips commands that no longer work. The processing log records them.
        this.#processingLog.add('command', ['replay'], 4, error.message, error);
      }
    }
    for (const source of this.catalog.sources()) {
      const topic = topics.get(source.topic);
      if (topic !== undefined) this.#ensureTopic(topic);
    }
    this.#queries.restore(this.#context.queries.values(), paused);
  }

  #ensureProcessingLog(): void {
    const { topic } = this.#processingLog;
    if (this.config.get('ksql.logging.processing.topic.auto.create') !== 'false') {
      this.#ensureTopic({ name: topic, partitions: 1, configs: {} });
    }
    const isWanted = this.config.get('ksql.logging.processing.stream.auto.create') !== 'false';
    if (!isWanted || this.catalog.source('KSQL_PROCESSING_LOG') !== undefined) return;
    if (this.store.topic(topic) !== undefined) {
      this.execute(parseStatement(`${processingLogStatement(topic, 'KSQL_PROCESSING_LOG')};`), emptySession);
    }
  }
}
