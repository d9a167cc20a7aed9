import { type Command, Option } from 'commander';
import { configOf, withEndpoints } from '../endpoints.js';
import { note } from '../output.js';

interface SinkFlags {
  readonly config?: string;
  readonly kafkaBrokers?: string;
  readonly databaseUrl?: string;
  readonly migrateStore: boolean;
  readonly onGap?: 'fail' | 'skip';
  readonly onRecreated?: 'fail' | 'rebuild';
}

export function addSinkCommand(program: Command): void {
  withEndpoints(
    program.command('sink').description('write PAYMENT-TRX-AGGR into the customer store, until stopped'),
    'kafka',
    'store',
  )
    .option('--no-migrate-store', "do not bring the store's schema up to date first")
    .addOption(
      new Option('--on-gap <what>', 'when Kafka no longer has the next offset (default: fail)').choices([
        'fail',
        'skip',
      ]),
    )
    .addOption(
      new Option(
        '--on-recreated <what>',
        'when the topic was deleted and created again (default: fail)',
      ).choices(['fail', 'rebuild']),
    )
    .addHelpText(
      'after',
      `
Everything else is in paystream.yaml: group, topic, dead letters, HTTP, security. Examples:
  paystream sink --kafka-brokers kafka:9092 --database-url postgres://sink@db/customers
  paystream sink --on-gap skip       once, after records were lost on purpose`,
    )
    .action(async (flags: SinkFlags) => {
      const config = await configOf(flags);
      const { runSink } = await import('../sink/run-sink.js');
      await runSink(config, {
        ...(flags.onGap === undefined ? {} : { onGap: flags.onGap }),
        ...(flags.onRecreated === undefined ? {} : { onRecreated: flags.onRecreated }),
        migrateStore: flags.migrateStore,
        onReady: (text) => note(text),
      });
    });
}
