import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Cluster, startCluster } from '../../src/embedded/cluster.js';
import { KsqldbClient } from '../../src/ksqldb/ksqldb-client.js';
import { HistoryStore } from '../../src/migrations/history-store.js';
import { readLock, takeLock } from '../../src/migrations/migration-lock.js';

/** What ksqlDB 7.9.9 answers where two requests write to the command topic at once. */
const FENCED = [
  "Producer with transactionalId 'default_' and (producerId=0, epoch=2) has been fenced by another producer with the same transactionalId",
  'There is a newer producer with the same transactionalId which fences the current one.',
  "Could not write the statement 'X' into the command topic.",
];

/** Stands before a server as another client's statements would: each statement is overtaken `FENCED.length` times. */
async function overtaking(target: string): Promise<Server> {
  const seen = new Map<string, number>();
  const server = createServer(async (request, response) => {
    const body = await text(request);
    const sql = request.url === '/ksql' ? (JSON.parse(body) as { ksql: string }).ksql : '';
    const statement = /^(CREATE|DROP) \w+ \w+/.exec(sql)?.[0];
    const times = statement === undefined ? FENCED.length : (seen.get(statement) ?? 0);
    if (statement !== undefined && times < FENCED.length) {
      seen.set(statement, times + 1);
      response.writeHead(500, { 'content-type': 'application/json' }).end(
        JSON.stringify({
          '@type': 'statement_error',
          error_code: 50000,
          message: FENCED[times],
          statementText: sql,
          entities: [],
        }),
      );
      return;
    }
    const answer = await fetch(new URL(request.url ?? '/', target), {
      method: request.method ?? 'GET',
      headers: { 'content-type': 'application/vnd.ksql.v1+json', accept: request.headers.accept ?? '' },
      ...(request.method === 'POST' ? { body } : {}),
    });
    response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' });
    response.end(await answer.text());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

describe('statements that another client’s overtake', () => {
  let cluster: Cluster;
  let server: Server;
  let client: KsqldbClient;

  beforeAll(async () => {
    cluster = await startCluster({ dataDir: null });
    server = await overtaking(cluster.ksqldbUrl);
    client = new KsqldbClient({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
  });
  afterAll(async () => {
    client?.close();
    server?.closeAllConnections();
    server?.close();
    await cluster?.stop();
  });

  it('take the lock and give it back', async () => {
    const lock = await takeLock(client, { timeoutMs: 10_000 });
    expect((await readLock(client))?.token).toBe(lock.holder.token);
    await lock.release();
    expect(await readLock(client)).toBeUndefined();
  });

  it('make the history', async () => {
    const history = new HistoryStore(client);
    expect(await history.initialize()).toBe(true);
    expect(await history.exists()).toBe(true);
  });
});
