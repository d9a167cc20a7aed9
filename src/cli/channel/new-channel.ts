import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PaystreamError } from '../../errors/paystream-error.js';
import { newMigration } from '../../migrations/new-migration.js';
import { ask } from '../confirm.js';
import { type MigrateFlags, openSession, wholeNumber } from '../migrate/migrate-session.js';
import { note, out } from '../output.js';
import { type Channel, type ChannelFields, channelFiles, streamName } from './channel-files.js';

export interface NewChannelFlags extends MigrateFlags {
  readonly tests?: string;
  readonly topic?: string;
  readonly type?: string;
  readonly trxId?: string;
  readonly trxAmount?: string;
  readonly customerId?: string;
  readonly trxDate?: string;
  readonly accountNo?: string;
  readonly accountName?: string;
  readonly bankName?: string;
  readonly referenceNo?: string;
  readonly currency?: string;
  readonly fixedCurrency?: string;
  readonly timeZone?: string;
  readonly partitions: string;
  readonly yes?: boolean;
}

const REQUIRED = ['trxId', 'trxAmount', 'customerId', 'trxDate'] as const;
const OPTIONAL = ['accountNo', 'accountName', 'bankName', 'referenceNo', 'currency'] as const;
/** What a flag or an answer says for "it has no such field". */
const NONE = '-';

export async function runNewChannel(name: string, flags: NewChannelFlags): Promise<void> {
  const { config, directory } = await openSession(flags);
  const channel = await describeChannel(name, flags);
  const files = channelFiles(channel);
  const tests = flags.tests ?? config.migrations.tests;
  const testPath = join(tests, `${files.description}.sql`);
  if (existsSync(testPath)) {
    throw new PaystreamError('CHANNEL_EXISTS', 'There is a test of that name already.', { where: testPath });
  }
  const paths = newMigration({
    directory,
    description: files.description,
    undo: true,
    sql: files.migration,
    undoSql: files.undo,
  });
  mkdirSync(tests, { recursive: true });
  writeFileSync(testPath, files.test, { flag: 'wx' });
  const written = [...paths, testPath];
  if (flags.json === true) out(JSON.stringify({ paths: written }));
  else for (const path of written) out(path);
  note('They work as they are: `paystream test`, `paystream migrate plan`, `paystream migrate`.');
}

async function describeChannel(name: string, flags: NewChannelFlags): Promise<Channel> {
  const stream = streamName(name);
  const asks = process.stdin.isTTY === true && flags.yes !== true && flags.json !== true;
  const value = async (given: string | undefined, question: string, usual: string): Promise<string> => {
    if (given !== undefined) return given;
    if (!asks) return usual;
    const answer = await ask(`${question} [${usual}] `);
    return answer === '' ? usual : answer;
  };
  const topic = await value(flags.topic, 'Topic', stream.replaceAll('_', '-'));
  const type = await value(flags.type, 'paymentType', stream.replace(/_PAYMENT$/, ''));
  const names = new Map<string, string>();
  for (const field of REQUIRED) names.set(field, await value(flags[field], `Its field for ${field}`, field));
  for (const field of OPTIONAL) {
    const found = await value(flags[field], `Its field for ${field}, - for none`, field);
    if (found !== NONE) names.set(field, found);
  }
  const duplicate = [...names.values()].find((each, i, all) => all.indexOf(each) !== i);
  if (duplicate !== undefined) {
    throw new PaystreamError('USAGE_CHANNEL', `The field ${duplicate} is named twice.`, {
      hint: 'Give - for a field that the channel does not have.',
    });
  }
  const fixed = names.has('currency')
    ? undefined
    : await value(flags.fixedCurrency, 'Currency of all its payments, - for unknown', NONE);
  return {
    name,
    topic,
    paymentType: type,
    fields: Object.fromEntries(names) as unknown as ChannelFields,
    ...(fixed === undefined || fixed === NONE ? {} : { fixedCurrency: fixed }),
    timeZone: await value(flags.timeZone, 'Time zone of its dates', 'UTC'),
    partitions: wholeNumber(flags.partitions, '--partitions', 1),
  };
}
