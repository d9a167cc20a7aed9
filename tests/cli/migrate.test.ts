import { createServer, type Server } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { KsqldbClient } from '../../src/ksqldb/ksqldb-client.js';
import { HistoryStore } from '../../src/migrations/history-store.js';
import { takeLock } from '../../src/migrations/migration-lock.js';
import { readServerObjects } from '../../src/migrations/server-objects.js';
import { confluentLatest, have, openBench, stream, THREE } from '../migrations/support.js';
import { cli, type DevServer, folderOf, startCli, startDevServer, writeFiles } from '../support/cli.js';

describe('paystream migrate', () => {
  let bench: Awaited<ReturnType<typeof openBench>>;
  let folder: string;
  let env: Record<string, string>;

  beforeEach(async () => {
    bench = await openBench();
    folder = folderOf(Object.fromEntries(Object.entries(THREE).map(([name, sql]) => [join('m', name), sql])));
    env = { PAYSTREAM_KSQLDB_URL: bench.cluster.ksqldbUrl };
    return () => bench.stop();
  });

  const migrate = (...args: string[]) => cli(['migrate', ...args, '--directory', 'm'], { cwd: folder, env });

  it('applies, reports on stderr only, and has nothing to do the second time', async () => {
    const first = await migrate();
    expect(first).toMatchObject({ code: 0, stdout: '' });
    expect(first.stderr).toContain('Migrated to version 3');
    const second = await migrate('--json');
    expect(second.code).toBe(0);
    expect(JSON.parse(second.stdout)).toEqual({ version: 3, applied: [], warnings: [] });
  });

  it('lets two concurrent runs share the work', async () => {
    const runs = await Promise.all([migrate('--json'), migrate('--json'), migrate('--json')]);
    expect(runs.map(({ code }) => code)).toEqual([0, 0, 0]);
    const applied = runs.flatMap(({ stdout }) =>
      (JSON.parse(stdout) as { applied: { version: number }[] }).applied.map(({ version }) => version),
    );
    expect(applied.sort()).toEqual([1, 2, 3]);
    expect(await confluentLatest(bench.client)).toBe('3');
    const history = await new HistoryStore(bench.client).read();
    expect([...history.values()].map(({ state }) => state)).toEqual(Array(4).fill('MIGRATED'));
  });

  it('exits with 4 and names the holder while another run holds the lock; unlock asks first', async () => {
    const lock = await takeLock(bench.client, { timeoutMs: 0 });
    const locked = await migrate('--lock-timeout', '0');
    expect(locked.code).toBe(4);
    expect(locked.stderr).toContain(lock.holder.holder);
    expect(locked.stderr).toContain(lock.holder.since);
    expect((await migrate('status')).stderr).toContain(`locked by ${lock.holder.holder}`);
    expect((await migrate('unlock')).code).toBe(2);
    expect((await migrate('--lock-timeout', '0')).code).toBe(4);
    expect((await migrate('unlock', '--yes')).code).toBe(0);
    expect((await migrate()).code).toBe(0);
  });

  it('exits with 130 on Ctrl-C while it waits for the lock', async () => {
    const lock = await takeLock(bench.client, { timeoutMs: 0 });
    const waiting = startCli(['migrate', '--directory', 'm'], { cwd: folder, env });
    let seen = '';
    waiting.child.stderr?.on('data', (text: string) => {
      seen += text;
    });
    await until(async () => seen.includes('waiting for the lock of'));
    waiting.child.kill('SIGINT');
    expect((await waiting.ended).code).toBe(130);
    await lock.release();
    expect(await have(bench.client, 'A')).toEqual([]);
  });

  it('finishes the current file on Ctrl-C, starts no other, and releases the lock', async () => {
    writeFiles(folder, { 'm/V000001__first.sql': `${stream('A')}ASSERT TOPIC 'GATE' TIMEOUT 60 SECONDS;\n` });
    const running = startCli(['migrate', '--directory', 'm'], { cwd: folder, env });
    await until(async () => (await have(bench.client, 'A')).length > 0);
    running.child.kill('SIGINT');
    await bench.client.executeAndWait(
      "CREATE STREAM GATE (V STRING) WITH (KAFKA_TOPIC='GATE', PARTITIONS=1, VALUE_FORMAT='JSON');",
    );
    expect((await running.ended).code).toBe(130);
    expect(await confluentLatest(bench.client)).toBe('1');
    expect(await have(bench.client, 'B', 'MIGRATION_LOCK')).toEqual([]);
    expect(await migrate()).toMatchObject({ code: 0 });
  });

  it('also writes an error as JSON', async () => {
    const run = await migrate('--until', '9', '--json');
    expect(run.code).toBe(2);
    expect(JSON.parse(run.stdout)).toMatchObject({ error: { code: 'USAGE_VERSION' } });
  });

  it('claims the lock of a run that died on this machine', async () => {
    writeFiles(folder, { 'm/V000004__gate.sql': `${stream('D')}ASSERT TOPIC 'GATE' TIMEOUT 60 SECONDS;\n` });
    const runner = startCli(['migrate', '--directory', 'm'], { cwd: folder, env });
    await until(async () => (await have(bench.client, 'D')).length > 0);
    runner.child.kill('SIGKILL');
    await runner.ended;
    await bench.client.executeAndWait(
      "CREATE STREAM GATE (V STRING) WITH (KAFKA_TOPIC='GATE', PARTITIONS=1, VALUE_FORMAT='JSON');",
    );
    const next = await migrate();
    expect(next).toMatchObject({ code: 0 });
    expect(next.stderr).toContain('resuming at statement 2');
    expect(await confluentLatest(bench.client)).toBe('4');
  });

  it('plans and shows the status with an exit code for CI', async () => {
    const plan = await migrate('plan', '--exit-code', '--json');
    expect(plan.code).toBe(3);
    expect(JSON.parse(plan.stdout)).toMatchObject({
      version: null,
      valid: true,
      files: [{ version: 1 }, {}, {}],
    });
    expect((await migrate('--dry-run')).code).toBe(0);
    expect((await migrate('status', '--exit-code')).code).toBe(3);
    expect((await migrate()).code).toBe(0);
    const status = await migrate('status', '--exit-code', '--json');
    expect(status.code).toBe(0);
    expect(JSON.parse(status.stdout)).toMatchObject({ version: 3, pending: 0, lock: null });
    expect((await migrate('plan', '--exit-code')).code).toBe(0);
    expect((await migrate('drift', '--exit-code')).code).toBe(0);
    await bench.client.executeAndWait('DROP STREAM C;');
    const drift = await migrate('drift', '--exit-code', '--json');
    expect(drift.code).toBe(3);
    expect(JSON.parse(drift.stdout)).toEqual({
      drifted: true,
      differences: [{ kind: 'missing', what: 'stream', name: 'C' }],
    });
  });

  it('exits with 1 and names the file, line, statement and next step when a migration fails', async () => {
    writeFiles(folder, {
      'm/V000004__bad.sql': '-- first\nCREATE STREAM X AS SELECT NOPE FROM A EMIT CHANGES;\n',
    });
    for (const args of [['plan'], []]) {
      const failed = await migrate(...args);
      expect(failed.code).toBe(1);
      expect(failed.stderr).toMatch(/V000004__bad\.sql:2/);
      expect(failed.stderr).toContain("'NOPE' cannot be resolved");
      expect(failed.stdout).not.toContain('error');
    }
    const status = await migrate('status');
    expect(status.stdout).toMatch(/4 +bad +ERROR/);
  });

  it('exits with 2 for wrong flags', async () => {
    expect((await migrate('--until', 'x')).code).toBe(2);
    expect((await migrate('--until', '9')).code).toBe(2);
    expect((await migrate('--no-such-flag')).code).toBe(2);
    expect((await cli(['migrate', '--directory', 'nowhere'], { cwd: folder, env })).code).toBe(2);
    expect((await migrate('destroy')).code).toBe(2);
  });

  it('creates and destroys the history', async () => {
    expect((await migrate('init')).code).toBe(0);
    expect(await have(bench.client, 'MIGRATION_EVENTS', 'MIGRATION_SCHEMA_VERSIONS')).toHaveLength(2);
    expect((await migrate('destroy', '--yes')).code).toBe(0);
    expect(await have(bench.client, 'MIGRATION_EVENTS', 'MIGRATION_SCHEMA_VERSIONS')).toEqual([]);
    const { topics } = await readServerObjects(bench.client);
    expect([...topics.keys()].filter((name) => name.includes('MIGRATION'))).toEqual([]);
  });

  it('creates new files, undoes and repairs', async () => {
    const made = await migrate('new', 'add', 'refunds', '--undo');
    expect(made.stdout).toBe('m/V000004__add_refunds.sql\nm/U000004__add_refunds.sql\n');
    writeFiles(folder, {
      'm/V000004__add_refunds.sql': stream('D'),
      'm/U000004__add_refunds.sql': 'DROP STREAM D;\n',
    });
    expect((await migrate()).code).toBe(0);
    expect((await migrate('undo')).code).toBe(2);
    expect((await migrate('undo', '--yes')).code).toBe(0);
    expect(await confluentLatest(bench.client)).toBe('3');
    writeFiles(folder, { 'm/V000003__third.sql': `${THREE['V000003__third.sql']}-- changed\n` });
    expect((await migrate('validate')).code).toBe(1);
    expect((await migrate('repair', '--yes')).code).toBe(0);
    expect((await migrate('validate')).code).toBe(0);
  });

  it('reads ksql-migrations.properties, including the folder and the names of the history', async () => {
    writeFiles(folder, {
      'ksql-migrations.properties': `# ours
ksql.server.url=${bench.cluster.ksqldbUrl}
ksql.migrations.stream.name = OUR_EVENTS
ksql.migrations.table.name: OUR_VERSIONS
ksql.migrations.dir.override=m
`,
    });
    const run = await cli(['migrate', 'apply', '--all'], { cwd: folder, env: { PAYSTREAM_KSQLDB_URL: '' } });
    expect(run).toMatchObject({ code: 0 });
    expect(await have(bench.client, 'OUR_EVENTS', 'OUR_VERSIONS', 'MIGRATION_EVENTS', 'C')).toEqual([
      'C',
      'OUR_EVENTS',
      'OUR_VERSIONS',
    ]);
  });

  it('passes variables to the files', async () => {
    writeFiles(folder, { 'm/V000004__var.sql': stream('${name}') });
    expect((await migrate('lint')).code).toBe(1);
    expect((await migrate('lint', '--define', 'name=X9')).code).toBe(0);
    expect((await migrate('-d', 'name=X9')).code).toBe(0);
    expect(await have(bench.client, 'X9')).toEqual(['X9']);
  });
});

describe('a server that does not work', () => {
  let server: Server;
  let url: string;
  let respond: (path: string) => { status: number; type: string; body: string };
  beforeAll(async () => {
    server = createServer((request, response) => {
      const { status, type, body } = respond(request.url ?? '');
      response.writeHead(status, { 'content-type': type }).end(body);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => {
    server.close();
  });
  const status = (env: Record<string, string>) =>
    cli(['migrate', 'status'], { cwd: folderOf({ 'ksql/migrations/V000001__a.sql': stream('A') }), env });

  it('exits with 5 when nothing listens', async () => {
    const run = await status({ PAYSTREAM_KSQLDB_URL: 'http://127.0.0.1:9' });
    expect(run.code).toBe(5);
    expect(run.stderr).toContain('KSQLDB_UNREACHABLE');
  });

  it('exits with 5 when the server accepts connections but never responds', async () => {
    const silent = createTcpServer();
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const run = await status({
      PAYSTREAM_KSQLDB_URL: `http://127.0.0.1:${(silent.address() as AddressInfo).port}`,
    });
    silent.close();
    expect(run.code).toBe(5);
    expect(run.stderr).toContain('No answer from ksqlDB');
  });

  it('exits with 5 for wrong credentials', async () => {
    respond = () => ({
      status: 401,
      type: 'application/json',
      body: '{"error_code":40100,"message":"Unauthorized"}',
    });
    const run = await status({ PAYSTREAM_KSQLDB_URL: url });
    expect(run.code).toBe(5);
    expect(run.stderr).toContain('credentials');
  });

  it("exits with 5 for a proxy's page", async () => {
    respond = () => ({ status: 200, type: 'text/html', body: '<html>Welcome</html>' });
    const run = await status({ PAYSTREAM_KSQLDB_URL: url });
    expect(run.code).toBe(5);
    expect(run.stderr).toContain('not ksqlDB');
  });

  it('exits with 5 when TLS fails', async () => {
    respond = () => ({ status: 200, type: 'text/plain', body: '' });
    const run = await status({ PAYSTREAM_KSQLDB_URL: url.replace('http', 'https') });
    expect(run.code).toBe(5);
  });

  it('exits with 1 for a server that is too old', async () => {
    const info = {
      version: '5.5.0',
      kafkaClusterId: 'x',
      ksqlServiceId: 'default_',
      serverStatus: 'RUNNING',
    };
    respond = () => ({
      status: 200,
      type: 'application/json',
      body: JSON.stringify({ KsqlServerInfo: info }),
    });
    const run = await status({ PAYSTREAM_KSQLDB_URL: url });
    expect(run.code).toBe(1);
    expect(run.stderr).toContain('too old');
  });
});

describe('a server that is killed between two statements', () => {
  let server: DevServer | undefined;
  afterAll(() => server?.kill());

  it('has its file resumed by the next run', async () => {
    const folder = folderOf({
      'm/V000001__a.sql': stream('A'),
      'm/V000002__gate.sql': `${stream('B')}ASSERT TOPIC 'GATE' TIMEOUT 60 SECONDS;\n${stream('C')}`,
    });
    const data = join(folder, 'data');
    const ports = [
      '--kafka-port',
      '0',
      '--ksqldb-port',
      '0',
      '--store-port',
      '0',
      '--schema-registry-port',
      '0',
      '--data-dir',
      data,
    ];
    server = await startDevServer(ports);
    const first = startCli(['migrate', '--directory', 'm'], {
      cwd: folder,
      env: { PAYSTREAM_KSQLDB_URL: server.ksqldbUrl },
    });
    const client = new KsqldbClient({ url: server.ksqldbUrl });
    await until(async () => (await have(client, 'B')).length > 0);
    client.close();
    await server.kill();
    const died = await first.ended;
    expect(died.code).toBe(5);
    expect(died.stderr).toContain('run `paystream migrate` again');

    server = await startDevServer(ports);
    const again = new KsqldbClient({ url: server.ksqldbUrl });
    await again.executeAndWait(
      "CREATE STREAM GATE (V STRING) WITH (KAFKA_TOPIC='GATE', PARTITIONS=1, VALUE_FORMAT='JSON');",
    );
    const env = { PAYSTREAM_KSQLDB_URL: server.ksqldbUrl };
    const status = await cli(['migrate', 'status', '--directory', 'm'], { cwd: folder, env });
    expect(status.stdout).toMatch(/2 +gate +RUNNING/);
    const second = await cli(['migrate', '--directory', 'm'], { cwd: folder, env });
    expect(second).toMatchObject({ code: 0 });
    expect(second.stderr).toContain('resuming at statement 2');
    expect(await have(again, 'A', 'B', 'C')).toEqual(['A', 'B', 'C']);
    expect(await confluentLatest(again)).toBe('2');
    again.close();
  });
});

async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await sleep(20);
}
