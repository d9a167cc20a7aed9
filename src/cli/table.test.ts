import { describe, expect, it } from 'vitest';
import { displayWidth, printable, tableLines } from './table.js';

describe('a table', () => {
  it('aligns columns that contain wide and combining characters', () => {
    const lines = tableLines(
      ['name', { right: 'n' }],
      [
        ['日本', '1'],
        ['Ánh', '22'],
        ['A\u0301nh', '333'],
      ],
    );
    expect(lines).toEqual(['name    n', '日本    1', 'Ánh    22', 'A\u0301nh   333']);
    expect(new Set(lines.map(displayWidth)).size).toBe(1);
  });

  it('escapes control characters in cells', () => {
    expect(printable('a\nb\tc\u001b[31m')).toBe('a\\nb\\tc\\u001b[31m');
    expect(tableLines(['x'], [['a\r\nb']])).toHaveLength(2);
  });
});
