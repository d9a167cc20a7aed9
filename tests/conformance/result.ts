import type { NegativeLevels } from './expected-error.js';

/** What came of one kind of check. */
export type Outcome =
  | { readonly status: 'passed' }
  | { readonly status: 'failed' | 'skipped'; readonly reason: string };

export const passed: Outcome = { status: 'passed' };
export const failed = (reason: string): Outcome => ({ status: 'failed', reason });
export const skipped = (reason: string): Outcome => ({ status: 'skipped', reason });

export interface CaseResult {
  /** The case without its checks after the run: its records, answers or error. */
  readonly run: Outcome;
  /** Of negative cases. */
  readonly levels?: NegativeLevels;
  readonly sources?: Outcome;
  readonly topics?: Outcome;
}

/** Failed if anything failed. */
export function overall({ run, sources, topics }: CaseResult): Outcome {
  for (const outcome of [run, sources, topics]) if (outcome?.status === 'failed') return outcome;
  return run;
}
