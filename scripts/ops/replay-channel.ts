/**
 * Has ksqlDB read a channel's topic once more from its beginning: ends the channel's query, and starts it again under
 * another id, which has read nothing yet.
 *
 *   tsx scripts/ops/replay-channel.ts CC_PAYMENT [--config paystream.yaml]
 *
 * The last fives do not change by payments that were there before: the table takes equal ones once, the store merges.
 * PAYMENT-ACTIVITY counts them again. The channel's topic must still hold them (docs/topics.md: seven days).
 */
import { parseArgs } from 'node:util';
import { loadConfig } from '../../src/config/config.js';
import { PaystreamError } from '../../src/errors/paystream-error.js';
import { KsqldbClient } from '../../src/ksqldb/ksqldb-client.js';
import { formatStatement } from '../../src/sql/format-statement.js';
import { parseStatement } from '../../src/sql/parse.js';

/** The id of the next run: CC_PAYMENT, CC_PAYMENT_RUN2, CC_PAYMENT_RUN3, ... */
function nextId(id: string): string {
  const [, base = id, run = '1'] = /^(.*)_RUN(\d+)$/.exec(id) ?? [];
  return `${base}_RUN${Number(run) + 1}`;
}

/** Returns the id of the query that now runs. */
export async function replayChannel(client: KsqldbClient, channel: string): Promise<string> {
  const queries = await client.queries();
  const running = queries.find(({ id }) => id === channel || id.startsWith(`${channel}_RUN`));
  if (running === undefined) {
    throw new PaystreamError('CHANNEL_UNKNOWN', `No query ${channel} runs.`, {
      where: client.url,
      hint: `There are: ${queries.map(({ id }) => id).join(', ')}.`,
    });
  }
  const statement = parseStatement(running.queryString);
  if (statement.kind !== 'InsertInto') {
    throw new PaystreamError('CHANNEL_UNKNOWN', `${running.id} is no channel: it is not an INSERT INTO.`, {
      where: client.url,
      hint: 'A channel is an INSERT INTO PAYMENT_OUTPUT; tables are made anew by a migration.',
    });
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
    console.log(`${channel} is read again, by query ${await replayChannel(client, channel)}`);
  } finally {
    client.close();
  }
}
