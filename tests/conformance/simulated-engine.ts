/**
 * The engine as ksqlDB's own test driver runs it: the same planner and the same operators, topics in memory, and
 * records pushed through by hand, so that a run has no threads and no clock.
 */
import type { RecordHeader } from '../../src/embedded/kafka/records/record-batch.js';
import type { Catalog } from '../../src/embedded/ksqldb/catalog/catalog.js';
import type { FunctionRegistry } from '../../src/embedded/ksqldb/functions/registry.js';
import type { OperatorEnv } from '../../src/embedded/ksqldb/operators/operator-env.js';
import type { TopicInfo } from '../../src/embedded/ksqldb/plan/planner-context.js';
import { operatorEnv } from '../../src/embedded/ksqldb/runtime/operator-env.js';
import type { QueryRuntime } from '../../src/embedded/ksqldb/runtime/query-runtime.js';
import { prepareInsert } from '../../src/embedded/ksqldb/statements/insert-values.js';
import { setProperty } from '../../src/embedded/ksqldb/statements/properties.js';
import type { SchemaRegistry } from '../../src/embedded/schema-registry/registry.js';
import type { Statement } from '../../src/sql/ast.js';
import { OfflineEngine } from './offline-engine.js';

export interface TopicRecord {
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly timestamp: number;
  readonly headers: readonly RecordHeader[];
}

export interface SimulationOptions {
  readonly functions: FunctionRegistry;
  readonly config: ReadonlyMap<string, string>;
  readonly registry: SchemaRegistry;
  /** Of a topic that a statement makes without saying how many partitions it has. */
  readonly defaultPartitions: number;
  /** Records go through all queries as soon as they are written; else the caller runs the queries. */
  readonly isLive: boolean;
}

const retentionMs = 604_800_000;

export class SimulatedEngine {
  readonly topics = new Map<string, TopicInfo>();
  /** Of the session: what the case sets, and SET statements after it. */
  readonly properties = new Map<string, string>();
  readonly variables = new Map<string, string>();
  readonly #options: SimulationOptions;
  readonly #engine: OfflineEngine;
  readonly #records = new Map<string, TopicRecord[]>();

  constructor(options: SimulationOptions) {
    this.#options = options;
    this.#engine = new OfflineEngine({
      functions: options.functions,
      config: options.config,
      partitions: options.defaultPartitions,
      topics: this.topics,
      registry: options.registry,
      log: (...entry) => {
        if (process.env.CONFORMANCE_LOG !== undefined) console.error('processing log:', ...entry);
      },
    });
  }

  get catalog(): Catalog {
    return this.#engine.context.catalog;
  }

  get config(): ReadonlyMap<string, string> {
    return new Map([...this.#engine.context.config, ...this.properties]);
  }

  get functions(): FunctionRegistry {
    return this.#options.functions;
  }

  /** In the order created. */
  queries(): readonly QueryRuntime[] {
    return this.#engine.runtimes();
  }

  /** Makes a topic unless there is one of this name. */
  ensureTopic(name: string, partitions: number): void {
    if (!this.topics.has(name)) this.topics.set(name, { partitions, retentionMs });
  }

  records(topic: string): readonly TopicRecord[] {
    return this.#records.get(topic) ?? [];
  }

  execute(statement: Statement): void {
    switch (statement.kind) {
      case 'InsertValues': {
        const { catalog, functions, config } = this;
        const { registry } = this.#options;
        const context = { catalog, functions, config, clock: Date.now, registry };
        const { source, row } = prepareInsert(context, statement);
        this.append(source.topic, { key: row.key, value: row.value, timestamp: row.time, headers: [] });
        return;
      }
      case 'SetProperty':
      case 'UnsetProperty':
        setProperty(this.properties, statement, `${statement.text};`);
        return;
      case 'Define':
        this.variables.set(statement.name, statement.value);
        return;
      case 'Undefine':
        this.variables.delete(statement.name);
        return;
      default:
        this.#execute(statement);
    }
  }

  /** Writes a record; in a live simulation it goes through all queries at once, depth first. */
  append(topic: string, record: TopicRecord): void {
    const records = this.#records.get(topic) ?? [];
    this.#records.set(topic, records);
    records.push(record);
    if (!this.#options.isLive) return;
    for (const query of this.queries()) {
      if (query.compiled.topics.includes(topic)) this.process(query, topic, record, records.length - 1);
    }
  }

  /** Puts one record through one query, and what comes out into its sink's topic. */
  process(runtime: QueryRuntime, topic: string, record: TopicRecord, offset: number): void {
    const { key, value, timestamp, headers } = record;
    runtime.process(topic, { partition: 0, offset, time: timestamp, key, value, headers });
    runtime.compiled.flush();
    const { sink } = runtime.query.plan;
    const outputs = runtime.takeOutputs();
    if (sink === undefined) return;
    for (const output of outputs) {
      this.append(sink.topic, {
        key: output.key,
        value: output.value,
        timestamp: output.timestamp,
        headers: output.headers,
      });
    }
  }

  /** What reads and writes records outside of a query. */
  serdes(): Pick<OperatorEnv, 'keySerde' | 'valueSerde'> {
    const { functions, registry } = this.#options;
    return operatorEnv({
      functions,
      registry,
      config: this.config,
      partitionsOf: () => 1,
      isCaching: false,
      now: () => 0,
      log: () => {},
    });
  }

  #execute(statement: Statement): void {
    const { properties, variables } = this;
    const planned = this.#engine.execute(statement, { properties: new Map(properties), variables });
    if ('warning' in planned) return;
    for (const change of planned.changes) {
      if (change.kind === 'dropSource' && change.deleteTopic) this.#records.delete(change.source.topic);
    }
  }
}
