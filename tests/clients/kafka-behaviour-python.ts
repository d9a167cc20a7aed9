import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasTool, run, type Target, unique } from './kafka-support.js';

const python = process.env.PAYSTREAM_TEST_PYTHON ?? '/usr/bin/python3';

/** What kafka-python wants of a broker; skipped where it is not installed. */
export function behavesForPython(start: () => Promise<Target>): void {
  describe.skipIf(!hasTool(python, ['-c', 'import kafka']))('kafka-python', () => {
    let target: Target;
    beforeAll(async () => {
      target = await start();
    });
    afterAll(async () => {
      await target?.stop();
    });

    it('administers topics, produces, consumes in a group and reads offsets', async () => {
      const topic = unique('python');
      const script = `
import json, sys
from kafka import KafkaProducer, KafkaConsumer, KafkaAdminClient, TopicPartition
from kafka.admin import NewTopic, ConfigResource, ConfigResourceType
brokers, topic = sys.argv[1], sys.argv[2]
admin = KafkaAdminClient(bootstrap_servers=brokers)
admin.create_topics([NewTopic(topic, 2, 1, topic_configs={'retention.ms': '1000000'})])
producer = KafkaProducer(bootstrap_servers=brokers, acks='all', compression_type='gzip', linger_ms=5)
for i in range(500):
    producer.send(topic, key=b'k%d' % i, value=b'v%d' % i, headers=[('n', b'%d' % i)])
producer.flush()
consumer = KafkaConsumer(topic, bootstrap_servers=brokers, group_id=topic, auto_offset_reset='earliest',
                         consumer_timeout_ms=20000, enable_auto_commit=False)
values = []
for message in consumer:
    values.append(message.value.decode())
    if len(values) == 500:
        break
consumer.commit()
committed = sum(consumer.committed(TopicPartition(topic, p)) or 0 for p in (0, 1))
ends = sum(consumer.end_offsets([TopicPartition(topic, p) for p in (0, 1)]).values())
consumer.close()
groups = [g[0] for g in admin.list_consumer_groups()]
print(json.dumps({'values': values, 'committed': committed, 'ends': ends,
                  'topics': topic in admin.list_topics(), 'group': topic in groups}))
admin.delete_topics([topic])
`;
      const result = JSON.parse(await run(python, ['-c', script, target.brokers, topic])) as Record<
        string,
        unknown
      >;
      expect(new Set(result.values as string[])).toEqual(
        new Set(Array.from({ length: 500 }, (_, i) => `v${i}`)),
      );
      expect(result).toMatchObject({ committed: 500, ends: 500, topics: true, group: true });
    });
  });
}
