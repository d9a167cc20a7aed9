import { ERROR_CODES } from '../errors/error-codes.js';

/** Exit codes of `paystream`, documented in docs/cli.md. They are stable, since scripts rely on them. */
export const EXIT = {
  ok: 0,
  /** A migration, a test or a check failed. */
  failed: 1,
  /** Wrong flags, a wrong configuration or a missing file. */
  usage: 2,
  /** With --exit-code: migrations are pending, or the cluster has drifted. */
  pending: 3,
  /** Another run holds the lock. */
  locked: 4,
  /** ksqlDB, Kafka or the store is unreachable or rejects the credentials. */
  unreachable: 5,
  /** Interrupted by Ctrl-C. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Returns the exit code for an error code. A code outside the table comes from an embedded server and means 1. */
export function exitCodeOf(code: string): ExitCode {
  const entry = Object.hasOwn(ERROR_CODES, code) ? ERROR_CODES[code as keyof typeof ERROR_CODES] : undefined;
  return EXIT[entry?.outcome ?? 'failed'];
}
