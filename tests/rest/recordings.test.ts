import { existsSync } from 'node:fs';
import { expect, it } from 'vitest';
import { run } from '../../scripts/rest-recordings.js';

const file = '../shared/ksqldb-rest/recorded.json';

it('answers every recorded exchange as ksqlDB did', async ({ skip }) => {
  if (!existsSync(file)) skip(`${file} is not there`);
  const result = await run(['--recordings', file]);
  expect(result.failures).toEqual([]);
  expect(result.passed).toBeGreaterThan(100);
});
