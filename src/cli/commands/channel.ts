import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { PaystreamError } from '../../errors/paystream-error.js';
import { type Channel, OPTIONAL_FIELDS, REQUIRED_FIELDS } from '../../pipeline/channel.js';
import { ask } from '../confirm.js';
import { withEndpoints } from '../endpoints.js';
import type { MigrateFlags } from '../migrate/migrate-session.js';
import { note, out } from '../output.js';

type FieldFlags = Partial<Record<(typeof REQUIRED_FIELDS | typeof OPTIONAL_FIELDS)[number], string>>;

interface ChannelFlags extends MigrateFlags, FieldFlags {
  readonly tests?: string;
  readonly topic?: string;
  readonly type?: string;
  readonly fixedCurrency?: string;
  readonly timeZone?: string;
  readonly partitions: string;
  readonly yes?: boolean;
}

/** Marks a field that the channel does not have. */
const NONE = '-';

export function addChannelCommand(program: Command): void {
  const channel = program.command('channel').description('manage payment channels');
  const command = withEndpoints(channel.command('new <name>'))
    .description('write the migration, undo file and SQL test of a new channel; prompts for missing flags')
    .option('--directory <folder>', 'the migrations (default: ksql/migrations)')
    .option('--tests <folder>', 'the SQL tests (default: ksql/tests)')
    .option('--topic <topic>', 'topic (default: <NAME>-PAYMENT)')
    .option('--type <text>', 'paymentType (default: <NAME>)');
  for (const field of REQUIRED_FIELDS) {
    command.option(`--${kebab(field)} <field>`, `field that holds ${field} (default: ${field})`);
  }
  for (const field of OPTIONAL_FIELDS) {
    command.option(`--${kebab(field)} <field>`, `field that holds ${field}, - for none (default: ${field})`);
  }
  command
    .option('--fixed-currency <code>', 'currency of all payments, with --currency -')
    .option('--time-zone <zone>', 'time zone of its dates (default: UTC)')
    .option('--partitions <number>', 'partitions of a new topic', '6')
    .option('--yes', 'use the defaults instead of prompting')
    .option('--json', 'print one JSON document to stdout')
    .addHelpText(
      'before',
      `Examples:
  paystream channel new ewallet
  paystream channel new ewallet --account-no walletId --bank-name - --currency - --fixed-currency IDR
`,
    )
    .action(runNewChannel);
}

function kebab(field: string): string {
  return field.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

async function runNewChannel(name: string, flags: ChannelFlags): Promise<void> {
  const [{ channelFiles, streamName }, { newMigration }, { openSession, wholeNumber }] = await Promise.all([
    import('../../pipeline/channel-files.js'),
    import('../../migrations/new-migration.js'),
    import('../migrate/migrate-session.js'),
  ]);
  const { config, directory } = await openSession(flags);
  const partitions = wholeNumber(flags.partitions, '--partitions', 1);
  const files = channelFiles({ ...(await describeChannel(name, streamName(name), flags)), partitions });
  const tests = flags.tests ?? config.migrations.tests;
  const testPath = join(tests, `${files.description}.sql`);
  if (existsSync(testPath)) {
    throw new PaystreamError('CHANNEL_EXISTS', 'A test with this name already exists.', {
      where: testPath,
      hint: 'Choose another channel name, or delete the file.',
    });
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
  note('Next: `paystream test`, `paystream migrate plan`, then `paystream migrate`.');
}

/** Takes each value from its flag, else from a prompt, else its default. */
async function describeChannel(
  name: string,
  stream: string,
  flags: ChannelFlags,
): Promise<Omit<Channel, 'partitions'>> {
  const prompts = process.stdin.isTTY === true && flags.yes !== true && flags.json !== true;
  const value = async (given: string | undefined, question: string, usual: string): Promise<string> => {
    if (given !== undefined || !prompts) return given ?? usual;
    const answer = await ask(`${question} [${usual}] `);
    return answer === '' ? usual : answer;
  };
  const topic = await value(flags.topic, 'Topic', stream.replaceAll('_', '-'));
  const paymentType = await value(flags.type, 'paymentType', stream.replace(/_PAYMENT$/, ''));
  const fields: Record<string, string> = {};
  for (const field of REQUIRED_FIELDS) {
    fields[field] = await value(flags[field], `Field that holds ${field}`, field);
  }
  for (const field of OPTIONAL_FIELDS) {
    const found = await value(flags[field], `Field that holds ${field}, - for none`, field);
    if (found !== NONE) fields[field] = found;
  }
  const fixed =
    fields.currency === undefined
      ? await value(flags.fixedCurrency, 'Currency of all payments, - for unknown', NONE)
      : NONE;
  return {
    name,
    topic,
    paymentType,
    fields: fields as Channel['fields'],
    fixedCurrency: fixed === NONE ? undefined : fixed,
    timeZone: await value(flags.timeZone, 'Time zone of its dates', 'UTC'),
  };
}
