import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { KsqldbClient } from './ksqldb-client.js';

const HEADER = '{"queryId":"transient_1","columnNames":["V"],"columnTypes":["BIGINT"]}\n';

let server: Server;
let client: KsqldbClient;

async function serve(answer: (response: ServerResponse) => void): Promise<void> {
  server = createServer((_request, response) => answer(response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  client = new KsqldbClient({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
}

afterEach(async () => {
  client.close();
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
});

describe('a query that is given up', () => {
  it('before its header: is let go only after it, since ksqlDB would never end it', async () => {
    const abort = new AbortController();
    const order: string[] = [];
    let gone: Promise<unknown> = Promise.resolve();
    await serve((response) => {
      gone = once(response, 'close').then(() => order.push('connection closed'));
      abort.abort();
      setTimeout(() => {
        order.push('header sent');
        response.write(`${HEADER}[1]\n`);
      }, 200);
    });
    const rows = await client.query('SELECT * FROM S EMIT CHANGES;', { signal: abort.signal });
    expect(rows.queryId).toBe('transient_1');
    for await (const row of rows) order.push(`row ${row}`);
    await gone;
    expect(order).toEqual(['header sent', 'connection closed']);
  });

  it('while its rows come: ends, and so does its connection', async () => {
    const abort = new AbortController();
    let ended: Promise<unknown> = Promise.resolve();
    await serve((response) => {
      ended = once(response, 'close');
      response.write(`${HEADER}[1]\n`);
    });
    const seen: unknown[] = [];
    for await (const row of await client.query('SELECT * FROM S EMIT CHANGES;', { signal: abort.signal })) {
      seen.push(row);
      abort.abort();
    }
    expect(seen).toEqual([[1n]]);
    await ended;
  });

  it('before a header that never comes: fails in the end', async () => {
    const abort = new AbortController();
    await serve(() => abort.abort());
    await expect(
      client.query('SELECT * FROM S EMIT CHANGES;', { signal: abort.signal }),
    ).rejects.toMatchObject({ code: expect.stringMatching(/^KSQLDB_/) });
  }, 30_000);

  it('before it began: is not sent', async () => {
    let asked = false;
    await serve(() => {
      asked = true;
    });
    await expect(
      client.query('SELECT * FROM S EMIT CHANGES;', { signal: AbortSignal.abort() }),
    ).rejects.toThrow();
    expect(asked).toBe(false);
  });
});
