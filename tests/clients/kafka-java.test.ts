import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe } from 'vitest';
import { KAFKA_VERSIONS } from '../../scripts/java-clients.js';
import { behavesForJava, javaIsHere } from './kafka-behaviour-java.js';
import { startTarget, type Target } from './kafka-support.js';

const isHere = await javaIsHere();

/** With its data on disk, as `paystream dev` has it. */
async function start(): Promise<Target> {
  const dataDir = mkdtempSync(join(tmpdir(), 'kafka-java-data-'));
  const target = await startTarget({ dataDir });
  return {
    ...target,
    stop: async () => {
      await target.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

describe.skipIf(!isHere).each(KAFKA_VERSIONS)('the Java clients %s', (version) => {
  behavesForJava(start, version);
});
