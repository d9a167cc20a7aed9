import { readFileSync } from 'node:fs';
import { PaystreamError } from '../../errors/paystream-error.js';

/** Reads a file of SQL statements. Throws USAGE_FILE. */
export function readSqlFile(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new PaystreamError('USAGE_FILE', `Cannot read the file: ${(cause as Error).message}.`, {
      where: path,
      hint: 'Check the path and its permissions.',
      cause,
    });
  }
}
