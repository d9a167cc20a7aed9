export type Severity = 'error' | 'warning';

/** One thing that lint found. */
export interface Finding {
  /** `PL101`: stable; docs/migrations.md lists them. */
  readonly code: string;
  readonly severity: Severity;
  readonly path: string;
  /** From 1. */
  readonly line: number;
  readonly message: string;
  /** What to write instead. */
  readonly instead: string;
}
