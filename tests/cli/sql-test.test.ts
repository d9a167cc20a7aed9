import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { cli, folderOf, startCli, writeFiles } from '../support/cli.js';

const ROOT = resolve(import.meta.dirname, '../..');

const MIGRATION = `CREATE STREAM S (ID STRING KEY, V BIGINT, D DECIMAL(5, 2)) WITH (KAFKA_TOPIC='S', PARTITIONS=3, VALUE_FORMAT='JSON');
CREATE STREAM BIG WITH (KAFKA_TOPIC='BIG') AS SELECT ID, V, D FROM S WHERE V > 10 EMIT CHANGES;
`;

const folder = (tests: string) =>
  folderOf({ 'ksql/migrations/V000001__s.sql': MIGRATION, 'ksql/tests/s.sql': tests });
const run = (cwd: string, ...args: string[]) => cli(['test', ...args], { cwd });

describe('paystream test', () => {
  it("passes the pipeline's own tests, each on a fresh cluster", async () => {
    const all = await cli(['test', '--json'], { cwd: ROOT });
    expect(all.code).toBe(0);
    const report = JSON.parse(all.stdout) as { passed: number; failed: number };
    expect(report.failed).toBe(0);
    expect(report.passed).toBeGreaterThanOrEqual(20);
  });

  it("reads each channel's dates in the time zone that its migration defines", async () => {
    const migrations = resolve(ROOT, 'ksql/migrations');
    const files = Object.fromEntries(
      readdirSync(migrations).map((name) => [
        `ksql/migrations/${name}`,
        readFileSync(join(migrations, name), 'utf8')
          .replace("DEFINE cc_time_zone = 'UTC'", "DEFINE cc_time_zone = 'Asia/Jakarta'")
          .replace("DEFINE bank_time_zone = 'UTC'", "DEFINE bank_time_zone = 'America/New_York'"),
      ]),
    );
    const cwd = folderOf({
      ...files,
      'ksql/tests/zone.sql': `--@test: Jakarta is seven hours ahead of UTC
INSERT INTO CC_PAYMENT (ROWTIME, \`trxId\`, \`trxAmount\`, \`customerId\`, \`trxDate\`) VALUES (1795132800000, 1, 1, 7, '2026-11-20T06:30:00');
INSERT INTO BANK_TRANSFER_PAYMENT (ROWTIME, \`trxId\`, \`trxAmount\`, \`customerId\`, \`trxDate\`) VALUES (1795132800001, 2, 1, 7, '2026-11-19T19:00:00');
ASSERT VALUES PAYMENT_OUTPUT (\`trxId\`, \`trxDate\`) VALUES (1, '2026-11-19T23:30:00.000');
ASSERT VALUES PAYMENT_OUTPUT (\`trxId\`, \`trxDate\`) VALUES (2, '2026-11-20T00:00:00.000');

--@test: the future begins in the zone of the channel
INSERT INTO CC_PAYMENT (ROWTIME, \`trxId\`, \`trxAmount\`, \`customerId\`, \`trxDate\`) VALUES (1795132800000, 1, 1, 7, '2026-11-20T07:15:00');
INSERT INTO CC_PAYMENT (ROWTIME, \`trxId\`, \`trxAmount\`, \`customerId\`, \`trxDate\`) VALUES (1795132800000, 2, 1, 7, '2026-11-20T07:15:00.001');
ASSERT VALUES PAYMENT_REJECTED (\`trxId\`, \`reason\`) VALUES (2, 'trxDate is in the future');
ASSERT VALUES PAYMENT_TRX_AGGR (CUSTOMER_ID) VALUES (7);
`,
    });
    const ran = await run(cwd);
    expect(ran.stdout + ran.stderr).toContain('2 passed, 0 failed');
  });

  it('shows the line, expected and actual side by side, and writes a JUnit report', async () => {
    const cwd = folder(`--@test: big ones pass
INSERT INTO S (ID, V, D) VALUES ('a', 11, 1.5);
ASSERT VALUES BIG (ID, V, D) VALUES ('a', 11, 1.50);

--@test: wrong < expectation
INSERT INTO S (ID, V, D) VALUES ('a', 12, 1.5);
ASSERT VALUES BIG (ID, V, D)
  VALUES ('a', 13, 1.50);
`);
    const failed = await run(cwd, '--junit', 'out.xml');
    expect(failed.code).toBe(1);
    expect(failed.stdout).toContain('✓ big ones pass');
    expect(failed.stdout).toContain('ksql/tests/s.sql:7: Expected record does not match actual in V.');
    expect(failed.stdout).toMatch(/≠ +V +13 +12/);
    expect(failed.stderr).toContain('1 passed, 1 failed');
    const xml = readFileSync(join(cwd, 'out.xml'), 'utf8');
    expect(xml).toContain('tests="2" failures="1"');
    expect(xml).toContain('name="wrong &lt; expectation"');
    expect(xml).toContain('V: expected 13, actual 12');
  });

  it('reads records of all partitions in the order they were written', async () => {
    const inserts = ['a', 'b', 'c', 'd', 'e', 'f'].map(
      (id, i) => `INSERT INTO S (ID, V) VALUES ('${id}', ${i + 20});`,
    );
    const asserts = ['a', 'b', 'c', 'd', 'e', 'f'].map(
      (id, i) => `ASSERT VALUES BIG (ID, V) VALUES ('${id}', ${i + 20});`,
    );
    const cwd = folder(['--@test: in order', ...inserts, ...asserts].join('\n'));
    expect((await run(cwd)).code).toBe(0);
  });

  it('asserts errors, messages, tombstones, streams, and the absence of records', async () => {
    const cwd = folder(`--@test: a record too few
--@expected.error: java.lang.AssertionError
--@expected.message: Expected another record
ASSERT VALUES BIG (ID) VALUES ('a');

--@test: an unknown column
--@expected.error: io.confluent.ksql.util.KsqlException
--@expected.message: cannot be resolved
CREATE STREAM X AS SELECT NOPE FROM S;

--@test: a syntax error
--@expected.error: io.confluent.ksql.parser.exception.ParseFailedException
CREATE STREM X;

--@test: a table's tombstone
CREATE TABLE T (ID STRING PRIMARY KEY, V BIGINT) WITH (KAFKA_TOPIC='T', PARTITIONS=1, VALUE_FORMAT='JSON');
CREATE TABLE OVER AS SELECT ID, V FROM T WHERE V > 1;
INSERT INTO T (ID, V) VALUES ('a', 5);
INSERT INTO T (ID, V) VALUES ('a', 0);
ASSERT VALUES OVER (ID, V) VALUES ('a', 5);
ASSERT NULL VALUES OVER (ID) KEY ('a');

--@test: a stream's definition
ASSERT STREAM S (ID STRING KEY, V BIGINT, D DECIMAL(5, 2)) WITH (KAFKA_TOPIC='S', VALUE_FORMAT='JSON');

--@test: nothing went wrong although it should
--@expected.error: java.lang.AssertionError
INSERT INTO S (ID) VALUES ('a');
`);
    const result = await run(cwd, '--json');
    expect(result.code).toBe(1);
    const { tests } = JSON.parse(result.stdout) as { tests: { name: string; passed: boolean }[] };
    expect(tests.filter(({ passed }) => !passed).map(({ name }) => name)).toEqual([
      'nothing went wrong although it should',
    ]);
    expect((await run(cwd, '--filter', 'TOMBSTONE')).stderr).toContain('1 passed, 0 failed');
    expect((await run(cwd, '--filter', 'no such')).code).toBe(2);
  });

  it('creates the topics that the migrations expect to exist', async () => {
    const cwd = folderOf({
      'ksql/migrations/V000001__s.sql': `ASSERT TOPIC 'theirs' WITH (PARTITIONS=3);
CREATE STREAM S (ID STRING KEY, V BIGINT) WITH (KAFKA_TOPIC='theirs', VALUE_FORMAT='JSON');
CREATE STREAM S2 (ID STRING KEY) WITH (KAFKA_TOPIC='others', VALUE_FORMAT='JSON');\n`,
      'ksql/tests/s.sql':
        "--@test: any\nINSERT INTO S (ID, V) VALUES ('a', 1);\nASSERT VALUES S (V) VALUES (1);\n",
    });
    expect(await run(cwd)).toMatchObject({ code: 0 });
  });

  it('runs again after a change', async () => {
    const sql = (v: number) =>
      `--@test: any\nINSERT INTO S (ID, V) VALUES ('a', ${v});\nASSERT VALUES S (V) VALUES (1);\n`;
    const cwd = folder(sql(2));
    const watching = startCli(['test', '--watch'], { cwd });
    let seen = '';
    watching.child.stderr?.on('data', (text: string) => {
      seen += text;
    });
    const shows = async (text: string) => {
      while (!seen.includes(text)) await sleep(20);
    };
    await shows('0 passed, 1 failed');
    await shows('Waiting for a change');
    writeFiles(cwd, { 'ksql/tests/s.sql': sql(1) });
    await shows('1 passed, 0 failed');
    watching.child.kill('SIGINT');
    expect((await watching.ended).code).toBe(0);
  });

  it('names the migration that fails', async () => {
    const cwd = folderOf({
      'ksql/migrations/V000001__s.sql': `${MIGRATION}CREATE STREAM X AS SELECT NOPE FROM S;\n`,
      'ksql/tests/s.sql': '--@test: any\nINSERT INTO S (ID) VALUES (1);\n',
    });
    const failed = await run(cwd);
    expect(failed.code).toBe(1);
    expect(failed.stderr).toContain('V000001__s.sql:3');
  });
});
