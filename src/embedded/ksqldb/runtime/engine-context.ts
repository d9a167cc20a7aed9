import type { Query, Statement } from '../../../sql/ast.js';
import { analyseQuery } from '../analysis/analyze.js';
import { Catalog } from '../catalog/catalog.js';
import { KsqlException, KsqlStatementException } from '../errors.js';
import type { RegistryClient } from '../formats/registry/registry-client.js';
import type { FunctionRegistry } from '../functions/registry.js';
import { compilePlan } from '../operators/compile-plan.js';
import type { Command, PlannedQuery } from '../plan/command.js';
import type { PlannerContext, TopicInfo } from '../plan/planner-context.js';
import { planSelect } from '../plan/query-planner.js';
import { planStatement, prepared, type Warning } from '../plan/statement-planner.js';
import type { QueryPlan } from '../plan/step.js';
import type { Session } from '../session.js';
import { operatorEnv } from './operator-env.js';

export interface ContextOptions {
  readonly functions: FunctionRegistry;
  readonly config: ReadonlyMap<string, string>;
  readonly topic: (name: string) => TopicInfo | undefined;
  /** The number in the id of the next query. */
  readonly nextQueryNumber: () => number;
  readonly registry?: RegistryClient | undefined;
  /** If set, planning ignores existing topics and gives new ones this number of partitions. */
  readonly assumedPartitions?: number;
}

/**
 * The catalog, queries and properties that statements see. Plans statements and applies their changes, but neither runs
 * queries nor creates topics. A copy serves as a sandbox.
 */
export class EngineContext {
  readonly catalog: Catalog;
  readonly queries: Map<string, PlannedQuery>;
  readonly config: Map<string, string>;
  readonly #options: ContextOptions;
  /** The topics that exist only in a sandbox. */
  readonly #newTopics: Map<string, TopicInfo>;
  readonly #isSandbox: boolean;
  #ahead = 0;

  constructor(options: ContextOptions, from?: EngineContext) {
    this.#options = options;
    this.#isSandbox = from !== undefined;
    this.catalog = new Catalog(from?.catalog);
    this.queries = new Map(from?.queries);
    this.config = new Map(from?.config ?? options.config);
    this.#newTopics = new Map(from === undefined ? [] : from.#newTopics);
  }

  /** Returns an independent copy. */
  sandbox(): EngineContext {
    return new EngineContext(this.#options, this);
  }

  get functions(): FunctionRegistry {
    return this.#options.functions;
  }

  topic(name: string): TopicInfo | undefined {
    return this.#options.topic(name) ?? this.#newTopics.get(name);
  }

  plan(statement: Statement, session: Session, queryNumber = this.#nextNumber()): Command | Warning {
    return planStatement(statement, this.#plannerContext(session, queryNumber));
  }

  /** Applies a command's changes to the catalog, the queries and the properties. */
  apply(command: Command, makesTopics: boolean): void {
    for (const change of command.changes) {
      switch (change.kind) {
        case 'putSource':
          this.catalog.put(change.source, change.derivedFrom);
          if (makesTopics && change.topic !== undefined && this.topic(change.topic.name) === undefined) {
            const retention = Number(change.topic.configs['retention.ms'] ?? 604_800_000);
            this.#newTopics.set(change.topic.name, {
              partitions: change.topic.partitions,
              retentionMs: retention,
            });
          }
          break;
        case 'dropSource':
          this.catalog.remove(change.source.name);
          break;
        case 'putType':
          this.catalog.putType(change.name, change.type);
          break;
        case 'dropType':
          this.catalog.removeType(change.name);
          break;
        case 'startQuery': {
          const { query } = change;
          this.queries.set(query.id, query);
          this.catalog.putQuery({
            id: query.id,
            sources: query.plan.sources.map((source) => source.name),
            ...(query.plan.sink === undefined ? {} : { sink: query.plan.sink.name }),
          });
          this.#ahead++;
          break;
        }
        case 'stopQuery':
          this.queries.delete(change.id);
          this.catalog.removeQuery(change.id);
          break;
        case 'setConfig':
          this.config.set(change.name, change.value);
          break;
        default:
          break;
      }
    }
  }

  /** Plans a push query and compiles it once to find all errors. */
  planPush(query: Query, session: Session, text: string): QueryPlan {
    const statementText = text.endsWith(';') ? text : `${text};`;
    const context = this.#plannerContext(session, 0);
    const ready = prepared(query, statementText, context);
    try {
      const analysis = analyseQuery(ready, this.catalog, this.functions, false);
      const { step } = planSelect(analysis, context, undefined);
      const plan: QueryPlan = {
        root: step,
        sources: analysis.sources.map(({ source }) => source),
        ...(analysis.limit === undefined ? {} : { limit: analysis.limit }),
      };
      this.#compileCheck(plan, context);
      return plan;
    } catch (error) {
      if (error instanceof KsqlStatementException || !(error instanceof KsqlException)) throw error;
      throw new KsqlStatementException(error.message, statementText, error);
    }
  }

  #nextNumber(): number {
    return this.#options.nextQueryNumber() + (this.#isSandbox ? this.#ahead : 0);
  }

  #plannerContext(session: Session, queryNumber: number): PlannerContext {
    const config =
      session.properties.size === 0 ? this.config : new Map([...this.config, ...session.properties]);
    const context: PlannerContext = {
      catalog: this.catalog,
      functions: this.functions,
      config,
      partitionsOf: (topic) => this.topic(topic)?.partitions,
      topic: (name) => this.topic(name),
      queries: this.queries,
      queryNumber,
      overrides: session.properties,
      registry: this.#options.registry,
      ...(this.#options.assumedPartitions === undefined
        ? {}
        : { assumedPartitions: this.#options.assumedPartitions }),
      compileCheck: (query) => this.#compileCheck(query.plan, context),
    };
    return context;
  }

  #compileCheck(plan: QueryPlan, { functions, config }: PlannerContext): void {
    const env = operatorEnv({
      functions,
      config,
      partitionsOf: () => 1,
      registry: this.#options.registry,
      isCaching: false,
      now: () => 0,
      log: () => {},
    });
    compilePlan(plan, () => {}, env);
  }
}
