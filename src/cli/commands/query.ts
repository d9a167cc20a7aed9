import { existsSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { type Command, Option } from 'commander';
import { configOf, withEndpoints } from '../endpoints.js';
import { EXIT } from '../exit-codes.js';
import { pairs, repeatable } from '../flags.js';
import { out } from '../output.js';
import type { OutputMode } from '../query/row-writer.js';
import { readSqlFile } from '../query/sql-file.js';
import { withStopSignal } from '../signals.js';

interface QueryFlags {
  readonly config?: string;
  readonly ksqldbUrl?: string;
  readonly output: OutputMode;
  readonly json?: boolean;
  readonly file?: string;
  readonly fromBeginning?: boolean;
  readonly property?: readonly string[];
  readonly define?: readonly string[];
}

export function addQueryCommand(program: Command): void {
  const output = new Option('-o, --output <mode>', 'output format; json prints one object per line');
  withEndpoints(
    program
      .command('query [sql]')
      .description('run SQL statements from text, a .sql file or stdin (-); without SQL, open a prompt'),
    'ksqldb',
  )
    .option('-f, --file <file>', 'read the statements from a file')
    .addOption(output.choices(['table', 'json', 'csv']).default('table'))
    .option('--json', 'same as --output json')
    .option('--from-beginning', 'start push queries at the beginning of their topics')
    .option('--property <name=value>', 'property of the queries; repeatable', repeatable)
    .option('-d, --define <name=value>', 'value for ${name}; repeatable', repeatable)
    .addHelpText(
      'before',
      `Examples:
  paystream query                                     open a prompt
  paystream query "SELECT * FROM PAYMENT_TRX_AGGR WHERE CUSTOMER_ID = 7;"
  paystream query "SELECT * FROM PAYMENT_OUTPUT EMIT CHANGES;" -o json
  paystream query report.sql -o csv > report.csv
`,
    )
    .action(runQuery);
}

async function runQuery(given: string | undefined, flags: QueryFlags): Promise<void> {
  const [config, { KsqldbClient }, { QuerySession }] = await Promise.all([
    configOf(flags),
    import('../../ksqldb/ksqldb-client.js'),
    import('../query/query-session.js'),
  ]);
  const sql = await sqlOf(given, flags.file);
  const client = new KsqldbClient(config.ksqldb);
  const session = new QuerySession(client, {
    mode: flags.json === true ? 'json' : flags.output,
    properties: {
      ...(flags.fromBeginning === true ? { 'auto.offset.reset': 'earliest' } : {}),
      ...pairs(flags.property, '--property'),
    },
    variables: { ...config.migrations.variables, ...pairs(flags.define, '--define') },
    write: out,
  });
  try {
    if (sql === undefined) {
      const { runPrompt } = await import('../query/prompt.js');
      await runPrompt(session, client);
      return;
    }
    await withStopSignal(async (signal) => {
      await session.run(sql, signal);
      if (signal.aborted) process.exitCode = EXIT.interrupted;
    });
  } finally {
    client.close();
  }
}

/** Returns the SQL to run, or undefined to open the prompt. */
async function sqlOf(given: string | undefined, file: string | undefined): Promise<string | undefined> {
  if (file !== undefined) return readSqlFile(file);
  if (given === '-') return await text(process.stdin);
  if (given === undefined) return process.stdin.isTTY === true ? undefined : await text(process.stdin);
  // SQL never ends in .sql, so this cannot mistake a statement for a file name.
  return given.endsWith('.sql') && existsSync(given) ? readSqlFile(given) : given;
}
