import { existsSync, readFileSync } from 'node:fs';
import type { Config } from '../../config/config.js';
import { type RunningConsole, startConsole } from '../../console/start-console.js';
import { PaystreamError } from '../../errors/paystream-error.js';
import { configOf } from '../endpoints.js';
import { openConfiguredStore } from '../open-configured-store.js';
import { note, notedStyle, out } from '../output.js';
import { VERSION } from '../version.js';

export interface ConsoleFlags {
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

/** Where and how a console listens. */
export interface ConsoleListen {
  readonly host: string;
  readonly port: number;
  readonly allowHost?: readonly string[];
  readonly token?: string;
  readonly allowWrite?: boolean;
  readonly directory: string;
  readonly store: boolean;
}

/** `paystream console`: runs until it is told to stop. */
export async function runConsole(flags: ConsoleFlags): Promise<void> {
  const config = await configOf(flags);
  const token = tokenOf(flags);
  const running = await openConsole(config, {
    ...flags,
    ...(token === undefined ? {} : { token }),
    directory: flags.directory ?? config.migrations.directory,
  });
  try {
    if (flags.json === true) out(JSON.stringify({ consoleUrl: running.url }));
    else note(`${notedStyle('green', 'ready')} ${running.url}; Ctrl-C stops`);
    await new Promise<void>((resolve) => process.once('SIGINT', resolve).once('SIGTERM', resolve));
  } finally {
    await running.stop();
  }
}

function tokenOf({ tokenFile }: ConsoleFlags): string | undefined {
  const given = process.env.PAYSTREAM_CONSOLE_TOKEN;
  if (tokenFile === undefined) return given === undefined || given === '' ? undefined : given;
  if (!existsSync(tokenFile)) {
    throw new PaystreamError('CONFIG_SECRET', 'There is no file with the token.', {
      where: tokenFile,
      hint: 'Check --token-file.',
    });
  }
  const token = readFileSync(tokenFile, 'utf8').trim();
  if (token === '')
    throw new PaystreamError('CONFIG_SECRET', 'The file with the token is empty.', { where: tokenFile });
  return token;
}

/** Starts a console for what a configuration names; health comes from `paystream status`. */
export async function openConsole(config: Config, listen: ConsoleListen): Promise<RunningConsole> {
  const { directory } = listen;
  const { variables, metadata: history } = config.migrations;
  return await startConsole({
    ksqldb: config.ksqldb,
    host: listen.host,
    port: listen.port,
    ...(listen.allowHost === undefined ? {} : { allowedHosts: listen.allowHost }),
    ...(listen.token === undefined ? {} : { token: listen.token }),
    allowWrite: listen.allowWrite === true,
    version: VERSION,
    ...(listen.store ? { openStore: () => openConfiguredStore(config.store) } : {}),
    ...(existsSync(directory) ? { migrations: { directory, variables, history } } : {}),
    health: async (client) => {
      const { readPipelineStatus } = await import('../status/status-command.js');
      return await readPipelineStatus(config, client);
    },
  });
}
