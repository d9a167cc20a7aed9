import { existsSync, readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { PaystreamError } from '../../errors/paystream-error.js';
import { configOf, withEndpoints } from '../endpoints.js';
import { port, repeatable } from '../flags.js';
import { note, notedStyle, out } from '../output.js';
import { aborted, withStopSignal } from '../signals.js';

interface ConsoleFlags {
  readonly config?: string;
  readonly ksqldbUrl?: string;
  readonly kafkaBrokers?: string;
  readonly databaseUrl?: string;
  readonly host: string;
  readonly port: number;
  readonly allowHost?: readonly string[];
  readonly tokenFile?: string;
  readonly allowWrite?: boolean;
  readonly directory?: string;
  readonly store: boolean;
  readonly json?: boolean;
}

export function addConsoleCommand(program: Command): void {
  withEndpoints(
    program
      .command('console')
      .description('serve a web page: topology, queries, payments, migrations and health'),
    'ksqldb',
    'kafka',
    'store',
  )
    .option('--host <address>', 'address to listen on; a non-loopback address requires a token', '127.0.0.1')
    .option('--port <port>', 'port to listen on, 0 for any free port', port, 8089)
    .option('--allow-host <name>', 'another host name that browsers use; repeatable', repeatable)
    .option('--token-file <file>', 'file with the token (default: PAYSTREAM_CONSOLE_TOKEN, or a random one)')
    .option('--allow-write', 'also run statements that change the cluster')
    .option('--directory <folder>', 'the migrations (default: ksql/migrations)')
    .option('--no-store', 'do not query the customer store')
    .option('--json', 'print one line of JSON when ready')
    .addHelpText(
      'before',
      `Examples:
  paystream console                             on this machine, read-only
  paystream console --ksqldb-url https://ksqldb.example.com --no-store
  paystream console --host 0.0.0.0 --allow-host console.example.com
`,
    )
    .action(runConsole);
}

async function runConsole(flags: ConsoleFlags): Promise<void> {
  const [config, { openConsole }] = await Promise.all([configOf(flags), import('../open-console.js')]);
  const running = await openConsole(config, {
    host: flags.host,
    port: flags.port,
    allowedHosts: flags.allowHost,
    token: tokenOf(flags),
    allowWrite: flags.allowWrite,
    directory: flags.directory ?? config.migrations.directory,
    store: flags.store,
  });
  try {
    if (flags.json === true) out(JSON.stringify({ consoleUrl: running.url }));
    else note(`${notedStyle('green', 'ready')} ${running.url} (press Ctrl-C to stop)`);
    await withStopSignal(aborted);
  } finally {
    await running.stop();
  }
}

function tokenOf({ tokenFile }: ConsoleFlags): string | undefined {
  if (tokenFile === undefined) return process.env.PAYSTREAM_CONSOLE_TOKEN || undefined;
  const token = existsSync(tokenFile) ? readFileSync(tokenFile, 'utf8').trim() : '';
  if (token === '') {
    throw new PaystreamError('CONFIG_SECRET', 'The token file does not exist or is empty.', {
      where: tokenFile,
      hint: 'Write the token to the file, or fix --token-file.',
    });
  }
  return token;
}
