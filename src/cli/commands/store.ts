import type { Command } from 'commander';
import { configOf, withEndpoints } from '../endpoints.js';
import { note } from '../output.js';

interface StoreFlags {
  readonly config?: string;
  readonly databaseUrl?: string;
  readonly sinkRole?: string;
}

export function addStoreCommand(program: Command): void {
  const store = program.command('store').description('manage the customer store');
  withEndpoints(store.command('migrate').description("bring the store's schema up to date"), 'store')
    .option('--sink-role <role>', 'grant this role the privileges that the sink needs, and no others')
    .action(runStoreMigrate);
}

async function runStoreMigrate(flags: StoreFlags): Promise<void> {
  const [config, { migrateStore }, { grantSinkRole }, { openConfiguredStore }] = await Promise.all([
    configOf(flags),
    import('../../store/migrate-store.js'),
    import('../../store/sink-role.js'),
    import('../open-configured-store.js'),
  ]);
  const store = await openConfiguredStore(config.store);
  try {
    await migrateStore(store);
    if (flags.sinkRole !== undefined) await grantSinkRole(store, flags.sinkRole);
    note(`The store at ${store.address} is up to date.`);
  } finally {
    await store.close();
  }
}
