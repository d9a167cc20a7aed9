import type { Command } from 'commander';
import { withEndpoints } from '../endpoints.js';

export function addStatusCommand(program: Command): void {
  withEndpoints(
    program
      .command('status')
      .description('is the pipeline healthy? one word, what it rests on, and an exit code'),
    'ksqldb',
    'kafka',
    'store',
  )
    .option('--max-lag <records>', 'a group that is further behind is degraded', '10000')
    .option('--json', 'one JSON document on stdout')
    .addHelpText(
      'before',
      `Examples:
  paystream status
  paystream status --json | jq -r .status     healthy, degraded or unhealthy
`,
    )
    .action(async (flags) => (await import('../status/status-command.js')).runPipelineStatus(flags));
}
