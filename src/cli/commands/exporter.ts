import type { Command } from 'commander';
import { configOf, withEndpoints } from '../endpoints.js';
import { port } from '../flags.js';
import { note } from '../output.js';
import { aborted, withStopSignal } from '../signals.js';

interface ExporterFlags {
  readonly config?: string;
  readonly ksqldbUrl?: string;
  readonly kafkaBrokers?: string;
  readonly host: string;
  readonly port: number;
}

export function addExporterCommand(program: Command): void {
  withEndpoints(
    program.command('exporter').description('serve Prometheus metrics about ksqlDB and Kafka'),
    'ksqldb',
    'kafka',
  )
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--port <port>', 'port to listen on, 0 for any free port', port, 9108)
    .action(runExporter);
}

async function runExporter(flags: ExporterFlags): Promise<void> {
  const [config, { KsqldbClient }, { startExporter }, { createKafkaAdmin }, { kafkaConnectionOf }] =
    await Promise.all([
      configOf(flags),
      import('../../ksqldb/ksqldb-client.js'),
      import('../../exporter/start-exporter.js'),
      import('../../kafka/admin.js'),
      import('../../kafka/connection.js'),
    ]);
  const client = new KsqldbClient({ ...config.ksqldb, timeoutMs: 5_000 });
  const kafka = createKafkaAdmin(kafkaConnectionOf(config.kafka), 'paystream-exporter');
  try {
    const server = await startExporter({ ...flags, client, kafka, onFailure: note });
    note(`exporter: ${server.url}/metrics`);
    await withStopSignal(aborted);
    await server.close();
  } finally {
    await kafka.close();
    client.close();
  }
}
