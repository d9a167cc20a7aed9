import { describe } from 'vitest';
import { KAFKA_VERSIONS } from '../../scripts/java-clients.js';
import { behavesForJava, javaIsHere } from './kafka-behaviour-java.js';
import { startTarget } from './kafka-support.js';

const isHere = await javaIsHere();

describe.skipIf(!isHere).each(KAFKA_VERSIONS)('the Java clients %s', (version) => {
  behavesForJava(() => startTarget(), version);
});
