import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { KsqldbClient } from './ksqldb-client.js';

const HEADER = '{"queryId":"query_1","columnNames":["K","V"],"columnTypes":["STRING","BIGINT"]}\n';

type Answer = (response: ServerResponse) => void;

const refused =
  (message: string): Answer =>
  (response) =>
    response.writeHead(400, { 'content-type': 'application/json' }).end(
      JSON.stringify({
        '@type': 'statement_error',
        error_code: 40001,
        message: `Error starting pull query: ${message}`,
        statementText: 'SELECT * FROM T;',
        entities: [],
      }),
    );
const rows: Answer = (response) => response.end(`${HEADER}["a",1]\n`);
const silent: Answer = (response) => response.write(HEADER);
const broken: Answer = (response) =>
  response.end(
    `${HEADER}{"@type":"generic_error","error_code":50000,"message":"io.confluent.ksql.execution.streams.materialization.MaterializationException: Unable to execute pull query: io.confluent.ksql.util.KsqlException: Error executing query locally at node http://127.0.0.1:8088/: Failed to scan materialized table"}\n`,
  );

/** Responses of ksqlDB 7.9.9 while the table's query starts. */
const NOT_YET: readonly (readonly [string, Answer])[] = [
  [
    'no host has the partitions',
    refused(
      'Cannot determine which host contains the required partitions to serve the pull query. \nThe underlying ...',
    ),
  ],
  [
    'a key is not there yet',
    refused("Materialized data for key ['a']-Optional.empty is not available yet. Please try again later."),
  ],
  ['the state cannot be read', broken],
  ['the header, and nothing more', silent],
];

let server: Server;
let client: KsqldbClient;

async function serve(...answers: readonly Answer[]): Promise<void> {
  const left = [...answers];
  server = createServer((_request, response) => (left.length > 1 ? left.shift()! : left[0]!)(response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  client = new KsqldbClient({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
}

afterEach(async () => {
  client.close();
  server.closeAllConnections();
  await new Promise<void>((resolve) => server.close(() => resolve()));
});

describe('a pull query on a table whose query starts', () => {
  it.each(NOT_YET)('is asked again: %s', async (_name, answer) => {
    await serve(answer, answer, rows);
    expect(await client.pull('SELECT * FROM T;')).toEqual([['a', 1n]]);
  });

  it.each(NOT_YET)('fails in the end where that does not pass: %s', async (_name, answer) => {
    await serve(answer);
    await expect(client.pull('SELECT * FROM T;', { timeoutMs: 300 })).rejects.toMatchObject({
      code: expect.stringMatching(/^KSQLDB_(STATEMENT|SERVER|NOT_READY)$/),
    });
  });

  it('is not asked again where the statement is wrong', async () => {
    await serve(refused("Table 'T' does not exist."), rows);
    await expect(client.pull('SELECT * FROM T;')).rejects.toMatchObject({ code: 'KSQLDB_STATEMENT' });
  });

  it('may be silent between rows', async () => {
    await serve((response) => {
      response.write(`${HEADER}["a",1]\n`);
      setTimeout(() => response.end('["b",2]\n'), 600);
    });
    expect(await client.pull('SELECT * FROM T;', { timeoutMs: 300 })).toHaveLength(2);
  });
});
