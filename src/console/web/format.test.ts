import { expect, it } from 'vitest';
import { amount, grouped, sumDecimals } from './format.js';
import { toCsv, toJson } from './query/export.js';

it('formats and sums amounts of any length exactly', () => {
  expect(grouped('-12345678901234567890')).toBe('-12\u202f345\u202f678\u202f901\u202f234\u202f567\u202f890');
  expect(amount('90071992547409.9312')).toBe('90\u202f071\u202f992\u202f547\u202f409.9312');
  expect(amount('12.5000')).toBe('12.50');
  expect(sumDecimals(['90071992547409931.0001', '0.0009', '-1'])).toBe('90071992547409930.0010');
  expect(sumDecimals(['-0.5', '0.25'])).toBe('-0.25');
});

it('exports every digit of a number, and distinguishes NULL from an empty text', () => {
  const columns = [
    { name: 'ID', type: 'BIGINT' },
    { name: 'name', type: 'STRING' },
    { name: 'tags', type: 'ARRAY<BIGINT>' },
  ];
  const rows = [
    ['9223372036854775807', '=cmd|"x",\n', '[9007199254740993]'],
    ['-1', '', null],
    [null, null, null],
  ];
  expect(toCsv(columns, rows)).toBe(
    'ID,name,tags\r\n9223372036854775807,"\'=cmd|""x"",\n",[9007199254740993]\r\n-1,"",\r\n,,\r\n',
  );
  expect(toJson(columns, rows)).toBe(
    `[\n  {"ID": 9223372036854775807, "name": "=cmd|\\"x\\",\\n", "tags": [9007199254740993]},\n  {"ID": -1, "name": "", "tags": null},\n  {"ID": null, "name": null, "tags": null}\n]\n`,
  );
});
