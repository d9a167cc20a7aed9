import { describe, expect, test } from 'vitest';
import { partitionFor } from '../../kafka/records/murmur2.js';
import type { SideFormat } from '../catalog/data-source.js';
import { formatNamed } from '../formats/index.js';
import { PlannerUnderTest } from '../plan/planner.test-util.js';
import type { Column } from '../schema/schema.js';
import { Decimal } from '../types/decimal.js';
import type { Value } from '../types/value.js';
import { compilePlan } from './compile-plan.js';
import type { OperatorEnv, RawRecord } from './operator-env.js';
import type { Rec } from './record.js';

/**
 * One line of a specification: an input record, then the records that it produces, in order.
 *
 * An input reads `TOPIC@TIME KEY: COLUMN, COLUMN`. It goes to the partition of its key, or to the one in
 * `TOPIC/PARTITION@TIME ...`. An output reads
 * `@TIME KEY[WINDOW START, WINDOW END): COLUMN, COLUMN`, with `/PARTITION` in front if there are several. `-` stands
 * for NULL, also as a key, and `(none)` for a missing value: a tombstone in a table. `flush` instead of an input
 * writes out what the record cache holds back. `log: MESSAGE` is an entry of the processing log.
 */
export type Line = readonly [input: string, ...outputs: readonly string[]];

/** A rule in plain English, and the lines that show it. */
export type Rule = readonly [title: string, ...lines: readonly Line[]];

export interface Specification {
  /** What the rules are about. */
  readonly of: string;
  /** Statements that create the sources. Keys are in the KAFKA format, values are DELIMITED. */
  readonly sources: string;
  /** The statement whose query is tested. */
  readonly query: string;
  /** Partitions of each source topic (default: 1). */
  readonly partitions?: number;
  /** Merges updates of a table until the next `flush`, as the record cache does (default: false). */
  readonly isCaching?: boolean;
  readonly config?: Readonly<Record<string, string>>;
  readonly rules: readonly Rule[];
}

/** Makes a test of each rule; every rule starts with empty state. */
export function specify(specification: Specification): void {
  describe(specification.of, () => {
    test.each(specification.rules.map(([title, ...lines]) => ({ title, lines })))('$title', ({ lines }) => {
      const topology = new TopologyUnderTest(specification);
      const seen = lines.map(([input]) => [input, ...topology.process(input)]);
      expect(seen).toEqual(lines);
    });
  });
}

class TopologyUnderTest {
  readonly #outputs: string[] = [];
  readonly #byTopic = new Map<string, ((raw: RawRecord) => void)[]>();
  readonly #formats = new Map<string, { readonly key: Column[]; readonly keyFormat: SideFormat }>();
  readonly #flushes: readonly (() => void)[];
  readonly #partitions: number;
  #offset = 0;

  constructor({ sources, query, partitions = 1, isCaching = false, config = {} }: Specification) {
    this.#partitions = partitions;
    const planner = new PlannerUnderTest({ config });
    planner.run(sources.replaceAll('$', `VALUE_FORMAT='DELIMITED', PARTITIONS=${partitions}`));
    const { plan } = planner.query(query);
    const env: OperatorEnv = {
      functions: planner.functions,
      config: planner.config,
      partitionsOf: () => partitions,
      isCaching,
      now: () => 0,
      log: (_context, _type, message) => this.#outputs.push(`log: ${message}`),
      keySerde: (format, columns, topic) => serdeOf(format, columns, topic, true),
      valueSerde: (format, columns, topic) => serdeOf(format, columns, topic, false),
    };
    const compiled = compilePlan(plan, (record) => this.#outputs.push(this.#textOf(record)), env);
    this.#flushes = compiled.flushes;
    for (const { step, process } of compiled.sources) {
      const { topic, schema, keyFormat } = step.source;
      this.#byTopic.set(topic, [...(this.#byTopic.get(topic) ?? []), process]);
      this.#formats.set(topic, { key: [...schema.key], keyFormat });
    }
  }

  /** Processes an input and returns what it produces. */
  process(input: string): readonly string[] {
    if (input === 'flush') for (const flush of this.#flushes) flush();
    else this.#feed(input);
    return this.#outputs.splice(0);
  }

  #feed(input: string): void {
    const match = /^(\w+)(?:\/(\d+))?@(-?\d+) ([^:]+): (.*)$/.exec(input);
    if (match === null) throw new Error(`Not an input: ${input}`);
    const [, topic, partition, time, key, value] = match as unknown as string[];
    const inputs = this.#byTopic.get(topic!);
    const format = this.#formats.get(topic!);
    if (inputs === undefined || format === undefined) throw new Error(`The query does not read ${topic}`);
    const [column] = format.key;
    const isText = column?.type.base === 'STRING';
    const keyValue = key === '-' ? null : [isText ? key! : Number(key)];
    const keyBytes =
      keyValue === null ? null : serdeOf(format.keyFormat, format.key, topic!, true).serialize(keyValue);
    const ownPartition = keyBytes === null ? 0 : partitionFor(keyBytes, this.#partitions);
    const raw: RawRecord = {
      partition: partition === undefined ? ownPartition : Number(partition),
      offset: this.#offset++,
      time: Number(time),
      key: keyBytes,
      value:
        value === '(none)'
          ? null
          : Buffer.from(
              value!
                .split(', ')
                .map((v) => (v === '-' ? '' : v))
                .join(','),
            ),
      headers: [],
    };
    for (const process of inputs) process(raw);
  }

  #textOf({ key, window, row, time, partition }: Rec): string {
    const place = this.#partitions === 1 ? '' : `/${partition}`;
    const keyText = key === null ? '-' : key.map(textOf).join('+');
    const bounds = window === null ? '' : `[${window.start}, ${window.end})`;
    return `${place}@${time} ${keyText}${bounds}: ${row === null ? '(none)' : row.map(textOf).join(', ')}`;
  }
}

function serdeOf(format: SideFormat, columns: readonly Column[], topic: string, isKey: boolean) {
  return formatNamed(format.format).createSerde({
    columns,
    properties: format.properties,
    wrapSingle: false,
    topic,
    isKey,
  });
}

function textOf(value: Value): string {
  if (value === null) return '-';
  if (Array.isArray(value)) return `[${value.map(textOf).join(' ')}]`;
  if (value instanceof Decimal) return value.toString();
  return String(value);
}
