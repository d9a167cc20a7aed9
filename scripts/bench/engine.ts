/**
 * Measures the records per second of a single query without TCP, and the memory of a key in state. Each measurement runs
 * in a separate process, so that its memory can be measured. For comparison, each figure is printed with the time to read
 * the same log and to run JSON.parse on the same records in the same run.
 */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { LogStore } from '../../src/embedded/kafka/log/log-store.js';
import { encodeBatch, type RecordToEncode } from '../../src/embedded/kafka/records/encode-batch.js';
import { partitionFor } from '../../src/embedded/kafka/records/murmur2.js';
import { batches } from '../../src/embedded/kafka/records/record-batch.js';
import { openEngine } from '../../src/embedded/ksqldb/runtime/live-engine.js';
import { parseStatements } from '../../src/sql/parse.js';

const PARTITIONS = 6;
const BATCH = 12_000;
const FIRST_TIME = 1_700_000_000_000;
const HOUR = 3_600_000;

interface Scenario {
  readonly title: string;
  /** Statements to run before the payments are written. Their topics get a row for each customer. */
  readonly tables?: string;
  readonly query: string;
  /** Number of keys from which memory is measured. Undefined if keys use no memory. */
  readonly hasState?: true;
}

const PAYMENTS = `CREATE STREAM PAYMENTS (CUSTOMER BIGINT KEY, ID BIGINT, AMOUNT DECIMAL(19, 4), CHANNEL STRING, PAID STRING)
  WITH (KAFKA_TOPIC='PAYMENTS', PARTITIONS=${PARTITIONS}, VALUE_FORMAT='JSON');`;

const scenarios: Readonly<Record<string, Scenario>> = {
  stateless: {
    title: 'stateless query',
    query: `CREATE STREAM BIG AS SELECT CUSTOMER, ID, AMOUNT * 2 AS TWICE, UCASE(CHANNEL) AS CHANNEL,
      SUBSTRING(PAID, 1, 10) AS DAY FROM PAYMENTS WHERE AMOUNT > 1000 EMIT CHANGES;`,
  },
  window: {
    title: 'windowed aggregation',
    query: `CREATE TABLE TOTALS AS SELECT CUSTOMER, COUNT(*) AS N, SUM(AMOUNT) AS TOTAL, MAX(PAID) AS NEWEST
      FROM PAYMENTS WINDOW TUMBLING (SIZE 1 HOUR) GROUP BY CUSTOMER EMIT CHANGES;`,
    hasState: true,
  },
  aggregate: {
    title: 'aggregation',
    query: `CREATE TABLE TOTALS AS SELECT CUSTOMER, COUNT(*) AS N, SUM(AMOUNT) AS TOTAL, MAX(PAID) AS NEWEST
      FROM PAYMENTS GROUP BY CUSTOMER EMIT CHANGES;`,
    hasState: true,
  },
  join: {
    title: 'stream-table join',
    tables: `CREATE TABLE CUSTOMERS (CUSTOMER BIGINT PRIMARY KEY, NAME STRING, CITY STRING)
      WITH (KAFKA_TOPIC='CUSTOMERS', PARTITIONS=${PARTITIONS}, VALUE_FORMAT='JSON');`,
    query: `CREATE STREAM NAMED AS SELECT P.CUSTOMER, P.ID AS ID, P.AMOUNT AS AMOUNT, C.NAME AS NAME, C.CITY AS CITY
      FROM PAYMENTS P JOIN CUSTOMERS C ON P.CUSTOMER = C.CUSTOMER EMIT CHANGES;`,
    hasState: true,
  },
};

interface Measure {
  readonly records: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
  /** CPU time of the comparisons. */
  readonly readSeconds: number;
  readonly parseSeconds: number;
  readonly logMb: number;
  readonly heapMb: number;
  readonly peakMb: number;
}

export async function run(args: readonly string[]): Promise<void> {
  const [first = '1000000', keys, records] = args;
  const scenario = scenarios[first];
  if (scenario !== undefined) {
    console.log(JSON.stringify(await measure(scenario, Number(keys), Number(records))));
    return;
  }
  const most = Number(first);
  const few = most / 10;
  for (const [name, { title, hasState }] of Object.entries(scenarios)) {
    const small = await inProcess(name, few, most);
    report(title, few, small);
    if (hasState === undefined) continue;
    const large = await inProcess(name, most, most);
    report(title, most, large);
    const bytes = ((large.heapMb - small.heapMb) * 1e6) / (most - few);
    console.log(`${''.padEnd(22)} ${Math.round(bytes)} bytes of heap per additional key`);
  }
}

async function inProcess(name: string, keys: number, records: number): Promise<Measure> {
  const options = [...process.execArgv, '--expose-gc', '--max-old-space-size=8192'];
  const call = [...options, process.argv[1]!, 'engine', name, String(keys), String(records)];
  const { stdout } = await promisify(execFile)(process.execPath, call);
  return JSON.parse(stdout) as Measure;
}

function report(title: string, keys: number, found: Measure): void {
  const { records, seconds, cpuSeconds, readSeconds, parseSeconds, logMb, heapMb, peakMb } = found;
  const micros = (s: number) => ((s / records) * 1e6).toFixed(1);
  console.log(
    `${title.padEnd(22)} ${keys.toLocaleString('en')} keys: ${Math.round(records / seconds).toLocaleString('en')} ` +
      `records/s; CPU of a record ${micros(cpuSeconds)} µs, only read ${micros(readSeconds)} µs, ` +
      `read and JSON.parse ${micros(parseSeconds)} µs; ` +
      `heap ${Math.round(heapMb)} MB, logs ${Math.round(logMb)} MB, peak ${Math.round(peakMb)} MB`,
  );
}

async function measure(scenario: Scenario, keys: number, records: number): Promise<Measure> {
  const store = LogStore.open({ dataDir: null });
  const engine = openEngine({ store });
  const session = { properties: new Map([['auto.offset.reset', 'earliest']]), variables: new Map() };
  const execute = (sql: string) => {
    for (const statement of parseStatements(sql)) engine.execute(statement, session);
  };
  execute(PAYMENTS);
  if (scenario.tables !== undefined) {
    execute(scenario.tables);
    fill(store, 'CUSTOMERS', keys, (i) => [i, `{"NAME":"Customer ${i}","CITY":"City ${i % 100}"}`]);
  }
  const date = (i: number) => new Date(FIRST_TIME + (i % HOUR)).toISOString().slice(0, 23);
  fill(store, 'PAYMENTS', records, (i) => [
    // Consecutive payments belong to different customers, and each customer recurs.
    (i * 7_919) % keys,
    `{"ID":${i},"AMOUNT":${1 + (i % 99_999)}.25,"CHANNEL":"bank_trf","PAID":"${date(i)}"}`,
  ]);
  const readSeconds = visit(store, 'PAYMENTS', () => {});
  const parseSeconds = visit(store, 'PAYMENTS', (value) => JSON.parse(value.toString('utf8')) as unknown);
  collect();
  const heapBefore = process.memoryUsage().heapUsed;
  const cpuBefore = process.cpuUsage();
  const started = performance.now();
  execute(scenario.query);
  await engine.settled();
  const seconds = (performance.now() - started) / 1_000;
  const cpu = process.cpuUsage(cpuBefore);
  collect();
  const heap = process.memoryUsage().heapUsed - heapBefore;
  const logs = store.topics().flatMap((topic) => topic.partitions);
  for (const { state, error } of engine.queries()) {
    if (state !== 'RUNNING') throw new Error(`The query stopped: ${error?.message}`);
  }
  await engine.close();
  return {
    records,
    seconds,
    cpuSeconds: (cpu.user + cpu.system) / 1e6,
    readSeconds,
    parseSeconds,
    logMb: logs.reduce((sum, log) => sum + log.size, 0) / 1e6,
    heapMb: heap / 1e6,
    peakMb: process.resourceUsage().maxRSS / 1024,
  };
}

function fill(store: LogStore, topic: string, count: number, make: (i: number) => readonly [number, string]) {
  for (let from = 0; from < count; from += BATCH) {
    const byPartition: RecordToEncode[][] = Array.from({ length: PARTITIONS }, () => []);
    for (let i = from; i < Math.min(count, from + BATCH); i++) {
      const [id, text] = make(i);
      const key = Buffer.alloc(8);
      key.writeBigInt64BE(BigInt(id));
      const timestamp = FIRST_TIME + Math.floor((i / count) * HOUR);
      byPartition[partitionFor(key, PARTITIONS)]!.push({ key, value: Buffer.from(text), timestamp });
    }
    byPartition.forEach((list, partition) => {
      if (list.length > 0) store.appendAtomically([{ topic, partition, batch: encodeBatch(list) }]);
    });
  }
}

/** Measures the CPU seconds to iterate over a topic's values. */
function visit(store: LogStore, topic: string, see: (value: Buffer) => void): number {
  const before = process.cpuUsage();
  for (const log of store.topic(topic)!.partitions) {
    for (let offset = log.startOffset; offset < log.endOffset; ) {
      for (const batch of batches(log.read(offset, 256 * 1024))) {
        offset = batch.nextOffset;
        batch.forEachRecord((_offset, _time, _key, value) => see(value!));
      }
    }
  }
  const cpu = process.cpuUsage(before);
  return (cpu.user + cpu.system) / 1e6;
}

function collect(): void {
  (globalThis as { gc?: () => void }).gc?.();
}
