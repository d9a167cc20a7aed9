import { type Command, Option } from 'commander';
import type { Config, ConfigFlags } from '../config/config.js';

/** The flags that say where things are, for the commands that need them. */
export function withEndpoints(
  command: Command,
  ...which: readonly ('ksqldb' | 'kafka' | 'store')[]
): Command {
  command.addOption(
    new Option(
      '-c, --config <file>',
      'paystream.yaml or ksql-migrations.properties (default: that of this folder)',
    ),
  );
  if (which.includes('ksqldb')) {
    command.addOption(
      new Option('--ksqldb-url <url>', 'ksqlDB server (PAYSTREAM_KSQLDB_URL; default http://127.0.0.1:8088)'),
    );
  }
  if (which.includes('kafka')) {
    command.addOption(
      new Option(
        '--kafka-brokers <list>',
        'Kafka brokers, host:port,... (PAYSTREAM_KAFKA_BROKERS; default 127.0.0.1:9092)',
      ),
    );
  }
  if (which.includes('store')) {
    command.addOption(
      new Option(
        '--database-url <url>',
        'customer store (PAYSTREAM_DATABASE_URL; default the store of paystream dev)',
      ),
    );
  }
  return command;
}

/** Loads the configuration for a command's flags. */
export async function configOf(flags: ConfigFlags): Promise<Config> {
  const { loadConfig } = await import('../config/config.js');
  return await loadConfig(flags);
}
