import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  compileJava,
  hasJava,
  JAVA_CLIENT_ARTIFACTS,
  type JavaRunner,
  JVM_ARGUMENTS,
  kafkaClassPath,
  startJavaRunner,
} from '../../scripts/java-clients.js';
import { createTopic, eventually, kafka, type Target, unique } from './kafka-support.js';

/** Is there a JDK and Maven? If PAYSTREAM_REQUIRE_TOOLS=1 missing ones are an error, else their tests are skipped. */
export async function javaIsHere(): Promise<boolean> {
  const isHere = await hasJava();
  if (!isHere && process.env.PAYSTREAM_REQUIRE_TOOLS === '1') {
    throw new Error('a JDK or Maven is missing, and PAYSTREAM_REQUIRE_TOOLS=1 demands them');
  }
  if (!isHere) console.warn('A JDK or Maven is not installed: the tests of Java clients are skipped');
  return isHere;
}

/** The tools that bin/kafka-*.sh start, by version: some moved out of the broker's own jar. */
function toolClasses(version: string) {
  const isOld = version.startsWith('3.');
  return {
    topics: 'org.apache.kafka.tools.TopicCommand',
    producer: isOld ? 'kafka.tools.ConsoleProducer' : 'org.apache.kafka.tools.ConsoleProducer',
    consumer: 'org.apache.kafka.tools.consumer.ConsoleConsumer',
    groups: 'org.apache.kafka.tools.consumer.group.ConsumerGroupCommand',
    configs: 'kafka.admin.ConfigCommand',
    deleteRecords: 'org.apache.kafka.tools.DeleteRecordsCommand',
    offsets: 'org.apache.kafka.tools.GetOffsetShell',
    transactions: 'org.apache.kafka.tools.TransactionsCommand',
    logDirs: 'org.apache.kafka.tools.LogDirsCommand',
    apiVersions: isOld
      ? 'kafka.admin.BrokerApiVersionsCommand'
      : 'org.apache.kafka.tools.BrokerApiVersionsCommand',
    performance: 'org.apache.kafka.tools.ProducerPerformance',
  };
}

type Tool = keyof ReturnType<typeof toolClasses>;

/** The checks in tests/clients/java/ClientChecks.java. */
const checks = [
  'admin-groups',
  'admin-offsets',
  'admin-topics',
  'admin-transactions',
  'assignors',
  'codecs',
  'cooperative',
  'idempotent',
  'limits',
  'positions',
  'static-members',
  'transactional-fencing',
  'transactional-offsets',
  'transactional-visibility',
];

const lines = (text: string) => text.split('\n').filter((line) => line.trim() !== '');
const words = (line: string | undefined) => (line ?? '').trim().split(/\s+/);

/** What Kafka's own clients, console tools and Streams, in one version of them, want of a broker. */
export function behavesForJava(start: () => Promise<Target>, version: string): void {
  const folder = mkdtempSync(join(tmpdir(), 'kafka-java-'));
  const tools = toolClasses(version);
  const [readerProperty, formatterProperty] = version.startsWith('3.')
    ? ['--property', '--property']
    : ['--reader-property', '--formatter-property'];
  let target: Target;
  let classPath: string;
  let java: JavaRunner;

  beforeAll(async () => {
    target = await start();
    const jars = await kafkaClassPath(version, JAVA_CLIENT_ARTIFACTS);
    const sources = join(import.meta.dirname, 'java');
    const files = readdirSync(sources).map((name) => join(sources, name));
    await compileJava(files, jars, folder);
    classPath = `${folder}:${jars}`;
    java = startJavaRunner(classPath);
  }, 600_000);

  afterAll(async () => {
    java?.stop();
    await target?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const tool = async (name: Tool, args: readonly string[], input = '') => {
    const result = await java.run(tools[name], ['--bootstrap-server', target.brokers, ...args], input);
    if (result.status !== 0) throw new Error(`${name} ${args.join(' ')}: ${result.output}${result.errors}`);
    return result.output;
  };
  const newTopic = async (partitions: number) => {
    const topic = unique('java');
    await createTopic(target.brokers, topic, partitions);
    return topic;
  };

  describe('the producer, the consumer and the admin client', () => {
    let results: string[];
    beforeAll(async () => {
      const { output, errors } = await java.run('paystream.ClientChecks', [target.brokers, unique('checks')]);
      results = output.split(/^(?=ok |failed )/m);
      if (results.length < checks.length) throw new Error(output + errors);
    }, 300_000);

    it.each(checks)('%s', (name) => {
      const result = results.find((found) => found.split(/\s/)[1] === name);
      expect(result).toMatch(/^ok /);
    });
  });

  describe('the console tools', () => {
    it('kafka-topics creates, lists, describes, grows and deletes topics', async () => {
      const topic = unique('tool');
      await tool('topics', [
        ...['--create', '--topic', topic, '--partitions', '2', '--replication-factor', '1'],
        ...['--config', 'retention.ms=1234567'],
      ]);
      await eventually(async () => lines(await tool('topics', ['--list'])).includes(topic));
      const described = await tool('topics', ['--describe', '--topic', topic]);
      expect(described).toMatch(/PartitionCount: 2\s+ReplicationFactor: 1\s+Configs: .*retention.ms=1234567/);
      await tool('topics', ['--alter', '--topic', topic, '--partitions', '4']);
      const grown = await eventually(async () => {
        const text = await tool('topics', ['--describe', '--topic', topic]);
        return text.includes('PartitionCount: 4') ? text : undefined;
      });
      expect(grown).toMatch(/Partition: 3\s+Leader: 1\s+Replicas: 1\s+Isr: 1/);
      await expect(tool('topics', ['--create', '--topic', topic])).rejects.toThrow('already exists');
      await tool('topics', ['--delete', '--topic', topic]);
      await eventually(async () => !lines(await tool('topics', ['--list'])).includes(topic));
    });

    it('kafka-console-producer and kafka-console-consumer take and give records with keys', async () => {
      const topic = await newTopic(1);
      const input = Array.from({ length: 200 }, (_, i) => `k${i}:v${i}`);
      await tool(
        'producer',
        [
          ...['--topic', topic, readerProperty, 'parse.key=true', readerProperty, 'key.separator=:'],
          ...['--compression-codec', 'zstd'],
        ],
        `${input.join('\n')}\n`,
      );
      const output = await tool('consumer', [
        ...['--topic', topic, '--from-beginning', '--max-messages', '200', '--timeout-ms', '20000'],
        ...[formatterProperty, 'print.key=true', formatterProperty, 'key.separator=:'],
      ]);
      expect(lines(output)).toEqual(input);
    });

    it('kafka-consumer-groups lists, describes, resets and deletes groups', async () => {
      const topic = await newTopic(2);
      const group = unique('tool-group');
      await tool('producer', ['--topic', topic], 'a\nb\nc\nd\n');
      const consume = (count: number) =>
        tool('consumer', [
          ...['--topic', topic, '--group', group, '--from-beginning', '--timeout-ms', '20000'],
          ...['--max-messages', String(count)],
        ]);
      expect(lines(await consume(4)).sort()).toEqual(['a', 'b', 'c', 'd']);
      expect(lines(await tool('groups', ['--list']))).toContain(group);
      const offsets = async () => {
        const text = await tool('groups', ['--describe', '--group', group]);
        const rows = lines(text).map(words);
        const header = rows.find((row) => row[0] === 'GROUP')!;
        return rows
          .filter((row) => row[1] === topic)
          .map((row) => ({
            current: Number(row[header.indexOf('CURRENT-OFFSET')]),
            end: Number(row[header.indexOf('LOG-END-OFFSET')]),
            lag: Number(row[header.indexOf('LAG')]),
          }));
      };
      const sum = (numbers: number[]) => numbers.reduce((a, b) => a + b, 0);
      const found = await offsets();
      expect(found).toHaveLength(2);
      expect(sum(found.map(({ current }) => current))).toBe(4);
      expect(sum(found.map(({ lag }) => lag))).toBe(0);
      expect(await tool('groups', ['--describe', '--group', group, '--state'])).toContain('Empty');
      const reset = ['--reset-offsets', '--group', group, '--topic', topic, '--to-earliest'];
      await tool('groups', [...reset, '--execute']);
      expect(sum((await offsets()).map(({ lag }) => lag))).toBe(4);
      expect(lines(await consume(4)).sort()).toEqual(['a', 'b', 'c', 'd']);
      await tool('groups', ['--delete-offsets', '--group', group, '--topic', topic]);
      await tool('groups', ['--delete', '--group', group]);
      expect(lines(await tool('groups', ['--list']))).not.toContain(group);
    });

    it('kafka-configs describes and alters configs of topics and brokers', async () => {
      const topic = await newTopic(1);
      const entity = ['--entity-type', 'topics', '--entity-name', topic];
      await tool('configs', [
        '--alter',
        ...entity,
        '--add-config',
        'retention.ms=7777,cleanup.policy=compact',
      ]);
      const described = await eventually(async () => {
        const text = await tool('configs', ['--describe', ...entity]);
        return text.includes('retention.ms=7777') ? text : undefined;
      });
      expect(described).toContain('cleanup.policy=compact');
      await tool('configs', ['--alter', ...entity, '--delete-config', 'retention.ms']);
      await eventually(
        async () => !(await tool('configs', ['--describe', ...entity])).includes('retention.ms='),
      );
      expect(await tool('configs', ['--describe', ...entity, '--all'])).toContain('retention.ms=604800000');
      const broker = ['--entity-type', 'brokers', '--entity-name', '1', '--all'];
      expect(await tool('configs', ['--describe', ...broker])).toContain('auto.create.topics.enable=');
    });

    it('kafka-get-offsets and kafka-delete-records see and cut the log', async () => {
      const topic = await newTopic(1);
      await tool('producer', ['--topic', topic], 'a\nb\nc\nd\ne\n');
      const offset = async (time: string) =>
        (await tool('offsets', ['--topic', topic, '--time', time])).trim();
      expect(await offset('-1')).toBe(`${topic}:0:5`);
      expect(await offset('-2')).toBe(`${topic}:0:0`);
      const file = join(folder, 'delete.json');
      writeFileSync(file, JSON.stringify({ version: 1, partitions: [{ topic, partition: 0, offset: 3 }] }));
      expect(await tool('deleteRecords', ['--offset-json-file', file])).toContain('low_watermark: 3');
      expect(await offset('-2')).toBe(`${topic}:0:3`);
      const left = await tool('consumer', [
        ...['--topic', topic, '--from-beginning', '--max-messages', '2', '--timeout-ms', '20000'],
      ]);
      expect(lines(left)).toEqual(['d', 'e']);
    });

    it('kafka-transactions lists and describes transactions', async () => {
      const topic = await newTopic(1);
      const transactionalId = unique('tool-tx');
      const producer = kafka(target.brokers).producer({
        transactionalId,
        idempotent: true,
        maxInFlightRequests: 1,
      });
      await producer.connect();
      const transaction = await producer.transaction();
      await transaction.send({ topic, messages: [{ value: 'x' }] });
      const row = lines(await tool('transactions', ['list'])).find((line) => line.includes(transactionalId));
      expect(words(row)).toContain('Ongoing');
      const described = await tool('transactions', ['describe', '--transactional-id', transactionalId]);
      expect(described).toContain(`${topic}-0`);
      const producers = await tool('transactions', [
        'describe-producers',
        ...['--topic', topic, '--partition', '0'],
      ]);
      expect(lines(producers)).toHaveLength(2);
      await transaction.commit();
      await producer.disconnect();
    });

    it('kafka-log-dirs, kafka-broker-api-versions and kafka-producer-perf-test work', async () => {
      const topic = await newTopic(1);
      const dirs = await tool('logDirs', ['--describe', '--topic-list', topic]);
      expect(dirs).toContain(`"partition":"${topic}-0"`);
      const versions = await tool('apiVersions', []);
      expect(versions).toMatch(/Produce\(0\): .*usable: /);
      const { status, output, errors } = await java.run(tools.performance, [
        ...['--topic', topic, '--num-records', '5000', '--record-size', '100', '--throughput', '-1'],
        ...['--producer-props', `bootstrap.servers=${target.brokers}`, 'acks=all'],
      ]);
      expect(status, errors).toBe(0);
      expect(output).toContain('5000 records sent');
      expect((await tool('offsets', ['--topic', topic])).trim()).toBe(`${topic}:0:5000`);
    });
  });

  describe('Kafka Streams with exactly_once_v2', () => {
    const running = new Set<ChildProcess>();
    afterAll(() => {
      for (const child of running) child.kill('SIGKILL');
    });

    it('counts and sums every record once, killed with -9 in between and started again', async () => {
      const [input, output] = [await newTopic(2), await newTopic(2)];
      const application = unique('streams');
      const client = kafka(target.brokers);
      const state = mkdtempSync(join(folder, 'state-'));
      const startApplication = () => {
        const child = spawn(
          'java',
          [
            ...[...JVM_ARGUMENTS, '-cp', classPath, 'paystream.StreamsTotals'],
            ...[target.brokers, application, input, output, state],
          ],
          { stdio: ['pipe', 'ignore', 'ignore'] },
        );
        running.add(child);
        return child;
      };
      const sums = new Map<string, number>();
      let sent = 0;
      const producer = client.producer();
      const send = async (count: number) => {
        const messages = Array.from({ length: count }, () => {
          const [customer, amount] = [`customer-${sent % 7}`, (sent * 31) % 1000];
          sums.set(customer, (sums.get(customer) ?? 0) + amount);
          return { partition: sent++ % 2, value: `${customer} ${amount}` };
        });
        await producer.send({ topic: input, messages });
      };
      const totals = new Map<string, string[]>();
      let received = 0;
      const consumer = client.consumer({ groupId: unique('group'), maxWaitTimeInMs: 100 });
      await Promise.all([producer.connect(), consumer.connect()]);
      await consumer.subscribe({ topic: output, fromBeginning: true });
      await consumer.run({
        eachMessage: async ({ message }) => {
          const key = message.key!.toString();
          totals.set(key, [...(totals.get(key) ?? []), message.value!.toString()]);
          received++;
        },
      });

      await send(1000);
      const first = startApplication();
      await eventually(() => received > 100);
      for (let i = 0; i < 10; i++) await send(100);
      await eventually(() => received > 1100);
      const exited = once(first, 'exit');
      first.kill('SIGKILL');
      await exited;
      await send(500);
      const second = startApplication();
      await eventually(() => received >= sent);
      // What comes twice may come late.
      await send(7);
      await eventually(() => received >= sent);
      second.kill('SIGKILL');
      await Promise.all([producer.disconnect(), consumer.disconnect()]);

      for (const [customer, sum] of sums) {
        const found = totals.get(customer)!;
        expect(found.map((total) => Number(total.split(' ')[0]))).toEqual(found.map((_, i) => i + 1));
        expect(found.at(-1)).toBe(`${found.length} ${sum}`);
      }
      expect(received).toBe(sent);
      const admin = client.admin();
      await admin.connect();
      const internal = (await admin.listTopics()).filter((topic) => topic.startsWith(application));
      await admin.disconnect();
      expect(internal.sort()).toEqual([
        `${application}-by-customer-repartition`,
        `${application}-totals-changelog`,
      ]);
    }, 180_000);
  });
}
