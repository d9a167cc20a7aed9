import type { Command } from 'commander';
import { configOf, withEndpoints } from '../endpoints.js';
import { note } from '../output.js';

interface SinkFlags {
  readonly config?: string;
  readonly kafkaBrokers?: string;
  readonly databaseUrl?: string;
  readonly migrateStore: boolean;
}

export function addSinkCommand(program: Command): void {
  withEndpoints(
    program.command('sink').description('write PAYMENT-TRX-AGGR into the customer store, until stopped'),
    'kafka',
    'store',
  )
    .option('--no-migrate-store', "do not bring the store's schema up to date first")
    .action(async (flags: SinkFlags) => {
      const config = await configOf(flags);
      const { runSink } = await import('../sink/run-sink.js');
      await runSink(config, { migrateStore: flags.migrateStore, onReady: (text) => note(text) });
    });
}
