import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { errorsPage } from '../../scripts/error-table.js';
import { EXIT, exitCodeOf } from '../../src/cli/exit-codes.js';
import { ERROR_CODES } from '../../src/errors/error-codes.js';

describe('exit codes', () => {
  it.each([
    ['CONFIG_INVALID', EXIT.usage],
    ['CONFIG_TLS', EXIT.usage],
    ['USAGE_NOT_CONFIRMED', EXIT.usage],
    ['MIGRATION_LOCKED', EXIT.locked],
    ['MIGRATION_LOCK_LOST', EXIT.failed],
    ['KSQLDB_UNREACHABLE', EXIT.unreachable],
    ['KSQLDB_TLS', EXIT.unreachable],
    ['KAFKA_UNAUTHORIZED', EXIT.unreachable],
    ['STORE_UNREACHABLE', EXIT.unreachable],
    ['MIGRATION_FAILED', EXIT.failed],
    // A code of an embedded server, and a name that every object inherits.
    ['KSQL_PARSE_FAILED', EXIT.failed],
    ['constructor', EXIT.failed],
  ])('%s exits with %i', (code, exit) => expect(exitCodeOf(code)).toBe(exit));

  it('match docs/errors.md', () => {
    expect(readFileSync(join(import.meta.dirname, '../../docs/errors.md'), 'utf8')).toBe(errorsPage());
  });

  it('belong to codes that are in use', () => {
    const root = join(import.meta.dirname, '../..');
    const source = ['src', 'scripts/ops']
      .flatMap((folder) =>
        readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((name) =>
          join(folder, name),
        ),
      )
      .filter((name) => /\.ts$/.test(name) && !/error-codes\.ts$|\.test\.ts$/.test(name))
      .map((name) => readFileSync(join(root, name), 'utf8'))
      .join('\n');
    expect(Object.keys(ERROR_CODES).filter((code) => !source.includes(`'${code}'`))).toEqual([]);
  });

  it('are explained in docs/cli.md', () => {
    const text = readFileSync(join(import.meta.dirname, '../../docs/cli.md'), 'utf8');
    for (const exit of Object.values(EXIT)) expect(text).toContain(`| ${exit} |`);
  });
});
