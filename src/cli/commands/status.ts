import type { Command } from 'commander';
import { PaystreamError } from '../../errors/paystream-error.js';
import type { PipelineStatus } from '../../pipeline/pipeline-status.js';
import { configOf, withEndpoints } from '../endpoints.js';
import { EXIT } from '../exit-codes.js';
import { out, styled } from '../output.js';
import { tableLines } from '../table.js';

interface StatusFlags {
  readonly config?: string;
  readonly ksqldbUrl?: string;
  readonly kafkaBrokers?: string;
  readonly databaseUrl?: string;
  readonly json?: boolean;
  readonly maxLag: string;
}

const COLORS = { healthy: 'green', degraded: 'yellow', unhealthy: 'red' } as const;

export function addStatusCommand(program: Command): void {
  withEndpoints(
    program.command('status').description('check the health of the pipeline; exits with 1 unless healthy'),
    'ksqldb',
    'kafka',
    'store',
  )
    .option('--max-lag <records>', 'report a group as degraded when it is further behind', '10000')
    .option('--json', 'print one JSON document to stdout')
    .addHelpText(
      'before',
      `Examples:
  paystream status
  paystream status --json | jq -r .status     healthy, degraded or unhealthy
`,
    )
    .action(runStatus);
}

async function runStatus(flags: StatusFlags): Promise<void> {
  if (!/^\d+$/.test(flags.maxLag)) {
    throw new PaystreamError('USAGE', `--max-lag: '${flags.maxLag}' is not a number of records.`);
  }
  const [config, { KsqldbClient }, { readPipelineStatus }, { pipelineSources }] = await Promise.all([
    configOf(flags),
    import('../../ksqldb/ksqldb-client.js'),
    import('../../pipeline/pipeline-status.js'),
    import('../pipeline-sources.js'),
  ]);
  const client = new KsqldbClient(config.ksqldb);
  try {
    const sources = { ...pipelineSources(config), maxLag: BigInt(flags.maxLag) };
    const status = await readPipelineStatus(client, sources);
    if (flags.json === true) out(JSON.stringify(status));
    else show(status);
    if (status.status !== 'healthy') process.exitCode = EXIT.failed;
  } finally {
    client.close();
  }
}

function show(status: PipelineStatus): void {
  section(
    ['query', 'state', 'writes'],
    status.queries.map(({ id, state, writes }) => [id, state, writes.join(', ')]),
  );
  section(
    ['channel', 'newest payment (UTC)', 'age', 'payments in 48 h'],
    status.channels.map(({ paymentType, newestTrxDate, ageSeconds, payments }) => [
      paymentType,
      newestTrxDate,
      age(ageSeconds),
      String(payments),
    ]),
  );
  section(
    ['group', 'topic', 'lag'],
    status.lags.map(({ group, topic, lag }) => [group, topic, lag]),
  );
  const counts = [
    ['rejected payments', status.rejected],
    ['processing log entries', status.processingLogErrors],
  ] as const;
  section(
    ['records', 'last hour', 'retained'],
    counts.flatMap(([name, count]) => (count === null ? [] : [[name, count.lastHour, count.total]])),
  );
  for (const finding of status.findings) {
    out(`${styled(COLORS[finding.word], finding.word)} ${finding.message}`);
    if (finding.hint !== undefined) out(`  ${finding.hint}`);
  }
  out(styled(COLORS[status.status], status.status));
}

function section(columns: readonly string[], rows: readonly (readonly string[])[]): void {
  if (rows.length === 0) return;
  for (const line of tableLines(columns, rows)) out(line);
  out('');
}

function age(seconds: number): string {
  if (!Number.isFinite(seconds)) return '';
  if (seconds < 0) return 'in the future';
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7_200) return `${Math.round(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.round(seconds / 3_600)} h`;
  return `${Math.round(seconds / 86_400)} days`;
}
