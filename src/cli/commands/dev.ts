import type { Command } from 'commander';
import type { DevFlags } from '../dev/run-dev.js';
import { configOf } from '../endpoints.js';
import { port } from '../flags.js';

export function addDevCommand(program: Command): void {
  program
    .command('dev')
    .description('run Kafka, ksqlDB, the customer store and the sink in one process, for development')
    .option('--data-dir <folder>', 'folder for all data', '.paystream')
    .option('--ephemeral', 'keep all data in memory')
    .option('--host <address>', 'address to listen on; clients need no password', '127.0.0.1')
    .option('--kafka-port <port>', 'Kafka port, 0 for any (default: 9092, or any if taken)', port)
    .option('--ksqldb-port <port>', 'ksqlDB port (default: 8088, or any if taken)', port)
    .option('--store-port <port>', 'PostgreSQL port of the store (default: 5433, or any if taken)', port)
    .option('--schema-registry-port <port>', 'schema registry port (default: 8081, or any if taken)', port)
    .option('--kafka-users-file <file>', 'require a Kafka login (PLAIN, SCRAM); one `user:password` per line')
    .option('--kafka-tls-cert <file>', 'use TLS for Kafka with this certificate (PEM)')
    .option('--kafka-tls-key <file>', 'key of the certificate (PEM)')
    .option('--kafka-tls-ca <file>', 'require client certificates signed by this CA (PEM)')
    .option('--console-port <port>', 'port of the web page (default: 8089, or any if taken)', port)
    .option('--config <file>', 'configuration file (default: paystream.yaml if it exists)')
    .option('--directory <folder>', 'the migrations (default: ksql/migrations)')
    .option('--no-migrate', 'do not apply the migrations')
    .option('--no-sink', 'do not start the sink')
    .option('--no-console', 'do not serve the web page')
    .option('--fsync', 'survive a power loss, not only a killed process; slower')
    .option('--sample', 'send sample payments and show the last five of each customer')
    .option('--demo', 'send sample payments once, check the store, and exit')
    .option('--json', 'print one line of JSON when ready')
    .addHelpText(
      'before',
      `Examples:
  paystream dev                      start with the data in .paystream
  paystream dev --ephemeral --sample try it without keeping any data
  paystream dev --json --kafka-port 0 --ksqldb-port 0 --store-port 0
                                     for scripts: prints {"brokers","ksqldbUrl","storeUrl","consoleUrl"}
`,
    )
    .action(async (flags: DevFlags & { readonly config?: string }) => {
      const [config, { runDev }] = await Promise.all([configOf(flags), import('../dev/run-dev.js')]);
      await runDev(flags, config);
    });
}
