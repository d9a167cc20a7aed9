import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTopic, eventually, hasTool, kafka, run, type Target, unique } from './kafka-support.js';

/** What kcat, that is librdkafka, wants of a broker; skipped where it is not installed. */
export function behavesForKcat(start: () => Promise<Target>): void {
  describe.skipIf(!hasTool('kcat', ['-V']))('kcat', () => {
    let target: Target;
    beforeAll(async () => {
      target = await start();
    });
    afterAll(async () => {
      await target?.stop();
    });
    const kcat = (args: readonly string[], input?: string) =>
      run('kcat', ['-b', target.brokers, ...args], input);
    const newTopic = async () => {
      const topic = unique('kcat');
      await createTopic(target.brokers, topic, 3);
      return topic;
    };
    const lines = (text: string) => text.split('\n').filter((line) => line !== '');
    const numbers = (count: number) => Array.from({ length: count }, (_, i) => String(i));

    it('lists brokers, topics and partitions', async () => {
      const topic = await newTopic();
      await kcat(['-P', '-t', topic], 'x\n');
      const listed = await kcat(['-L', '-J']);
      const { brokers, topics } = JSON.parse(listed) as {
        brokers: { name: string }[];
        topics: { topic: string; partitions: { leader: number }[] }[];
      };
      expect(brokers.length).toBeGreaterThan(0);
      expect(topics.find((found) => found.topic === topic)!.partitions.length).toBeGreaterThan(0);
    });

    for (const codec of ['none', 'gzip', 'snappy', 'lz4', 'zstd']) {
      it(`produces with ${codec} and reads the same back, whole and from the middle of a batch`, async () => {
        const topic = await newTopic();
        const values = numbers(2000).map((n) => `value ${n} ${'z'.repeat(Number(n) % 90)}`);
        await kcat(
          ['-P', '-t', topic, '-p', '0', '-z', codec, '-K', '\t'],
          values.map((value, i) => `key ${i}\t${value}\n`).join(''),
        );
        const read = await kcat(['-C', '-t', topic, '-p', '0', '-e', '-q', '-f', '%o %k %s\n']);
        expect(lines(read)).toEqual(values.map((value, i) => `${i} key ${i} ${value}`));
        const middle = await kcat([
          '-C',
          '-t',
          topic,
          '-p',
          '0',
          '-o',
          '1234',
          '-c',
          '2',
          '-q',
          '-f',
          '%o\n',
        ]);
        expect(lines(middle)).toEqual(['1234', '1235']);
      });
    }

    it('produces idempotently, with headers', async () => {
      const topic = await newTopic();
      await kcat(
        ['-P', '-t', topic, '-p', '0', '-H', 'kind=test', '-X', 'enable.idempotence=true'],
        numbers(1000).join('\n'),
      );
      const read = lines(await kcat(['-C', '-t', topic, '-p', '0', '-e', '-q', '-f', '%s %h\n']));
      expect(read).toEqual(numbers(1000).map((n) => `${n} kind=test`));
    });

    it('consumes in a group, which goes on where it stopped', async () => {
      const topic = await newTopic();
      const group = unique('group');
      await kcat(['-P', '-t', topic], numbers(300).join('\n'));
      const consume = (count: number) =>
        kcat(['-G', group, '-X', 'auto.offset.reset=earliest', '-c', String(count), '-q', topic]);
      const first = lines(await consume(300));
      expect(first.map(Number).sort((a, b) => a - b)).toEqual(numbers(300).map(Number));
      await kcat(['-P', '-t', topic], 'one more');
      expect(lines(await consume(1))).toEqual(['one more']);
    });

    it('sees committed records only, unless it asks for the others', async () => {
      const topic = await newTopic();
      const producer = kafka(target.brokers).producer({
        transactionalId: topic,
        idempotent: true,
        maxInFlightRequests: 1,
      });
      await producer.connect();
      for (const outcome of ['commit', 'abort', 'commit', 'abort'] as const) {
        const transaction = await producer.transaction();
        await transaction.send({ topic, messages: [{ value: outcome, partition: 0 }] });
        await transaction[outcome]();
      }
      await producer.disconnect();
      const read = async (level: string) =>
        lines(await kcat(['-C', '-t', topic, '-p', '0', '-e', '-q', '-X', `isolation.level=${level}`]));
      expect(await eventually(async () => (await read('read_committed')).join())).toBe('commit,commit');
      expect(await read('read_uncommitted')).toEqual(['commit', 'abort', 'commit', 'abort']);
    });

    it('finds offsets by time', async () => {
      const topic = await newTopic();
      await kcat(['-P', '-t', topic, '-p', '0'], 'old\n');
      await new Promise((resolve) => setTimeout(resolve, 20));
      const now = Date.now();
      await kcat(['-P', '-t', topic, '-p', '0'], 'new\n');
      expect(await eventually(() => kcat(['-Q', '-t', `${topic}:0:${now}`]))).toContain('offset 1');
      expect(await kcat(['-C', '-t', topic, '-p', '0', '-o', `s@${now}`, '-e', '-q'])).toBe('new\n');
    });
  });
}
