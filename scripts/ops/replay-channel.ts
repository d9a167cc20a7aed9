/**
 * Makes ksqlDB read a channel's topic again from the beginning. Terminates the channel's query and starts it under a
 * new id, which has no committed offsets.
 *
 *   tsx scripts/ops/replay-channel.ts CC_PAYMENT [--config paystream.yaml]
 *
 * Payments that were already counted do not change the last five: the table keeps equal payments once, and the store
 * merges them. PAYMENT-ACTIVITY counts them again. The topic keeps payments for seven days (docs/topics.md).
 */
import { parseArgs } from 'node:util';
import { loadConfig } from '../../src/config/config.js';
import { PaystreamError } from '../../src/errors/paystream-error.js';
import { KsqldbClient } from '../../src/ksqldb/ksqldb-client.js';
import { formatStatement } from '../../src/sql/format-statement.js';
import { parseStatement } from '../../src/sql/parse.js';

/** Returns the id for the next run: CC_PAYMENT, CC_PAYMENT_RUN2, CC_PAYMENT_RUN3, ... */
function nextId(id: string): string {
  const [, base = id, run = '1'] = /^(.*)_RUN(\d+)$/.exec(id) ?? [];
  return `${base}_RUN${Number(run) + 1}`;
}

/** Restarts the channel's query from the beginning of its topic. Returns the id of the new query. */
export async function replayChannel(client: KsqldbClient, channel: string): Promise<string> {
  const queries = await client.queries();
  const running = queries.find(({ id }) => id === channel || id.startsWith(`${channel}_RUN`));
  if (running === undefined) {
    throw new PaystreamError('CHANNEL_UNKNOWN', `No query ${channel} is running.`, {
      where: client.url,
      hint: `Running queries: ${queries.map(({ id }) => id).join(', ')}.`,
    });
  }
  const statement = parseStatement(running.queryString);
  if (statement.kind !== 'InsertInto') {
    throw new PaystreamError(
      'CHANNEL_UNKNOWN',
      `${running.id} is not a channel: its statement is not an INSERT INTO.`,
      {
        where: client.url,
        hint: 'Only an INSERT INTO PAYMENT_OUTPUT can be replayed. Recreate tables with a migration.',
      },
    );
  }
  const id = nextId(running.id);
  const again = formatStatement({
    ...statement,
    with: new Map([...statement.with, ['QUERY_ID', { kind: 'String', value: id }]]),
  });
  await client.executeAndWait(`TERMINATE ${running.id};`);
  await client.executeAndWait(`${again};`, { properties: { 'auto.offset.reset': 'earliest' } });
  return id;
}

if (process.argv[1] === import.meta.filename) {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { config: { type: 'string' } },
  });
  const [channel] = positionals;
  if (channel === undefined)
    throw new Error('usage: tsx scripts/ops/replay-channel.ts CHANNEL [--config FILE]');
  const config = await loadConfig(values.config === undefined ? {} : { config: values.config });
  const client = new KsqldbClient(config.ksqldb);
  try {
    console.log(`Replaying ${channel} as query ${await replayChannel(client, channel)}.`);
  } finally {
    client.close();
  }
}
