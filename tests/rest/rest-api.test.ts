import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { type ClientHttp2Session, connect as connectHttp2 } from 'node:http2';
import { connect } from 'node:net';
import { promisify } from 'node:util';
import axios from 'axios';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { LogStore } from '../../src/embedded/kafka/log/log-store.js';
import { encodeBatch } from '../../src/embedded/kafka/records/encode-batch.js';
import type { Engine } from '../../src/embedded/ksqldb/engine/engine.js';
import { type KsqlServer, startKsqlServer } from '../../src/embedded/ksqldb/rest/server.js';
import { openEngine } from '../../src/embedded/ksqldb/runtime/live-engine.js';

const run = promisify(execFile);

let store: LogStore;
let engine: Engine;
let server: KsqlServer;

beforeEach(async () => {
  store = LogStore.open({ dataDir: null });
  engine = openEngine({ store });
  server = await startKsqlServer({ engine });
});

afterEach(async () => {
  await server.stop();
  await engine.close();
  store.close();
});

async function ksql(sql: string, more: object = {}): Promise<{ status: number; body: unknown }> {
  const response = await fetch(`${server.url}/ksql`, {
    method: 'POST',
    body: JSON.stringify({ ksql: sql, ...more }),
  });
  return { status: response.status, body: await response.json() };
}

async function ok(sql: string, more: object = {}): Promise<unknown> {
  const { status, body } = await ksql(sql, more);
  expect(body).toBeInstanceOf(Array);
  expect(status).toBe(200);
  return body;
}

const earliest = { 'auto.offset.reset': 'earliest' };

async function createOrders(): Promise<void> {
  await ok(
    `
    CREATE STREAM ORDERS (ID BIGINT KEY, CUSTOMER STRING, AMOUNT DECIMAL(38, 10))
      WITH (KAFKA_TOPIC='orders', PARTITIONS=1, VALUE_FORMAT='JSON');
    CREATE TABLE TOTALS AS SELECT CUSTOMER, COUNT(*) AS N, SUM(AMOUNT) AS TOTAL FROM ORDERS GROUP BY CUSTOMER;
    INSERT INTO ORDERS (ID, CUSTOMER, AMOUNT) VALUES (9223372036854775807, 'ann', 1234567890123456789012345678.0000000001);
    INSERT INTO ORDERS (ID, CUSTOMER, AMOUNT) VALUES (2, 'bob', 0.10);
    INSERT INTO ORDERS (ID, CUSTOMER, AMOUNT) VALUES (3, 'ann', 1);`,
    { streamsProperties: earliest },
  );
  await engine.settled();
}

async function queryStream(sql: string, properties: object = {}): Promise<string> {
  const response = await fetch(`${server.url}/query-stream`, {
    method: 'POST',
    body: JSON.stringify({ sql, properties }),
  });
  return response.text();
}

describe('queries over HTTP/1.1', () => {
  it('answers a pull query with every digit', async () => {
    await createOrders();
    const text = await queryStream("SELECT * FROM TOTALS WHERE CUSTOMER = 'ann';");
    const [header, row, ...more] = text.split('\n');
    expect(JSON.parse(header!)).toMatchObject({
      columnNames: ['CUSTOMER', 'N', 'TOTAL'],
      columnTypes: ['STRING', 'BIGINT', 'DECIMAL(38, 10)'],
    });
    expect(row).toBe('["ann",2,1234567890123456789012345679.0000000001]');
    expect(more).toEqual(['']);
  });

  it('answers axios, whose Accept header wants JSON', async () => {
    await createOrders();
    const { data, headers } = await axios.post(`${server.url}/query`, {
      ksql: 'SELECT ID FROM ORDERS WHERE ID < 10;',
    });
    expect(headers['content-type']).toBe('application/vnd.ksql.v1+json');
    expect(data).toEqual([
      { header: { queryId: expect.stringMatching(/^transient_ORDERS_\d+$/), schema: '`ID` BIGINT' } },
      { row: { columns: [2] } },
      { row: { columns: [3] } },
      { finalMessage: 'Query Completed' },
    ]);
  });

  it('ends a push query at its limit, with BIGINTs exact', async () => {
    await createOrders();
    const text = await queryStream('SELECT ID, AMOUNT FROM ORDERS EMIT CHANGES LIMIT 1;', earliest);
    expect(text.split('\n')[1]).toBe('[9223372036854775807,1234567890123456789012345678.0000000001]');
  });

  it('forgets a push query whose client has gone', async () => {
    await createOrders();
    const before = engine.queries().length;
    const request = httpRequest(`${server.url}/query-stream`, { method: 'POST', agent: false });
    request.on('error', () => {});
    request.end(JSON.stringify({ sql: 'SELECT * FROM ORDERS EMIT CHANGES;' }));
    const [response] = await once(request, 'response');
    await once(response, 'data');
    expect(engine.queries()).toHaveLength(before + 1);
    request.destroy();
    while (engine.queries().length > before) await new Promise((resolve) => setTimeout(resolve, 5));
  });

  it('hands over all rows to a client that reads slowly, without holding them in memory', async () => {
    await ok("CREATE STREAM BIG (V STRING) WITH (KAFKA_TOPIC='big', PARTITIONS=1, VALUE_FORMAT='KAFKA');");
    const value = Buffer.alloc(10_000, 'x');
    const batches = 100;
    for (let i = 0; i < batches; i++) {
      const records = Array.from({ length: 100 }, () => ({ key: null, value, timestamp: 0 }));
      store.appendAtomically([{ topic: 'big', partition: 0, batch: encodeBatch(records) }]);
    }
    const socket = connect(server.port, '127.0.0.1');
    await once(socket, 'connect');
    const body = JSON.stringify({
      sql: `SELECT * FROM BIG EMIT CHANGES LIMIT ${batches * 100};`,
      properties: earliest,
    });
    socket.pause();
    socket.write(
      `POST /query-stream HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    );
    const offsets = (): number => engine.queries().at(-1)?.offsets[0]?.position ?? 0;
    let last = -1;
    // The query stands still once the socket is full.
    for (let same = 0; same < 10; ) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      same = offsets() === last && last > 0 ? same + 1 : 0;
      last = offsets();
    }
    expect(last).toBeLessThan(batches * 100);
    let size = 0;
    socket.on('data', (chunk) => {
      size += chunk.length;
    });
    socket.resume();
    await once(socket, 'close');
    expect(size).toBeGreaterThan(batches * 100 * value.length);
  });

  it('hands over a large table whole, over both versions', async () => {
    await ok(
      `CREATE STREAM S (K INT KEY, V STRING) WITH (KAFKA_TOPIC='s', PARTITIONS=2, VALUE_FORMAT='JSON');
       CREATE TABLE LATEST AS SELECT K, LATEST_BY_OFFSET(V) AS V FROM S GROUP BY K;`,
      { streamsProperties: earliest },
    );
    const rows = 20_000;
    const records = Array.from({ length: rows }, (_, i) => {
      const key = Buffer.alloc(4);
      key.writeInt32BE(i);
      return { key, value: Buffer.from(`{"V":"${'x'.repeat(50)}"}`), timestamp: 0 };
    });
    store.appendAtomically([{ topic: 's', partition: 0, batch: encodeBatch(records) }]);
    await engine.settled();
    expect((await queryStream('SELECT * FROM LATEST;')).trim().split('\n')).toHaveLength(rows + 1);
    const session = connectHttp2(server.url);
    const stream = session.request({ ':method': 'POST', ':path': '/query-stream' });
    stream.end(JSON.stringify({ sql: 'SELECT * FROM LATEST;' }));
    let text = '';
    for await (const chunk of stream) text += String(chunk);
    session.destroy();
    expect(text.trim().split('\n')).toHaveLength(rows + 1);
  });

  it('prints a topic', async () => {
    await createOrders();
    const response = await fetch(`${server.url}/query`, {
      method: 'POST',
      body: JSON.stringify({ ksql: "PRINT 'orders' FROM BEGINNING INTERVAL 2 LIMIT 2;" }),
    });
    const lines = (await response.text()).split('\n');
    expect(lines[1]).toBe('Value format: JSON or KAFKA_STRING');
    expect(lines[2]).toContain('"CUSTOMER":"ann"');
    expect(lines[3]).toContain('"AMOUNT":1.0000000000');
  });

  it.each([
    ['SELECT * FROM TOTALS WHERE N > 1;', '["ann",2,1234567890123456789012345679.0000000001]'],
    ["SELECT * FROM TOTALS WHERE CUSTOMER > 'b';", '["bob",1,0.1000000000]'],
    ["SELECT UCASE(CUSTOMER) AS C FROM TOTALS WHERE CUSTOMER IN ('bob', 'eve');", '["BOB"]'],
    ["SELECT N FROM TOTALS WHERE CUSTOMER LIKE 'b%';", '[1]'],
    ["SELECT N FROM TOTALS WHERE CUSTOMER = 'ann' AND N BETWEEN 1 AND 2;", '[2]'],
    ["SELECT N FROM TOTALS WHERE NOT (CUSTOMER = 'ann' OR N > 5);", undefined],
    ['SELECT CUSTOMER FROM TOTALS LIMIT 1;', '["ann"]'],
  ])('looks up %s', async (sql, row) => {
    await createOrders();
    const lines = (await queryStream(sql)).trim().split('\n');
    if (row === undefined) expect(lines[0]).toContain('Unsupported expression in WHERE clause');
    else expect(lines.slice(1)).toEqual([row]);
  });
});

describe('POST /ksql', () => {
  it('runs nothing of a request with a bad statement', async () => {
    const { status, body } = await ksql(`
      CREATE STREAM A (X INT) WITH (KAFKA_TOPIC='a', PARTITIONS=1, VALUE_FORMAT='JSON');
      CREATE STREAM B AS SELECT * FROM A;
      DROP STREAM NO_SUCH_STREAM;`);
    expect(status).toBe(400);
    expect(body).toMatchObject({
      '@type': 'statement_error',
      error_code: 40001,
      statementText: 'DROP STREAM NO_SUCH_STREAM;',
      entities: [],
    });
    expect(engine.catalog.source('A')).toBeUndefined();
    expect(store.topic('a')).toBeUndefined();
  });

  it('keeps variables and properties within the request', async () => {
    const body = await ok(
      "DEFINE t='vars'; CREATE STREAM ${s} (X INT) WITH (KAFKA_TOPIC='${t}', PARTITIONS=1, VALUE_FORMAT='JSON'); " +
        "SET 'auto.offset.reset'='earliest'; SHOW VARIABLES; UNDEFINE nope;",
      { sessionVariables: { s: 'VARS' } },
    );
    expect(engine.catalog.source('VARS')?.topic).toBe('vars');
    expect(body).toEqual([
      expect.objectContaining({ '@type': 'currentStatus' }),
      expect.objectContaining({ '@type': 'variables' }),
      expect.objectContaining({ '@type': 'warning_entity' }),
    ]);
    expect(await ok('SHOW VARIABLES;')).toMatchObject([{ variables: [] }]);
  });

  it('does not repeat what was inserted in an error', async () => {
    await createOrders();
    for (const sql of [
      "INSERT INTO ORDERS (ID, CUSTOMER) VALUES (4111111111111111, '4111111111111111', 1);",
      "INSERT INTO ORDERS (ID, NOPE) VALUES (1, '4111111111111111');",
      "INSERT INTO ORDERS (ID, AMOUNT) VALUES (1, '4111 1111 1111 1111');",
      "INSERT INTO ORDERS (ID, CUSTOMER) VALUES (1, '4111111111111111') garbage;",
    ]) {
      const { status, body } = await ksql(sql);
      expect(status).toBe(400);
      expect(JSON.stringify(body)).not.toMatch(/4111 ?1111 ?1111 ?1111/);
    }
  });

  it('waits for the command that is named, and says when it does not come', async () => {
    const [created] = (await ok(
      "CREATE STREAM A (X INT) WITH (KAFKA_TOPIC='a', PARTITIONS=1, VALUE_FORMAT='JSON');",
    )) as { commandSequenceNumber: number }[];
    await ok('LIST STREAMS;', { commandSequenceNumber: created!.commandSequenceNumber });
    const { status, body } = await ksql('LIST STREAMS;', { commandSequenceNumber: 1_000_000 });
    expect(status).toBe(503);
    expect(body).toMatchObject({ error_code: 50301 });
  });

  it('pauses, resumes and terminates', async () => {
    await createOrders();
    const id = engine.queries()[0]!.id;
    await ok(`PAUSE ${id};`);
    expect(await ok('SHOW QUERIES;')).toMatchObject([{ queries: [{ id, statusCount: { PAUSED: 1 } }] }]);
    await ok(`RESUME ${id};`);
    await ok(`TERMINATE ${id};`);
    expect(await ok('SHOW QUERIES;')).toMatchObject([{ queries: [] }]);
  });

  it('answers many clients at once, however deep and long their requests are', async () => {
    const hostile = [
      `SELECT ${'('.repeat(20_000)}1${')'.repeat(20_000)} FROM X EMIT CHANGES;`,
      `EXPLAIN SELECT ${'1+'.repeat(20_000)}1 FROM X EMIT CHANGES;`,
      `CREATE STREAM X (A ${'ARRAY<'.repeat(5000)}INT${'>'.repeat(5000)}) WITH (KAFKA_TOPIC='x', PARTITIONS=1, VALUE_FORMAT='JSON');`,
      `SELECT * FROM T WHERE ${Array.from({ length: 3000 }, (_, i) => `(A=${i} OR B=${i})`).join(' AND ')};`,
      'x'.repeat(2_000_000),
      ';'.repeat(100_000),
    ];
    const replies = await Promise.all(hostile.map((sql) => ksql(sql)));
    for (const { status } of replies) expect([200, 400]).toContain(status);
    await ok('LIST STREAMS;');
  });
});

describe('HTTP/2 with prior knowledge', () => {
  let session: ClientHttp2Session;

  beforeEach(() => {
    session = connectHttp2(server.url);
  });
  afterEach(() => session.destroy());

  async function post(path: string, body: string): Promise<{ status: number; text: string }> {
    const stream = session.request({ ':method': 'POST', ':path': path });
    stream.end(body);
    const [headers] = await once(stream, 'response');
    let text = '';
    for await (const chunk of stream) text += String(chunk);
    return { status: Number(headers[':status']), text };
  }

  it('takes rows one by one and acknowledges each', async () => {
    await createOrders();
    const { status, text } = await post(
      '/inserts-stream',
      '{"target":"orders"}\n{"id":7,"`CUSTOMER`":"cyd","amount":12345678901234567890.5}\n{"ID":8,"AMOUNT":"1"}\n',
    );
    expect(status).toBe(200);
    expect(text).toBe('{"seq":0,"status":"ok"}\n{"seq":1,"status":"ok"}\n');
    await engine.settled();
    expect(await queryStream("SELECT TOTAL FROM TOTALS WHERE CUSTOMER = 'cyd';")).toContain(
      '[12345678901234567890.5000000000]',
    );
  });

  it('stops at the first row that does not fit', async () => {
    await createOrders();
    const { text } = await post('/inserts-stream', '{"target":"ORDERS"}\n{"ID":"x"}\n{"ID":1}\n');
    expect(text).toBe(
      '{"@type":"InsertError","status":"error","seq":0,' +
        '"message":"Can\'t coerce a field of type class java.lang.String into type BIGINT","error_code":40000}\n',
    );
  });

  it('closes a push query by its id, while others run on the same connection', async () => {
    await createOrders();
    const stream = session.request({ ':method': 'POST', ':path': '/query-stream' });
    stream.end(JSON.stringify({ sql: 'SELECT * FROM ORDERS EMIT CHANGES;', properties: earliest }));
    let text = '';
    stream.setEncoding('utf8');
    stream.on('data', (chunk: string) => {
      text += chunk;
    });
    while (!text.includes('bob')) await once(stream, 'data');
    const { queryId } = JSON.parse(text.split('\n')[0]!) as { queryId: string };
    const closed = once(stream, 'end');
    expect((await post('/close-query', JSON.stringify({ queryId }))).status).toBe(200);
    await closed;
    expect((await post('/close-query', JSON.stringify({ queryId }))).status).toBe(400);
    expect(engine.queries().map(({ id }) => id)).not.toContain(queryId);
  });
});

describe('curl', () => {
  let hasHttp2 = false;
  beforeAll(async () => {
    hasHttp2 = await run('curl', ['--version']).then(
      ({ stdout }) => stdout.includes('HTTP2'),
      () => false,
    );
  });
  afterAll(() => {});

  it('speaks every version, and offers of an upgrade are no obstacle', async ({ skip }) => {
    if (!hasHttp2) skip('curl with HTTP/2 is not installed');
    for (const version of ['--http1.1', '--http2', '--http2-prior-knowledge']) {
      const { stdout } = await run('curl', [
        '-sS',
        version,
        '-d',
        '{"ksql":"LIST TABLES;"}',
        `${server.url}/ksql`,
      ]);
      expect(JSON.parse(stdout)).toMatchObject([{ '@type': 'tables', tables: [] }]);
    }
  });
});

describe('GET /ws/query', () => {
  it('sends the schema, then rows, then closes', async () => {
    await createOrders();
    const request = encodeURIComponent(
      JSON.stringify({ ksql: 'SELECT ID FROM ORDERS EMIT CHANGES LIMIT 2;', streamsProperties: earliest }),
    );
    const socket = connect(server.port, '127.0.0.1');
    socket.write(
      `GET /ws/query?request=${request} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
        'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
    );
    let received = '';
    for await (const chunk of socket) received += (chunk as Buffer).toString('latin1');
    expect(received).toContain('Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=');
    expect(received).toContain(
      '[{"name":"ID","schema":{"type":"BIGINT","fields":null,"memberSchema":null}}]',
    );
    expect(received).toContain('{"row":{"columns":[9223372036854775807]}}');
    expect(received.endsWith('done')).toBe(true);
  });
});
