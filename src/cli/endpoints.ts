import { type Command, Option } from 'commander';
import type { Config, ConfigFlags } from '../config/config.js';

/** Adds `--config` and the address flags that a command needs. */
export function withEndpoints(
  command: Command,
  ...which: readonly ('ksqldb' | 'kafka' | 'store')[]
): Command {
  command.addOption(
    new Option(
      '-c, --config <file>',
      'configuration file (default: paystream.yaml or ksql-migrations.properties, if it exists)',
    ),
  );
  if (which.includes('ksqldb')) {
    command.addOption(
      new Option(
        '--ksqldb-url <url>',
        'ksqlDB server (env: PAYSTREAM_KSQLDB_URL; default: http://127.0.0.1:8088)',
      ),
    );
  }
  if (which.includes('kafka')) {
    command.addOption(
      new Option(
        '--kafka-brokers <list>',
        'Kafka brokers as host:port,... (env: PAYSTREAM_KAFKA_BROKERS; default: 127.0.0.1:9092)',
      ),
    );
  }
  if (which.includes('store')) {
    command.addOption(
      new Option(
        '--database-url <url>',
        'customer store (env: PAYSTREAM_DATABASE_URL; default: the store of paystream dev)',
      ),
    );
  }
  return command;
}

/** Loads the configuration, with the flags of a command on top. */
export async function configOf(flags: ConfigFlags): Promise<Config> {
  const { loadConfig } = await import('../config/config.js');
  return await loadConfig(flags);
}
