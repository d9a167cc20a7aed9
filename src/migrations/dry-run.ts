import type { KsqldbClient } from '../ksqldb/ksqldb-client.js';
import { KsqldbError } from '../ksqldb/ksqldb-error.js';
import type { Variables } from './file-statements.js';

const SENTINEL = 'PAYSTREAM_DRY_RUN';

/**
 * Lets the server validate statements without running any: a server validates all statements of a request in a sandbox
 * first, so a last statement that must fail there keeps the others from running. ASSERT statements are not validated.
 * Returns the server's refusal of a statement, or undefined if all are valid. Changes nothing.
 */
export async function dryRun(
  client: KsqldbClient,
  sql: string,
  variables: Variables,
): Promise<KsqldbError | undefined> {
  const name = `${SENTINEL}_${Date.now()}_${Math.floor(Math.random() * 1e9)}`;
  try {
    await client.execute(`${sql}\nDROP STREAM ${name};`, { variables });
  } catch (error) {
    if (!(error instanceof KsqldbError) || error.httpStatus === undefined) throw error;
    const text = `${error.statementText ?? ''} ${error.message}`;
    return text.includes(name) ? undefined : error;
  }
  throw new KsqldbError('KSQLDB_PROTOCOL', 'The server dropped a stream that does not exist.', {
    where: client.url,
    hint: 'This server does not refuse what cannot be done; it cannot be used for a dry run.',
  });
}
