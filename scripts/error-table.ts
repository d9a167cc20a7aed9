/** Writes docs/errors.md from the table of error codes: `npx tsx scripts/error-table.ts`. A test compares the page. */
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { EXIT } from '../src/cli/exit-codes.js';
import { ERROR_CODES } from '../src/errors/error-codes.js';

const page = join(resolve(import.meta.dirname, '..'), 'docs', 'errors.md');

/** The page as it should be. */
export function errorsPage(): string {
  const rows = Object.entries(ERROR_CODES)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([code, { outcome, meaning }]) => `| \`${code}\` | ${EXIT[outcome]} | ${meaning} |`);
  return [
    '# Error codes',
    '',
    'Each error has a code, a message, the place, and what to do next. The codes are stable.',
    'Errors of the embedded servers have the codes of the servers that they stand for; they end a command with exit status 1.',
    '',
    '| code | exit status | meaning |',
    '|---|---|---|',
    ...rows,
    '',
  ].join('\n');
}

if (process.argv[1] === import.meta.filename) writeFileSync(page, errorsPage());
