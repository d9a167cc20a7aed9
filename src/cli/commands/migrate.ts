import type { Command } from 'commander';
import { configOf, withEndpoints } from '../endpoints.js';
import { note, notedStyle } from '../output.js';

interface MigrateFlags {
  readonly config?: string;
  readonly ksqldbUrl?: string;
  readonly directory?: string;
}

export function addMigrateCommand(program: Command): void {
  withEndpoints(
    program.command('migrate').description('apply the pending ksqlDB migrations, in order'),
    'ksqldb',
  )
    .option('--directory <folder>', 'the migrations (default: ksql/migrations)')
    .action(async (flags: MigrateFlags) => {
      const config = await configOf(flags);
      const [{ KsqldbClient }, { applyMigrations }] = await Promise.all([
        import('../../ksqldb/ksqldb-client.js'),
        import('../../migrations/apply-migrations.js'),
      ]);
      const client = new KsqldbClient(config.ksqldb);
      try {
        const result = await applyMigrations({
          client,
          directory: flags.directory ?? config.migrations.directory,
          variables: config.migrations.variables,
          onFile: (file, state, took) => {
            if (state === 'migrated')
              note(`${notedStyle('green', '✓')} ${file.version} ${file.name} (${took} ms)`);
          },
        });
        note(
          result.applied.length === 0
            ? `Nothing to do: the cluster is at version ${result.version}.`
            : `Migrated to version ${result.version}.`,
        );
      } finally {
        client.close();
      }
    });
}
