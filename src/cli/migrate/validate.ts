import { readStatus } from '../../migrations/read-status.js';
import { EXIT } from '../exit-codes.js';
import { note, out, styled } from '../output.js';
import { type MigrateFlags, withServer } from './migrate-session.js';

export async function runValidate(flags: MigrateFlags): Promise<void> {
  await withServer(flags, async (session) => {
    const { problems } = await readStatus(session);
    const errors = problems.filter(({ severity }) => severity === 'error');
    if (flags.json === true) out(JSON.stringify({ valid: errors.length === 0, problems }));
    else {
      for (const { severity, code, message, where, hint } of problems) {
        out(`${styled(severity === 'error' ? 'red' : 'yellow', severity)} ${code}: ${message}`);
        if (where !== undefined) out(`  at ${where}`);
        out(`  ${hint}`);
      }
      note(errors.length === 0 ? 'The applied files are unchanged.' : `Errors: ${errors.length}.`);
    }
    if (errors.length > 0) process.exitCode = EXIT.failed;
  });
}
