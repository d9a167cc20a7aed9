import { LogStore } from '../../src/embedded/kafka/log/log-store.js';
import { encodeBatch } from '../../src/embedded/kafka/records/encode-batch.js';
import { batches } from '../../src/embedded/kafka/records/record-batch.js';
import type { Engine, ExecuteResult } from '../../src/embedded/ksqldb/engine/engine.js';
import { KsqlException } from '../../src/embedded/ksqldb/errors.js';
import { querySource } from '../../src/embedded/ksqldb/queries/query-source.js';
import { openEngine } from '../../src/embedded/ksqldb/runtime/live-engine.js';
import { prepareInsert } from '../../src/embedded/ksqldb/statements/insert-values.js';
import { formatSqlType } from '../../src/embedded/ksqldb/types/format-type.js';
import { SchemaRegistry } from '../../src/embedded/schema-registry/registry.js';
import { parseStatement } from '../../src/sql/parse.js';
import { SqlSyntaxError } from '../../src/sql/sql-syntax-error.js';
import { arrayType, BIGINT, INTEGER, mapType, type SqlType, STRING } from '../../src/sql/sql-type.js';
import { misfit } from './conforms.js';
import type { Random } from './random.js';
import { RandomExpressions, type TypedColumn } from './random-expressions.js';
import { damaged, randomJson } from './random-records.js';
import { randomType, simpleTypes } from './random-types.js';

/** What JavaScript says of a bug in a program; ksqlDB says none of it. */
const bug =
  /is not a function|Cannot (read|set|convert|mix)|is not (defined|iterable|extensible)|(of|are|is|reading) undefined|undefined (is|are)|Maximum call stack|Invalid (array length|string length|count value|time value)|BigInt|out of range\. It must|must be (of type|>=)|Array buffer|toFixed|Cannot destructure|\[object/;

export interface Source {
  readonly name: string;
  readonly kind: 'STREAM' | 'TABLE';
  readonly columns: readonly TypedColumn[];
  readonly keyType: SqlType;
}

const keyTypes = [STRING, BIGINT, INTEGER];
const rowTime = 1_700_000_000_000;

/** An engine of its own with random sources, which notes what no ksqlDB would do. */
export class RandomCluster {
  readonly expressions: RandomExpressions;
  readonly sources: Source[] = [];
  readonly problems: string[] = [];
  /** All that was run: what reproduces a problem. */
  readonly statements: string[] = [];
  readonly refusals: string[] = [];
  /** Why queries stopped. */
  readonly deaths: string[] = [];
  ran = 0;
  slowest = { milliseconds: 0, sql: '' };
  readonly #random: Random;
  readonly #store = LogStore.open({ dataDir: null });
  readonly #engine: Engine;
  readonly #session = {
    properties: new Map([['auto.offset.reset', 'earliest']]),
    variables: new Map<string, string>(),
  };

  constructor(random: Random) {
    this.#random = random;
    this.#engine = openEngine({ store: this.#store, registry: new SchemaRegistry(), clock: () => rowTime });
    this.expressions = new RandomExpressions(random, this.#engine.functions);
  }

  get functions(): Engine['functions'] {
    return this.#engine.functions;
  }

  /** A stream or table with JSON values and columns of all kinds. */
  createSource(kind: Source['kind'], keyType = this.#random.pick(keyTypes)): Source {
    const name = `${kind[0]}${this.sources.length}`;
    const types = [
      ...simpleTypes,
      arrayType(INTEGER),
      arrayType(STRING),
      mapType(STRING, BIGINT),
      ...this.#random.some(4, () => randomType(this.#random)),
    ];
    const columns = types.map((type, i) => ({ text: `C${i}`, type }));
    const key = kind === 'TABLE' ? 'PRIMARY KEY' : 'KEY';
    const list = columns.map(({ text, type }) => `${text} ${formatSqlType(type)}`);
    this.execute(
      `CREATE ${kind} ${name} (K ${formatSqlType(keyType)} ${key}, ${list.join(', ')}) ` +
        `WITH (KAFKA_TOPIC='${name}', VALUE_FORMAT='JSON', PARTITIONS=2);`,
    );
    const source = { name, kind, keyType, columns: [{ text: 'K', type: keyType }, ...columns] };
    this.sources.push(source);
    return source;
  }

  /** Runs a statement; undefined where it is refused as ksqlDB would. */
  execute(sql: string): ExecuteResult | undefined {
    return this.#timed(sql, () => this.#engine.execute(parseStatement(sql), this.#session));
  }

  /** Runs a push query over all that is in the topics, and checks what comes. */
  async select(sql: string): Promise<void> {
    await this.#timed(sql, async () => {
      const statement = parseStatement(sql);
      if (statement.kind !== 'Query') throw new Error(`No query: ${sql}`);
      const plan = this.#engine.planQuery(statement.query, this.#session, sql);
      await new Promise<void>((resolve) => {
        const listener = {
          row: ({
            values,
          }: {
            readonly values: readonly import('../../src/embedded/ksqldb/types/value.js').Value[];
          }) => {
            plan.columns.forEach(({ name, type }, i) => {
              const found = misfit(values[i]!, type, name);
              if (found !== undefined) this.#problem(`value ${found}`, sql);
            });
          },
          error: (error: Error) => {
            this.#judgeFailure(error.message, sql);
            resolve();
          },
          end: resolve,
        };
        this.#engine.startTransient(plan, listener, { untilEnd: true, from: 'earliest' });
      });
    });
  }

  /** Runs a pull query, or a push query that has a limit, as the REST API does. */
  async query(sql: string): Promise<void> {
    await this.#timed(sql, async () => {
      const statement = parseStatement(sql);
      if (statement.kind !== 'Query') throw new Error(`No query: ${sql}`);
      const source = querySource(this.#engine, statement.query, this.#session, sql);
      const types = source.rowTypes ?? source.columns.map(({ type }) => type);
      await source.run({
        row: (values) => {
          types.forEach((type, i) => {
            const found = misfit(values[i]!, type, source.columns[i]?.name);
            if (found !== undefined) this.#problem(`value ${found}`, sql);
          });
          return true;
        },
        drained: () => Promise.resolve(),
        isClosed: false,
        onClose: () => {},
      });
    });
  }

  /** INSERT INTO ... VALUES: the record is written if the values fit. */
  insert(sql: string): void {
    this.#timed(sql, () => {
      const statement = parseStatement(sql);
      if (statement.kind !== 'InsertValues') throw new Error(`No INSERT: ${sql}`);
      const { config, catalog, functions, registry } = this.#engine;
      const context = { config, catalog, functions, registry, clock: () => rowTime };
      const { source, row } = prepareInsert(context, statement);
      this.append(source.topic, 0, row.key, row.value, row.time);
    });
  }

  #timed<T>(sql: string, run: () => T): T | undefined {
    this.statements.push(sql);
    const started = performance.now();
    const note = () => {
      const milliseconds = performance.now() - started;
      if (milliseconds > this.slowest.milliseconds) this.slowest = { milliseconds, sql };
    };
    try {
      const result = run();
      if (result instanceof Promise)
        return result.catch((error) => this.#judgeRefusal(error, sql)).finally(note) as T;
      this.ran++;
      note();
      return result;
    } catch (error) {
      this.#judgeRefusal(error, sql);
      return undefined;
    }
  }

  #judgeRefusal(error: unknown, sql: string): void {
    this.refusals.push(error instanceof Error ? error.message : String(error));
    const isKsql = error instanceof KsqlException || error instanceof SqlSyntaxError;
    if (!isKsql) this.#problem(`refused with ${error instanceof Error ? error.stack : String(error)}`, sql);
    else if (bug.test(error.message.split('Statement:')[0]!.split('expression:')[0]!)) {
      this.#problem(`refused with "${error.message}"`, sql);
    }
  }

  #judgeFailure(message: string, sql: string): void {
    if (bug.test(message)) this.#problem(`died of "${message}"`, sql);
  }

  #problem(what: string, sql: string): void {
    this.problems.push(`${what}\n  ${sql}`);
  }

  /** Records for a source: values of its types, NULLs, tombstones, broken ones. */
  feed(source: Source, count: number): void {
    const random = this.#random;
    for (let i = 0; i < count; i++) {
      const fields = source.columns.slice(1).map(({ text, type }) => `"${text}":${randomJson(random, type)}`);
      let value: Buffer | null = Buffer.from(`{${fields.join(',')}}`);
      if (random.chance(0.1)) value = null;
      else if (random.chance(0.15)) value = damaged(random, value);
      const key = random.chance(0.1) ? null : randomKey(random, source.keyType);
      const time = random.chance(0.9)
        ? rowTime + random.below(7_200_000)
        : random.pick([0, 1, 4e12, 2 ** 62]);
      this.append(source.name, random.below(2), key, value, time);
    }
  }

  append(
    topic: string,
    partition: number,
    key: Buffer | null,
    value: Buffer | null,
    timestamp: number,
  ): void {
    const batch = encodeBatch([{ key, value, timestamp }]);
    this.#store.appendAtomically([{ topic, partition, batch }]);
  }

  /** Damages copies of what a topic holds and writes them behind it. */
  feedDamaged(topic: string, count: number): void {
    const found = this.#records(topic).filter(({ value }) => value !== null);
    for (let i = 0; i < count && found.length > 0; i++) {
      const { key, value } = this.#random.pick(found);
      this.append(topic, 0, key, damaged(this.#random, value!), rowTime);
    }
  }

  topicOf(sourceName: string): string | undefined {
    return this.#engine.catalog.source(sourceName)?.topic;
  }

  async settled(): Promise<void> {
    await this.#engine.settled();
  }

  /** Judges the states of all queries and all that they logged. */
  judge(): void {
    for (const { id, state, error, statementText } of this.#engine.queries()) {
      if (state === 'ERROR') this.deaths.push(`${error?.message}\n  ${statementText}`);
      if (state === 'ERROR') this.#judgeFailure(`${id} ${error?.message}`, statementText);
    }
    const logged = new Set<string>();
    for (const { value } of this.#records('default_ksql_processing_log')) {
      const { message } = JSON.parse(value!.toString('utf8')) as {
        message: Record<string, { errorMessage?: string; cause?: string[] } | null>;
      };
      for (const part of Object.values(message)) {
        if (part === null || typeof part !== 'object') continue;
        for (const cause of part.cause ?? [])
          if (bug.test(cause)) logged.add(`${cause} <- ${part.errorMessage}`);
      }
    }
    for (const found of logged) this.#problem('logged', found);
  }

  #records(topic: string): { key: Buffer | null; value: Buffer | null }[] {
    const found: { key: Buffer | null; value: Buffer | null }[] = [];
    for (const log of this.#store.topic(topic)?.partitions ?? []) {
      for (let offset = log.startOffset; offset < log.endOffset; ) {
        for (const batch of batches(log.read(offset, 1024 * 1024))) {
          offset = batch.nextOffset;
          batch.forEachRecord((_offset, _time, key, value) => found.push({ key, value }));
        }
      }
    }
    return found;
  }

  async close(): Promise<void> {
    await this.#engine.close();
    this.#store.close();
  }
}

function randomKey(random: Random, type: SqlType): Buffer {
  if (random.chance(0.05)) return Buffer.from('broken');
  if (type.base === 'STRING') return Buffer.from(random.pick(['', 'a', 'b', 'ä', '7']));
  const key = Buffer.alloc(type.base === 'BIGINT' ? 8 : 4);
  key[key.length - 1] = random.below(5);
  return key;
}
