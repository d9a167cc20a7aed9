import type { Command } from 'commander';
import { withEndpoints } from '../endpoints.js';

export function addChannelCommand(program: Command): void {
  const channel = program.command('channel').description('the payment channels');
  withEndpoints(
    channel
      .command('new <name>')
      .description(
        'write the migration, the undo file and the SQL test of a new channel; asks what no flag says',
      ),
  )
    .option('--directory <folder>', 'the migrations (default: ksql/migrations)')
    .option('--tests <folder>', 'the SQL tests (default: ksql/tests)')
    .option('--topic <topic>', 'its topic (default: <NAME>-PAYMENT)')
    .option('--type <text>', 'its paymentType (default: <NAME>)')
    .option('--trx-id <field>', 'its field for trxId; the others likewise, - for none')
    .option('--trx-amount <field>')
    .option('--customer-id <field>')
    .option('--trx-date <field>')
    .option('--account-no <field>')
    .option('--account-name <field>')
    .option('--bank-name <field>')
    .option('--reference-no <field>')
    .option('--currency <field>')
    .option('--fixed-currency <code>', 'the currency of all its payments, with --currency -')
    .option('--time-zone <zone>', 'in which it writes its dates (default: UTC)')
    .option('--partitions <number>', 'of its topic, if it is made', '6')
    .option('--yes', 'take the usual answer to what no flag says')
    .option('--json', 'one JSON document on stdout')
    .addHelpText(
      'before',
      `Examples:
  paystream channel new ewallet
  paystream channel new ewallet --account-no walletId --bank-name - --currency - --fixed-currency IDR
`,
    )
    .action(async (name: string, flags) =>
      (await import('../channel/new-channel.js')).runNewChannel(name, flags),
    );
}
