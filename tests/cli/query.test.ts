import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Bench, openBench } from '../migrations/support.js';
import { cli, folderOf, startCli } from '../support/cli.js';

describe('paystream query', () => {
  let bench: Bench;
  let env: Record<string, string>;

  beforeAll(async () => {
    bench = await openBench();
    env = { PAYSTREAM_KSQLDB_URL: bench.cluster.ksqldbUrl };
    await bench.client.executeAndWait(
      `CREATE STREAM S (ID BIGINT KEY, AMOUNT DECIMAL(19, 4), NOTE STRING, TAGS ARRAY<DECIMAL(3,1)>)
         WITH (KAFKA_TOPIC='S', PARTITIONS=1, VALUE_FORMAT='JSON');
       SET 'auto.offset.reset' = 'earliest';
       CREATE TABLE T AS SELECT ID, COUNT(*) AS N, LATEST_BY_OFFSET(AMOUNT) AS AMOUNT FROM S GROUP BY ID;
       INSERT INTO S (ID, AMOUNT, NOTE, TAGS) VALUES (9223372036854775807, 123456789012345.6789, 'a "b", c', ARRAY[1.5, 2.0]);
       INSERT INTO S (ID, AMOUNT) VALUES (2, 0.5);`,
    );
  });
  afterAll(() => bench.stop());

  const query = (...args: string[]) => cli(['query', ...args], { env });
  const pulled = 'SELECT ID, AMOUNT, NOTE, TAGS FROM S;';

  it('writes ids and amounts with all digits, as JSON, CSV and a table', async () => {
    expect(await query(pulled, '-o', 'json')).toEqual({
      code: 0,
      stderr: '',
      stdout: `{"ID":9223372036854775807,"AMOUNT":123456789012345.6789,"NOTE":"a \\"b\\", c","TAGS":[1.5,2.0]}
{"ID":2,"AMOUNT":0.5000,"NOTE":null,"TAGS":null}\n`,
    });
    expect((await query(pulled, '--output', 'csv')).stdout).toBe(
      `ID,AMOUNT,NOTE,TAGS\n9223372036854775807,123456789012345.6789,"a ""b"", c","[1.5,2.0]"\n2,0.5000,,\n`,
    );
    expect((await query(pulled)).stdout.split('\n')).toEqual([
      '                 ID                AMOUNT  NOTE      TAGS',
      '9223372036854775807  123456789012345.6789  a "b", c  [1.5,2.0]',
      '                  2                0.5000  NULL      NULL',
      '',
    ]);
  });

  it('reads statements from stdin or a file, and applies SET and DEFINE to those that follow', async () => {
    const sql = `DEFINE who = '2';\nSET 'auto.offset.reset' = 'earliest';
SELECT ID, AMOUNT FROM S WHERE ID = \${who} EMIT CHANGES LIMIT 1; -- the end`;
    const wanted = { code: 0, stderr: '', stdout: '{"ID":2,"AMOUNT":0.5000}\n' };
    expect(await cli(['query', '-', '--json'], { env, input: sql })).toEqual(wanted);
    const cwd = folderOf({ 'report.sql': sql });
    expect(await cli(['query', 'report.sql', '--json'], { env, cwd })).toEqual(wanted);
    expect(await cli(['query', '--file', 'report.sql', '--json'], { env, cwd })).toEqual(wanted);
  });

  it('runs every other statement', async () => {
    const described = await query('DESCRIBE S; LIST STREAMS;');
    expect(described.stdout).toMatch(/TAGS +ARRAY<DECIMAL\(3, 1\)>/);
    expect(described.stdout).toMatch(/S +STREAM +S +KAFKA +JSON/);
    expect((await query('CREATE TYPE X AS STRUCT<A INT>;')).stdout).toContain('Registered custom type');
    expect((await query("PRINT 'S' FROM BEGINNING LIMIT 1;")).stdout).toContain('123456789012345.6789');
  });

  it('marks the position of an error, and exits with 1', async () => {
    const failed = await query('LIST STREAMS;\n  SELECT ID, NOPE\n  FROM S EMIT CHANGES;');
    expect(failed.code).toBe(1);
    expect(failed.stderr).toContain("'NOPE' cannot be resolved");
    expect(failed.stderr).toContain('      SELECT ID, NOPE\n                 ^');
  });

  it('ends a push query on the server on Ctrl-C', async () => {
    const running = startCli(['query', 'SELECT ID FROM S EMIT CHANGES;', '--from-beginning', '--json'], {
      env,
    });
    const pushQueries = async () =>
      (await bench.client.queries()).filter(({ queryType }) => queryType === 'PUSH').length;
    let seen = '';
    running.child.stdout?.on('data', (text: string) => {
      seen += text;
    });
    while (!seen.includes('"ID":2')) await sleep(20);
    expect(await pushQueries()).toBe(1);
    running.child.kill('SIGINT');
    const ended = await running.ended;
    expect(ended).toMatchObject({ code: 130, stderr: '' });
    while ((await pushQueries()) > 0) await sleep(20);
  });

  it('accepts several lines at the prompt, and continues after an error', async () => {
    const run = await cli(['query', '--output', 'csv'], {
      env: { ...env, HOME: folderOf({}) },
      input: 'SELECT N FROM T\n WHERE ID = 2;\nSELECT * FROM NOPE;\nLIST TYPES;\n',
    });
    expect(run.stdout).toContain('N\n1\n');
    expect(run.stderr).toContain('NOPE');
  });
});
