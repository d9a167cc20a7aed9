import type { Command } from 'commander';
import { withEndpoints } from '../endpoints.js';

export function addTestCommand(program: Command): void {
  withEndpoints(
    program
      .command('test [paths...]')
      .description('run the SQL tests, each on an embedded cluster of its own'),
  )
    .option('--directory <folder>', 'the migrations (default: ksql/migrations)')
    .option(
      '-d, --define <name=value>',
      'a variable for ${name} in the migrations; repeatable',
      (value: string, list?: readonly string[]) => [...(list ?? []), value],
    )
    .option('--filter <text>', 'only tests whose name contains this')
    .option('--bail', 'stop at the first failure')
    .option('--junit <file>', "also write JUnit's XML")
    .option('--watch', 'run again after every change')
    .option('--json', 'one JSON document on stdout')
    .addHelpText(
      'before',
      `Examples:
  paystream test                             all of ksql/tests
  paystream test ksql/tests/cc_payment.sql --filter masked
  paystream test --junit reports/sql.xml     for CI
  paystream test --watch
`,
    )
    .action(async (paths: readonly string[], flags) =>
      (await import('../sql-test/test-command.js')).runTests(paths, flags),
    );
}
