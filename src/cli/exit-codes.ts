import { ERROR_CODES } from '../errors/error-codes.js';

/** How `paystream` ends. Stable: scripts and pipelines rely on them; docs/cli.md lists them. */
export const EXIT = {
  ok: 0,
  /** Something failed: a migration, a test, a check. */
  failed: 1,
  /** Wrong flags, a wrong configuration, a file that is not there. */
  usage: 2,
  /** With --exit-code: migrations are pending, or the cluster has drifted. */
  pending: 3,
  /** Another run holds the lock. */
  locked: 4,
  /** ksqlDB, Kafka or the store does not answer, or refuses the credentials. */
  unreachable: 5,
  /** Ended by Ctrl-C. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** The exit code of an error. A code that is not in the table comes from an embedded server: something failed. */
export function exitCodeOf(code: string): ExitCode {
  const entry = Object.hasOwn(ERROR_CODES, code) ? ERROR_CODES[code as keyof typeof ERROR_CODES] : undefined;
  return EXIT[entry?.outcome ?? 'failed'];
}
