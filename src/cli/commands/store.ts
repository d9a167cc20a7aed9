import type { Command } from 'commander';
import { configOf, withEndpoints } from '../endpoints.js';
import { note } from '../output.js';

export function addStoreCommand(program: Command): void {
  const store = program.command('store').description('the customer store');
  withEndpoints(store.command('migrate').description("bring the store's schema up to date"), 'store')
    .option('--sink-role <role>', 'let this role do what the sink needs, and no more')
    .action(
      async (flags: {
        readonly config?: string;
        readonly databaseUrl?: string;
        readonly sinkRole?: string;
      }) => {
        const config = await configOf(flags);
        const [{ migrateStore }, { grantSinkRole }, { openConfiguredStore }] = await Promise.all([
          import('../../store/migrate-store.js'),
          import('../../store/sink-role.js'),
          import('../open-configured-store.js'),
        ]);
        const opened = await openConfiguredStore(config.store);
        try {
          await migrateStore(opened);
          if (flags.sinkRole !== undefined) await grantSinkRole(opened, flags.sinkRole);
          note(`The store at ${opened.address} is up to date.`);
        } finally {
          await opened.close();
        }
      },
    );
}
