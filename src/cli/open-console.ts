import { existsSync } from 'node:fs';
import type { Config } from '../config/config.js';
import { type ConsoleOptions, type RunningConsole, startConsole } from '../console/start-console.js';
import { openConfiguredStore } from './open-configured-store.js';
import { pipelineSources } from './pipeline-sources.js';
import { VERSION } from './version.js';

/** How a console listens, and what it shows. */
export interface ConsoleListen
  extends Pick<ConsoleOptions, 'host' | 'port' | 'allowedHosts' | 'token' | 'allowWrite'> {
  /** The migrations folder. */
  readonly directory: string;
  /** False hides the customer store. */
  readonly store: boolean;
}

/** Starts a console for the cluster and the store of a configuration. */
export async function openConsole(config: Config, listen: ConsoleListen): Promise<RunningConsole> {
  const { directory, store, ...options } = listen;
  const { variables, metadata: history } = config.migrations;
  const openStore = store ? () => openConfiguredStore(config.store) : undefined;
  return await startConsole({
    ...options,
    ksqldb: config.ksqldb,
    version: VERSION,
    openStore,
    migrations: existsSync(directory) ? { directory, variables, history } : undefined,
    sources: { ...pipelineSources(config), openStore },
  });
}
