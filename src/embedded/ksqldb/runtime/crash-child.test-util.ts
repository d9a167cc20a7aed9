/** The child process of crash.test.ts: writes numbered records and lets queries process them until it is killed. */
import { EngineUnderTest } from './engine.test-util.js';

export const crashSql = `
  CREATE STREAM CLICKS (USER STRING KEY, N INT) WITH (KAFKA_TOPIC='clicks', PARTITIONS=2, VALUE_FORMAT='JSON');
  CREATE STREAM COPY AS SELECT USER, N FROM CLICKS;
  CREATE TABLE COUNTS AS SELECT USER, COUNT(*) AS C, SUM(N) AS S FROM CLICKS GROUP BY USER;
  CREATE TABLE WINDOWS AS SELECT USER, COUNT(*) AS C FROM CLICKS WINDOW TUMBLING (SIZE 1 SECOND, RETENTION 1000 DAYS) GROUP BY USER;
  CREATE STREAM PAIRS AS SELECT A.USER AS USER, A.N AS N, B.N AS M FROM CLICKS A JOIN COPY B WITHIN 0 SECONDS ON A.USER = B.USER;`;

function main(dataDir: string): void {
  const e = new EngineUnderTest(dataDir);
  if (e.engine.catalog.source('PAIRS') === undefined) e.run(crashSql);
  let n = e.read('clicks').length;
  const work = (): void => {
    for (let i = 0; i < 50; i++, n++) e.write('clicks', `u${n % 7}`, { n }, n);
    setImmediate(work);
  };
  work();
  process.send?.('started');
}

if (process.argv[2] === 'run') main(process.argv[3]!);
