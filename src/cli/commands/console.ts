import { type Command, InvalidArgumentError } from 'commander';
import { withEndpoints } from '../endpoints.js';

function port(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0 || value > 65_535) {
    throw new InvalidArgumentError('a port is 0 to 65535');
  }
  return value;
}

function collect(value: string, list: readonly string[] | undefined): readonly string[] {
  return [...(list ?? []), value];
}

export function addConsoleCommand(program: Command): void {
  withEndpoints(
    program.command('console').description('a web page: topology, queries, payments, migrations, health'),
    'ksqldb',
    'kafka',
    'store',
  )
    .option('--host <address>', 'address to listen on; any but a loopback one demands a token', '127.0.0.1')
    .option('--port <port>', 'port, 0 = any free one', port, 8089)
    .option('--allow-host <name>', 'another name that browsers reach it by; repeatable', collect)
    .option(
      '--token-file <file>',
      'holds the token (default: PAYSTREAM_CONSOLE_TOKEN, or one that is made up)',
    )
    .option('--allow-write', 'run statements that change the cluster, too')
    .option('--directory <folder>', 'the migrations (default: ksql/migrations)')
    .option('--no-store', 'do not ask the customer store')
    .option('--json', 'print one line of JSON when it is ready')
    .addHelpText(
      'before',
      `Examples:
  paystream console                             on this machine, read only
  paystream console --ksqldb-url https://ksqldb.example.com --no-store
  paystream console --host 0.0.0.0 --allow-host console.example.com
`,
    )
    .action(async (flags) => (await import('../console/run-console.js')).runConsole(flags));
}
