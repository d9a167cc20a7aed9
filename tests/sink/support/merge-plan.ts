import { expect } from 'vitest';
import { MERGE_TRANSACTION } from '../../../src/store/merge.js';
import { MERGE_STATEMENT } from '../../../src/store/merge-statement.js';
import type { Store } from '../../../src/store/store.js';

/** The merge's plan as every batch gets it, whatever its size: rows are found by their keys, and never by a scan. */
export async function expectPlanByKeys(store: Store): Promise<void> {
  const text = await store.transaction(async (tx) => {
    await tx.script(`PREPARE merge_plan AS ${MERGE_STATEMENT}`);
    const { rows } = await tx.query<Record<string, string>>(
      'EXPLAIN EXECUTE merge_plan (NULL, NULL, NULL, NULL)',
    );
    await tx.script('DEALLOCATE merge_plan');
    return rows.map((row) => row['QUERY PLAN']).join('\n');
  }, MERGE_TRANSACTION);
  expect(text).toContain('Tid Scan on customer_payment');
  expect(text).toContain('Index Cond: (customer_id = ANY');
  expect(text).toContain('Index Cond: ((customer_id = ');
  expect(text).toMatch(/hashed SubPlan/i);
  expect(text).not.toMatch(/(Hash|Merge) (Left |Right |Anti |Semi )?Join/);
  expect(text).not.toContain('Seq Scan on customer_payment');
}
