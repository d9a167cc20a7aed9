import type { Selection } from '../../migrations/select-pending.js';
import { type MigrateFlags, wholeNumber } from './migrate-session.js';

/** The flags that choose among the pending migrations. */
export interface SelectionFlags extends MigrateFlags {
  readonly until?: string;
  readonly next?: boolean;
  readonly only?: string;
  readonly resumeAt?: string;
}

export function selectionOf(flags: SelectionFlags): Selection & { readonly resumeAt: number | undefined } {
  const number = (text: string | undefined, flag: string) =>
    text === undefined ? undefined : wholeNumber(text, flag, 1);
  return {
    until: number(flags.until, '--until'),
    only: number(flags.only, '--only'),
    next: flags.next,
    resumeAt: number(flags.resumeAt, '--resume-at'),
  };
}

/** A version for `--json`: null if there is none. */
export function versionJson(version: string): number | null {
  return Number.isInteger(Number(version)) ? Number(version) : null;
}
