import { type Command, InvalidArgumentError } from 'commander';
import type { DevFlags } from '../dev/run-dev.js';
import { configOf } from '../endpoints.js';

function port(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0 || value > 65_535)
    throw new InvalidArgumentError('a port is 0 to 65535');
  return value;
}

export function addDevCommand(program: Command): void {
  program
    .command('dev')
    .description('start Kafka, ksqlDB, the customer store and the sink in this process, for development')
    .option('--data-dir <folder>', 'where everything is kept', '.paystream')
    .option('--ephemeral', 'keep everything in memory')
    .option('--host <address>', 'address to listen on; there is no authentication', '127.0.0.1')
    .option('--kafka-port <port>', 'Kafka port, 0 = any free one (default: 9092, or any if taken)', port)
    .option('--ksqldb-port <port>', 'ksqlDB port (default: 8088, or any if taken)', port)
    .option('--store-port <port>', 'PostgreSQL port of the store (default: 5433, or any if taken)', port)
    .option('--schema-registry-port <port>', 'schema registry port (default: 8081, or any if taken)', port)
    .option('--kafka-users-file <file>', 'Kafka asks for a login (PLAIN, SCRAM): a line `user:password` each')
    .option('--kafka-tls-cert <file>', 'Kafka speaks TLS with this certificate (PEM)')
    .option('--kafka-tls-key <file>', 'the key of that certificate')
    .option('--kafka-tls-ca <file>', 'clients need a certificate signed by this one')
    .option('--console-port <port>', 'port of the web page (default: 8089, or any if taken)', port)
    .option('--config <file>', 'configuration file (default: paystream.yaml if there is one)')
    .option('--directory <folder>', 'the migrations (default: ksql/migrations)')
    .option('--no-migrate', 'do not apply the migrations')
    .option('--no-sink', 'do not start the sink')
    .option('--no-console', 'do not serve the web page')
    .option('--fsync', 'survive power loss, not only a killed process; slower')
    .option('--sample', 'send sample payments and show the last fives as they change')
    .option('--demo', 'send sample payments once, check the store, and end')
    .option('--json', 'print one line of JSON when everything is ready')
    .addHelpText(
      'after',
      `
Examples:
  paystream dev                      start, and go on from .paystream
  paystream dev --ephemeral --sample try it: nothing is kept
  paystream dev --json --kafka-port 0 --ksqldb-port 0 --store-port 0
                                     for scripts: prints {"brokers","ksqldbUrl","storeUrl","consoleUrl"}`,
    )
    .action(async (flags: DevFlags & { readonly config?: string }) => {
      const [config, { runDev }] = await Promise.all([configOf(flags), import('../dev/run-dev.js')]);
      await runDev(flags, config);
    });
}
