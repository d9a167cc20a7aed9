import { PaystreamError } from '../errors/paystream-error.js';
import { NO_VERSION } from './history-entry.js';
import type { MigrationFile } from './migration-file.js';

/** Which of the pending files to apply; all of them if no member is set. */
export interface Selection {
  /** Up to this version. */
  readonly until?: number | undefined;
  /** The next one only. */
  readonly next?: boolean | undefined;
  /** This version only, even if older versions are pending. */
  readonly only?: number | undefined;
}

/** Selects pending files, in order. Throws USAGE_VERSION if a version does not exist or is already migrated. */
export function selectPending(
  files: readonly MigrationFile[],
  latest: string,
  { until, next, only }: Selection = {},
): readonly MigrationFile[] {
  const newest = latest === NO_VERSION ? 0 : Number(latest);
  const hint = 'Run `paystream migrate status` to list the versions.';
  for (const wanted of [until, only]) {
    if (wanted === undefined || files.some((file) => file.version === wanted)) continue;
    throw new PaystreamError('USAGE_VERSION', `There is no migration with version ${wanted}.`, { hint });
  }
  if (only !== undefined && only <= newest) {
    const message = `Version ${only} is not newer than ${newest}, the current version of the cluster.`;
    throw new PaystreamError('USAGE_VERSION', message, { hint });
  }
  const pending = files.filter(
    ({ version }) => version > newest && version <= (until ?? version) && version === (only ?? version),
  );
  return next === true ? pending.slice(0, 1) : pending;
}
