import { describe, expect, test } from 'vitest';
import { PlannerUnderTest } from './planner.test-util.js';

/** A rule, a statement that breaks it, and the start of ksqlDB's message. */
export type Refusal = readonly [rule: string, sql: string, message: string];

/** Makes a test of each refusal. Every test starts from the sources alone. */
export function specifyRefusals(title: string, sources: string, refusals: readonly Refusal[]): void {
  describe(title, () => {
    test.each(refusals.map(([rule, sql, message]) => ({ rule, sql, message })))(
      '$rule',
      ({ sql, message }) => {
        const planner = new PlannerUnderTest();
        if (sources !== '') planner.run(sources);
        expect(messageOf(() => planner.run(sql))).toContain(message);
      },
    );
  });
}

function messageOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  return 'accepted';
}
