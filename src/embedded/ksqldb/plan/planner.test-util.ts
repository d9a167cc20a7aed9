import { parseStatements } from '../../../sql/parse.js';
import { Catalog } from '../catalog/catalog.js';
import { createRegistry } from '../functions/builtin.js';
import type { Command, PlannedQuery } from './command.js';
import type { PlannerContext, TopicInfo } from './planner-context.js';
import { planStatement } from './statement-planner.js';

export interface PlannerOptions {
  readonly config?: Readonly<Record<string, string>>;
  /** Topics that exist before the first statement. */
  readonly topics?: Readonly<Record<string, TopicInfo>>;
}

/** Plans statements against a catalog in memory, without running anything. */
export class PlannerUnderTest {
  readonly catalog = new Catalog();
  readonly queries = new Map<string, PlannedQuery>();
  readonly functions = createRegistry();
  readonly config: ReadonlyMap<string, string>;
  readonly #topics: Map<string, TopicInfo>;

  constructor(options: PlannerOptions = {}) {
    this.config = new Map(Object.entries(options.config ?? {}));
    this.#topics = new Map(Object.entries(options.topics ?? {}));
  }

  /**
   * Plans each statement and applies it to the catalog. Returns the last command.
   *
   * @throws KsqlException in ksqlDB's words if a statement is refused
   */
  run(sql: string): Command {
    let last: Command | undefined;
    for (const statement of parseStatements(sql)) {
      const planned = planStatement(statement, this.#context());
      if ('warning' in planned) throw new Error(planned.warning);
      this.#apply(planned);
      last = planned;
    }
    return last!;
  }

  /** The query that the last statement starts. */
  query(sql: string): PlannedQuery {
    const { changes } = this.run(sql);
    const started = changes.find((change) => change.kind === 'startQuery');
    if (started === undefined) throw new Error('The statement starts no query');
    return started.query;
  }

  #apply({ changes }: Command): void {
    for (const change of changes) {
      if (change.kind === 'putSource') {
        this.catalog.put(change.source, change.derivedFrom);
        const { topic } = change;
        if (topic !== undefined && !this.#topics.has(topic.name)) {
          const retentionMs = Number(topic.configs['retention.ms'] ?? 604_800_000);
          this.#topics.set(topic.name, { partitions: topic.partitions, retentionMs });
        }
      } else if (change.kind === 'startQuery') {
        this.queries.set(change.query.id, change.query);
      }
    }
  }

  #context(): PlannerContext {
    return {
      catalog: this.catalog,
      functions: this.functions,
      config: this.config,
      partitionsOf: (topic) => this.#topics.get(topic)?.partitions,
      topic: (name) => this.#topics.get(name),
      queries: this.queries,
      queryNumber: this.queries.size,
      overrides: new Map(),
      registry: undefined,
      compileCheck: () => {},
    };
  }
}
