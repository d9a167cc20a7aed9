import { type Command, InvalidArgumentError } from 'commander';
import { configOf, withEndpoints } from '../endpoints.js';
import { note } from '../output.js';

interface ExporterFlags {
  readonly config?: string;
  readonly ksqldbUrl?: string;
  readonly kafkaBrokers?: string;
  readonly host: string;
  readonly port: number;
}

function port(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0 || value > 65_535) {
    throw new InvalidArgumentError('a port is 0 to 65535');
  }
  return value;
}

export function addExporterCommand(program: Command): void {
  withEndpoints(
    program
      .command('exporter')
      .description('serve metrics about ksqlDB and Kafka to Prometheus, until stopped'),
    'ksqldb',
    'kafka',
  )
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--port <port>', 'port, 0 = any free one', port, 9108)
    .action(async (flags: ExporterFlags) => {
      const config = await configOf(flags);
      const { runExporter } = await import('../exporter/run-exporter.js');
      await runExporter(config, {
        host: flags.host,
        port: flags.port,
        onReady: (url) => note(`exporter: ${url}`),
        onFailure: (text) => note(text),
      });
    });
}
