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
import { KsqlException } from '../errors.js';
import type { RegistryClient } from '../formats/registry/registry-client.js';
import { createRegistry } from '../functions/builtin.js';
import type { FunctionRegistry } from '../functions/registry.js';
import type { Change, Command, TopicPlan } from '../plan/command.js';
import { planText, topologyText } from '../plan/plan-text.js';
import { registerSchemas } from '../plan/schema-registration.js';
import type { QueryPlan } from '../plan/step.js';
import { emptySession, type Session } from '../session.js';
import type { MaterializedTable } from '../state/materialized-table.js';
import { CommandLog } from './command-log.js';
import { CommitLog } from './commit-log.js';
import { EngineContext } from './engine-context.js';
import { materializedTable } from './materialization.js';
import { PersistentQuery } from './persistent-query.js';
import { ProcessingLog, processingLogStatement } from './processing-log.js';
import { PushRunner } from './push-runner.js';
import type { QueryInfo } from '../engine/query-info.js';
import { Scheduler } from './scheduler.js';

/** The plan of a push query with what running it needs. */
interface RunnablePlan extends TransientPlan {
  readonly plan: QueryPlan;
  readonly session: Session;
}

/** The engine that runs: see `Engine` for what its methods promise. */
export class LiveEngine implements Engine {
  readonly serviceId: string;
  readonly store: LogStore;
  readonly functions: FunctionRegistry;
  readonly registry: RegistryClient | undefined;
  readonly #context: EngineContext;
  readonly #commands: CommandLog;
  readonly #commits: CommitLog;
  readonly #processingLog: ProcessingLog;
  readonly #scheduler = new Scheduler();
  readonly #queries = new Map<string, PersistentQuery>();
  readonly #pushes = new Map<string, PushRunner>();
  readonly #now: () => number;

  static open(options: EngineOptions): LiveEngine {
    const engine = new LiveEngine(options);
    engine.#replay();
    engine.#ensureProcessingLog();
    return engine;
  }

  private constructor(options: EngineOptions) {
    this.serviceId = options.serviceId ?? 'default_';
    this.store = options.store;
    this.functions = options.functions ?? createRegistry();
    this.#now = options.clock ?? Date.now;
    this.registry = options.registry;
    this.#commands = new CommandLog(this.store, this.serviceId);
    this.#commits = new CommitLog(this.store, this.serviceId);
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
    if ('warning' in planned) {
      return { kind: 'warning', message: planned.warning, statementText: planned.statementText };
    }
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
    return explained(this.#context, statement, session);
  }

  planQuery(query: Query, session: Session, text: string): TransientPlan {
    return transientPlan(this.#context, query, session, text);
  }

  startTransient(
    plan: TransientPlan,
    listener: TransientListener,
    options: TransientOptions = {},
  ): TransientQuery {
    const { plan: queryPlan, session } = plan as RunnablePlan;
    const id = this.#pushes.has(plan.id) ? `${plan.id}_${this.#pushes.size}` : plan.id;
    const runner = new PushRunner({
      id,
      plan: queryPlan,
      info: () => pushInfo(id, plan, session),
      config: new Map([...this.config, ...session.properties]),
      store: this.store,
      scheduler: this.#scheduler,
      functions: this.functions,
      registry: this.registry,
      processingLog: this.#processingLog,
      listener,
      options,
      now: this.#now,
      onStop: () => this.#pushes.delete(id),
    });
    this.#pushes.set(id, runner);
    runner.start();
    return runner;
  }

  queries(): readonly QueryInfo[] {
    return [...this.#queries.values(), ...this.#pushes.values()].map((query) => query.info);
  }

  query(id: string): QueryInfo | undefined {
    return (this.#queries.get(id) ?? this.#pushes.get(id))?.info;
  }

  materialization(sourceName: string): MaterializedTable | undefined {
    for (const { query, runtime } of this.#queries.values()) {
      const { plan, type } = query;
      const name = type === 'CREATE_SOURCE' ? plan.sources[0]?.name : plan.sink?.name;
      const { view } = runtime.compiled;
      if (name !== sourceName || type === 'INSERT' || view === undefined) continue;
      const counts = plan.sources.map((source) => this.store.topic(source.topic)?.partitions.length ?? 1);
      return materializedTable(plan.root, view, Math.max(...counts));
    }
    return undefined;
  }

  onProcessingLog(listener: (entry: ProcessingLogEntry) => void): () => void {
    return this.#processingLog.listen(listener);
  }

  async settled(): Promise<void> {
    await this.#scheduler.settled();
    this.#processingLog.flush();
  }

  close(): Promise<void> {
    for (const query of this.#queries.values()) query.stop();
    for (const push of [...this.#pushes.values()]) push.stop();
    this.#scheduler.stop();
    this.#processingLog.flush();
    return Promise.resolve();
  }

  #ensureTopic(topic: TopicPlan): void {
    if (this.store.topic(topic.name) !== undefined) return;
    this.store.createTopic(topic.name, { partitions: topic.partitions, configs: topic.configs });
  }

  #carryOut(change: Change): void {
    switch (change.kind) {
      case 'startQuery': {
        const older = this.#queries.get(change.query.id);
        const query = this.#make(change.query);
        if (older === undefined) {
          this.#prepareStores(query);
          this.#queries.set(change.query.id, query);
          query.start(undefined);
          break;
        }
        older.stop();
        query.runtime.takeOver(older.runtime);
        this.#prepareStores(query);
        this.#queries.set(change.query.id, query);
        query.start(older.positions());
        break;
      }
      case 'stopQuery': {
        const query = this.#queries.get(change.id);
        query?.stop();
        this.#queries.delete(change.id);
        if (query !== undefined) this.#commits.remove(change.id, query.runtime.compiled.stores);
        break;
      }
      case 'pauseQuery':
        this.#queries.get(change.id)?.pause();
        break;
      case 'resumeQuery':
        this.#queries.get(change.id)?.resume();
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

  #make(query: ConstructorParameters<typeof PersistentQuery>[0]['query']): PersistentQuery {
    return new PersistentQuery({
      query,
      store: this.store,
      scheduler: this.#scheduler,
      functions: this.functions,
      registry: this.registry,
      config: this.config,
      commits: this.#commits,
      processingLog: this.#processingLog,
      now: this.#now,
    });
  }

  #prepareStores({ query, runtime }: PersistentQuery): void {
    const counts = query.plan.sources.map((source) => this.store.topic(source.topic)?.partitions.length ?? 1);
    this.#commits.prepare(query.id, runtime.compiled.stores, Math.max(...counts));
  }

  /** Replays the commands without effects, then starts the queries that are left. */
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
        // As in ksqlDB, a command that no longer works is passed over; the log tells of it.
        this.#processingLog.add('command', ['replay'], 4, error.message, error);
      }
    }
    for (const source of this.catalog.sources()) {
      const topic = topics.get(source.topic);
      if (topic !== undefined) this.#ensureTopic(topic);
    }
    const saved = this.#commits.savedCommits();
    for (const planned of this.#context.queries.values()) {
      const query = this.#make(planned);
      const { stores, restored } = query.runtime.compiled;
      const commit = saved.get(planned.id);
      this.#prepareStores(query);
      this.#commits.restore(planned.id, stores, commit);
      for (const done of restored) done();
      this.#queries.set(planned.id, query);
      if (paused.has(planned.id)) query.pause();
      query.start(commit?.positions);
    }
  }

  #ensureProcessingLog(): void {
    const { topic } = this.#processingLog;
    if (this.config.get('ksql.logging.processing.topic.auto.create') !== 'false') {
      this.#ensureTopic({ name: topic, partitions: 1, configs: {} });
    }
    const isWanted = this.config.get('ksql.logging.processing.stream.auto.create') !== 'false';
    if (!isWanted || this.catalog.source('KSQL_PROCESSING_LOG') !== undefined) return;
    if (this.store.topic(topic) !== undefined) {
      this.execute(parseStatement(`${processingLogStatement(topic)};`), emptySession);
    }
  }
}

/** Validates a request's statements one after the other; nothing but its own copy changes. */
class Sandbox implements StatementTarget {
  readonly #context: EngineContext;

  constructor(context: EngineContext) {
    this.#context = context;
  }

  get catalog(): Catalog {
    return this.#context.catalog;
  }

  execute(statement: Statement, session: Session): ExecuteResult {
    const planned = this.#context.plan(statement, session);
    if ('warning' in planned) {
      return { kind: 'warning', message: planned.warning, statementText: planned.statementText };
    }
    this.#context.apply(planned, true);
    return resultOf(planned, -1);
  }

  explain(statement: CreateAsSelect | InsertInto, session: Session): QueryInfo {
    return explained(this.#context, statement, session);
  }

  planQuery(query: Query, session: Session, text: string): TransientPlan {
    return transientPlan(this.#context, query, session, text);
  }
}

function resultOf(command: Command, sequenceNumber: number): ExecuteResult {
  const { commandId, message, statementText, queryId } = command;
  return {
    kind: 'command',
    commandId,
    message,
    sequenceNumber,
    statementText,
    ...(queryId === undefined ? {} : { queryId }),
  };
}

let lastTransient = 0n;

function transientPlan(context: EngineContext, query: Query, session: Session, text: string): RunnablePlan {
  const plan = context.planPush(query, session, text);
  const { root, sources, limit } = plan;
  lastTransient = BigInt(Date.now()) * 1_000_000n + (lastTransient % 1_000_000n) + 1n;
  const id = `transient_${query.from.left.alias}_${lastTransient}`;
  return {
    id,
    statementText: text,
    columns: root.schema.value,
    schema: root.schema,
    kind: root.output,
    ...(root.window === undefined ? {} : { window: root.window }),
    sources,
    ...(limit === undefined ? {} : { limit }),
    executionPlan: planText(plan, id),
    topology: topologyText(plan),
    plan,
    session,
  };
}

function explained(
  context: EngineContext,
  statement: CreateAsSelect | InsertInto,
  session: Session,
): QueryInfo {
  const planned = context.sandbox().plan(statement, session);
  const change = 'warning' in planned ? undefined : planned.changes.find(({ kind }) => kind === 'startQuery');
  if (change?.kind !== 'startQuery') throw new KsqlException('The statement does not run a query');
  const { query } = change;
  const { root, sink, sources } = query.plan;
  return {
    ...idle,
    id: query.id,
    statementText: query.statementText,
    type: query.type,
    sources: sources.map((source) => source.name),
    ...(sink === undefined ? {} : { sink: sink.name, sinkTopic: sink.topic }),
    schema: root.schema,
    ...(root.window === undefined ? {} : { window: root.window }),
    executionPlan: planText(query.plan, query.id),
    topology: topologyText(query.plan),
    overrides: query.overrides,
  };
}

const idle = {
  state: 'RUNNING',
  offsets: [],
  metrics: { recordsIn: 0, recordsOut: 0, errors: 0, lastOutput: 0 },
} as const;

function pushInfo(id: string, plan: TransientPlan, session: Session): QueryInfo {
  return {
    ...idle,
    id,
    statementText: plan.statementText,
    type: 'PUSH',
    sources: plan.sources.map((source) => source.name),
    schema: plan.schema,
    ...(plan.window === undefined ? {} : { window: plan.window }),
    executionPlan: plan.executionPlan,
    topology: plan.topology,
    overrides: session.properties,
  };
}
