import { PaystreamError } from '../errors/paystream-error.js';
import { NO_VERSION } from './history-entry.js';
import type { MigrationFile } from './migration-file.js';

/** Which of the pending files; all of them without any of these. */
export interface Selection {
  /** Up to this version. */
  readonly until?: number;
  /** The next one only. */
  readonly next?: boolean;
  /** This version only, even if older ones are pending. */
  readonly only?: number;
}

/** The files after the newest migrated version that the selection asks for, in order. */
export function selectPending(
  files: readonly MigrationFile[],
  latest: string,
  { until, next, only }: Selection = {},
): readonly MigrationFile[] {
  const newest = latest === NO_VERSION ? 0 : Number(latest);
  for (const wanted of [until, only]) {
    if (wanted === undefined || files.some((file) => file.version === wanted)) continue;
    throw new PaystreamError('USAGE_VERSION', `There is no migration with version ${wanted}.`, {
      hint: '`paystream migrate status` lists the versions.',
    });
  }
  if (only !== undefined && only <= newest) {
    throw new PaystreamError(
      'USAGE_VERSION',
      `Version ${only} is not newer than ${newest}, which was migrated.`,
      {
        hint: '`paystream migrate status` lists the versions.',
      },
    );
  }
  const pending = files.filter(
    (file) =>
      file.version > newest &&
      (until === undefined || file.version <= until) &&
      (only === undefined || file.version === only),
  );
  return next === true ? pending.slice(0, 1) : pending;
}
