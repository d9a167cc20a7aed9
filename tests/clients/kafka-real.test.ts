/** The same behaviours, seen by the same clients, on a real Kafka: what these suites demand is Kafka's own. */
import { afterAll, beforeAll, describe } from 'vitest';
import { KAFKA_VERSIONS } from '../../scripts/java-clients.js';
import { type RealKafka, startRealKafka } from '../../scripts/real-kafka.js';
import { behavesForJava, javaIsHere } from './kafka-behaviour-java.js';
import { behavesForKafkajs } from './kafka-behaviour-kafkajs.js';
import { behavesForKcat } from './kafka-behaviour-kcat.js';
import { behavesForPython } from './kafka-behaviour-python.js';
import type { Target } from './kafka-support.js';

const isHere = await javaIsHere();

describe.skipIf(!isHere).each(KAFKA_VERSIONS)('Kafka %s', (version) => {
  let real: RealKafka;
  beforeAll(async () => {
    real = await startRealKafka({ version });
  }, 600_000);
  afterAll(async () => {
    await real?.stop();
  });
  const start = async (): Promise<Target> => ({
    brokers: real.brokers,
    isEmbedded: false,
    stop: async () => {},
  });

  describe('kafkajs', () => behavesForKafkajs(start));
  behavesForKcat(start);
  behavesForPython(start);
  describe(`the Java clients ${version}`, () => behavesForJava(start, version));
});
