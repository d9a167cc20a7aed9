export type Severity = 'error' | 'warning';

/** A problem that lint found. */
export interface Finding {
  /** A stable code such as `PL101`. docs/migrations.md lists them. */
  readonly code: string;
  readonly severity: Severity;
  readonly path: string;
  /** From 1. */
  readonly line: number;
  readonly message: string;
  /** What to write instead. */
  readonly instead: string;
}
