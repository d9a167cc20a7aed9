import type { KsqldbClient } from '../ksqldb/ksqldb-client.js';
import type { QueryRows } from '../ksqldb/query-rows.js';

/**
 * Starts a query that ends with `signal`, and then on the server, too.
 *
 * Source: tried on ksqlDB 7.9.9. A push query whose connection goes away before its header came is never ended there;
 * one that is let go after its header is.
 */
export async function openQuery(
  client: KsqldbClient,
  sql: string,
  properties: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<QueryRows> {
  const rows = await client.query(sql, { properties });
  if (signal.aborted) rows.close();
  else signal.addEventListener('abort', () => rows.close(), { once: true });
  return rows;
}
