import { setTimeout as sleep } from 'node:timers/promises';
import { PaystreamError } from '../errors/paystream-error.js';
import type { KsqldbClient } from '../ksqldb/ksqldb-client.js';
import { KsqldbError } from '../ksqldb/ksqldb-error.js';

const QUERIES_TIMEOUT_MS = 60_000;
/** A file may have many statements, and ASSERTs that wait. The server responds when all of it is done. */
const FILE_TIMEOUT_MS = 600_000;

/** Sends the text as one request, waits for every command to succeed and for every new query to run. */
export async function runStatements(
  client: KsqldbClient,
  sql: string,
  variables: Readonly<Record<string, string>>,
): Promise<void> {
  // Add a line break, because the server's parser needs one after a final comment.
  const entities = await client.execute(`${sql}\n`, { variables, timeoutMs: FILE_TIMEOUT_MS });
  const started = new Set<string>();
  for (const entity of entities) {
    const status = await client.waitFor(entity);
    if (status?.queryId !== null && status?.queryId !== undefined) started.add(status.queryId);
  }
  if (started.size > 0) await waitUntilRunning(client, started);
}

/** If a query fails at once, for example because it may not read a topic, the migration fails. */
async function waitUntilRunning(client: KsqldbClient, ids: ReadonlySet<string>): Promise<void> {
  const deadline = Date.now() + QUERIES_TIMEOUT_MS;
  for (let delay = 10; ; delay = Math.min(delay * 2, 500)) {
    const queries = (await client.queries()).filter((query) => ids.has(query.id));
    const dead = queries.find((query) => query.state === 'ERROR');
    if (dead !== undefined) {
      throw new KsqldbError('KSQLDB_STATEMENT', `Query ${dead.id} was started and is in state ERROR.`, {
        where: client.url,
        statementText: dead.queryString,
        hint: `EXPLAIN ${dead.id}; shows why.`,
      });
    }
    // A later statement of the file may have terminated or paused the query.
    if (queries.every((query) => query.state === 'RUNNING' || query.state === 'PAUSED')) return;
    if (Date.now() > deadline) {
      const waiting = queries
        .filter((query) => query.state !== 'RUNNING')
        .map((query) => `${query.id} ${query.state}`);
      throw new PaystreamError(
        'MIGRATION_QUERY_NOT_RUNNING',
        `Not running after ${QUERIES_TIMEOUT_MS / 1_000} s: ${waiting.join(', ')}.`,
        { where: client.url, hint: "Look at the server's log." },
      );
    }
    await sleep(delay);
  }
}
