import type { Command } from 'commander';
import { withEndpoints } from '../endpoints.js';

const collect = (value: string, list?: readonly string[]) => [...(list ?? []), value];

export function addQueryCommand(program: Command): void {
  withEndpoints(
    program
      .command('query [sql]')
      .description('run statements: a text, a .sql file, - for stdin, or nothing for a prompt'),
    'ksqldb',
  )
    .option('-f, --file <file>', 'read the statements from a file')
    .option('-o, --output <mode>', 'table, json (an object a line) or csv', 'table')
    .option('--json', 'as --output json')
    .option('--from-beginning', "push queries begin at the topics' beginnings")
    .option('--property <name=value>', 'a property of the queries; repeatable', collect)
    .option('-d, --define <name=value>', 'a variable for ${name}; repeatable', collect)
    .addHelpText(
      'before',
      `Examples:
  paystream query                                     a prompt
  paystream query "SELECT * FROM PAYMENT_TRX_AGGR WHERE CUSTOMER_ID = 7;"
  paystream query "SELECT * FROM PAYMENT_OUTPUT EMIT CHANGES;" -o json
  paystream query report.sql -o csv > report.csv
`,
    )
    .action(async (sql: string | undefined, flags) =>
      (await import('../query/query-command.js')).runQuery(sql, flags),
    );
}
