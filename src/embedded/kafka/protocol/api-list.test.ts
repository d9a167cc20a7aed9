import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { apis } from './api-list.js';

it('the ledger in docs/kafka-compatibility.md names every API with its versions', () => {
  const path = join(import.meta.dirname, '../../../../docs/kafka-compatibility.md');
  const rows = readFileSync(path, 'utf8')
    .split('\n')
    .map((line) => line.split('|').map((cell) => cell.trim()))
    .filter((cells) => cells.length === 6 && Number.isInteger(Number.parseInt(cells[1]!, 10)))
    .map(([, key, name, versions, flexible]) => `${key} ${name} ${versions!.split(' ')[0]} ${flexible}`);
  const served = [...apis.values()].map(
    ({ key, name, versions: [first, last], flexibleFrom }) =>
      `${key} ${name} ${first}-${last} ${flexibleFrom > last ? '-' : flexibleFrom}`,
  );
  expect(rows).toEqual(served);
});
