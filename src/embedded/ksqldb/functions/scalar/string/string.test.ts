import { describe, expect, it } from 'vitest';
import { INTEGER, mapType, STRING } from '../../../../../sql/sql-type.js';
import type { Value } from '../../../types/value.js';
import { type Argument, bindScalar, call, typed } from '../../call.test-util.js';

const bytes = (...values: number[]): Buffer => Buffer.from(values);

const CASES: readonly (readonly [string, readonly Argument[], Value])[] = [
  ['CONCAT', ['a', 'b', 'c'], 'abc'],
  ['CONCAT', ['a', typed(STRING, null), 'c'], 'ac'],
  ['CONCAT', [typed(STRING, null), typed(STRING, null)], ''],
  ['CONCAT', [bytes(1), bytes(2, 3)], bytes(1, 2, 3)],
  ['CONCAT_WS', ['-', 'a', typed(STRING, null), 'b'], 'a-b'],
  ['CONCAT_WS', [typed(STRING, null), 'a', 'b'], null],
  ['CONCAT_WS', ['-', typed(STRING, null)], ''],
  ['CONCAT_WS', [bytes(0), bytes(1), bytes(2)], bytes(1, 0, 2)],
  ['UCASE', ['straße'], 'STRASSE'],
  ['LCASE', ['ÀB'], 'àb'],
  ['INITCAP', ['the  quick bROWN\tfox'], 'The  Quick Brown\tFox'],
  ['INITCAP', ['  leading'], 'Leading'],
  ['TRIM', [' \t a b \u0001'], 'a b'],
  ['TRIM', ['\u00a0a'], '\u00a0a'],
  ['LPAD', ['foo', 7, 'Bar'], 'BarBfoo'],
  ['LPAD', ['foo', 2, 'Bar'], 'fo'],
  ['LPAD', ['foo', 0, 'Bar'], ''],
  ['LPAD', ['foo', -1, 'Bar'], null],
  ['LPAD', ['foo', 5, ''], null],
  ['RPAD', ['foo', 8, 'Bar'], 'fooBarBa'],
  ['RPAD', ['foo', 1, 'Bar'], 'f'],
  ['LPAD', [bytes(1, 2), 5, bytes(7, 8)], bytes(7, 8, 7, 1, 2)],
  ['RPAD', [bytes(1, 2), 5, bytes(7, 8)], bytes(1, 2, 7, 8, 7)],
  ['RPAD', [bytes(1, 2), 1, bytes(7, 8)], bytes(1)],
  ['SUBSTRING', ['a test string', 3], 'test string'],
  ['SUBSTRING', ['a test string', -6], 'string'],
  ['SUBSTRING', ['a test string', 0], 'a test string'],
  ['SUBSTRING', ['a test string', 99], ''],
  ['SUBSTRING', ['a test string', -99], 'a test string'],
  ['SUBSTRING', ['a test string', 3, 4], 'test'],
  ['SUBSTRING', ['a test string', -6, 3], 'str'],
  ['SUBSTRING', ['a test string', 3, -1], ''],
  ['SUBSTRING', ['a test string', 3, 2147483647], ''],
  ['SUBSTRING', ['a test string', 1, 2147483647], 'a test string'],
  ['SUBSTRING', [bytes(1, 2, 3, 4), 2, 2], bytes(2, 3)],
  ['SUBSTRING', [bytes(1, 2, 3, 4), -2], bytes(3, 4)],
  ['LEN', ['héllo😀'], 7],
  ['LEN', [bytes(1, 2)], 2],
  ['REPLACE', ['foobar', 'foo', '$&'], '$&bar'],
  ['REPLACE', ['ab', '', '-'], '-a-b-'],
  ['REPLACE', ['a.b.c', '.', ''], 'abc'],
  ['SPLIT', ['a..b', '.'], ['a', '', 'b']],
  ['SPLIT', ['.a.', '.'], ['', 'a', '']],
  ['SPLIT', ['', '.'], ['']],
  ['SPLIT', ['abc', ''], ['a', 'b', 'c']],
  ['SPLIT', ['', ''], ['']],
  ['SPLIT', [bytes(1, 0, 2), bytes(0)], [bytes(1), bytes(2)]],
  ['SPLIT', [bytes(1, 2), bytes()], [bytes(1), bytes(2)]],
  [
    'SPLIT_TO_MAP',
    ['a:=1/b:=2/a:=3/x', '/', ':='],
    new Map([
      ['a', '3'],
      ['b', '2'],
    ]),
  ],
  ['SPLIT_TO_MAP', ['a=1', '=', '='], null],
  ['CHR', [75], 'K'],
  ['CHR', [128512], '😀'],
  ['CHR', [-1], null],
  ['CHR', [1114112], null],
  ['CHR', ['\\u004b'], 'K'],
  ['CHR', ['\\u004b\\n\\101!'], 'K\nA!'],
  ['CHR', ['K'], null],
  ['ELT', [2, 'a', 'b'], 'b'],
  ['ELT', [0, 'a', 'b'], null],
  ['ELT', [3, 'a', 'b'], null],
  ['FIELD', ['b', 'a', 'b', 'b'], 2],
  ['FIELD', ['c', 'a', 'b'], 0],
  ['INSTR', ['CORPORATE FLOOR', 'OR'], 2],
  ['INSTR', ['CORPORATE FLOOR', 'OR', 3], 5],
  ['INSTR', ['CORPORATE FLOOR', 'OR', 3, 2], 14],
  ['INSTR', ['CORPORATE FLOOR', 'OR', -3], 5],
  ['INSTR', ['CORPORATE FLOOR', 'OR', -3, 2], 2],
  ['INSTR', ['CORPORATE FLOOR', 'MISSING'], 0],
  ['INSTR', ['abc', 'a', 9], 0],
  ['INSTR', ['aaa', 'aa', 1, 2], 2],
  ['MASK', ['AbCd#$123xy Z'], 'XxXx--nnnxx-X'],
  ['MASK', ['AbCd#$123xy Z', 'Q', 'q', '9', '@'], 'QqQq@@999qq@Q'],
  ['MASK', ['Ab1-', typed(STRING, null), 'q', typed(STRING, null), typed(STRING, null)], 'Aq1-'],
  ['MASK', ['Éé٣'], 'Xxn'],
  ['MASK_LEFT', ['AbCd#$123xy Z', 5], 'XxXx-$123xy Z'],
  ['MASK_RIGHT', ['AbCd#$123xy Z', 5], 'AbCd#$12nxx-X'],
  ['MASK_KEEP_LEFT', ['AbCd#$123xy Z', 5], 'AbCd#-nnnxx-X'],
  ['MASK_KEEP_RIGHT', ['AbCd#$123xy Z', 5], 'XxXx--nn3xy Z'],
  ['MASK_KEEP_RIGHT', ['Ab', 9, 'Q', 'q', '9', '@'], 'Ab'],
  ['MD5', ['abc'], '900150983cd24fb0d6963f7d28e17f72'],
  ['UUID', [bytes(...Array.from({ length: 16 }, (_, i) => i))], '00010203-0405-0607-0809-0a0b0c0d0e0f'],
  ['UUID', [bytes(1)], null],
  ['ENCODE', ['4578616d706C6521', 'hex', 'ascii'], 'Example!'],
  ['ENCODE', ["x'ce95'", 'HEX', 'utf8'], 'Ε'],
  ['ENCODE', ['0x4578', 'hex', 'base64'], 'RXg='],
  ['ENCODE', ['Ε', 'utf8', 'ascii'], '\ufffd\ufffd'],
  ['ENCODE', ['Ε', 'ascii', 'hex'], '3f'],
  ['ENCODE', ['RXg=', 'base64', 'hex'], '4578'],
  ['TO_BYTES', ['21', 'hex'], bytes(0x21)],
  ['TO_BYTES', ['é', 'utf8'], bytes(0xc3, 0xa9)],
  ['TO_BYTES', ['IQ', 'base64'], bytes(0x21)],
  ['FROM_BYTES', [bytes(0xab), 'hex'], 'AB'],
  ['FROM_BYTES', [bytes(0xc3, 0xa9), 'utf8'], 'é'],
  ['REGEXP_EXTRACT', ['(.*) (.*)', 'test string', 2], 'string'],
  ['REGEXP_EXTRACT', ['c.?', 'cat cap'], 'ca'],
  ['REGEXP_EXTRACT', ['x', 'cat'], null],
  ['REGEXP_EXTRACT', ['(x)', 'x', 2], null],
  ['REGEXP_EXTRACT_ALL', ['(\\w+) (\\w+)', 'ab cd ef gh', 2], ['cd', 'gh']],
  ['REGEXP_EXTRACT_ALL', ['x', 'abc'], []],
  ['REGEXP_REPLACE', ['baababaa', '(ab)+', '<$1>'], 'ba<ab>aa'],
  ['REGEXP_SPLIT_TO_ARRAY', ['aabcda', '(ab|cd)'], ['a', '', 'a']],
  ['REGEXP_SPLIT_TO_ARRAY', ['aab', ''], ['a', 'a', 'b']],
  ['REGEXP_SPLIT_TO_ARRAY', ['zzz', 'a'], ['zzz']],
];

describe('string functions', () => {
  it.each(CASES)('%s %o is %o', (name, args, expected) => {
    expect(call(name, ...args)).toStrictEqual(expected);
  });

  it.each([
    ['CONCAT_WS', ['-'], 'at least two'],
    ['LPAD', ['a', 2_147_483_647, 'xy'], 'the limit is 16777216'],
    ['RPAD', [bytes(1), 1_000_000_000, bytes(0)], 'the limit is 16777216'],
    ['MASK', ['a', 'xx', 'x', 'x', 'x'], 'single character'],
    ['MASK_LEFT', ['a', -1], 'function mask_left requires a non-negative number'],
    ['ENCODE', ['a', 'utf8', 'utf8'], 'Supported input and output encodings'],
    ['ENCODE', ['abc', 'hex', 'utf8'], 'Odd number'],
    ['TO_BYTES', ['abc', 'utf7'], "Unknown encoding type 'utf7'"],
    ['TO_BYTES', ['*', 'base64'], 'base64'],
    ['REGEXP_REPLACE', ['a', '(', 'b'], 'Invalid regular expression pattern: ('],
  ] as const)('%s %o refuses', (name, args, message) => {
    expect(() => call(name, ...args)).toThrow(message);
  });

  it('returns a random version 4 UUID for each call', () => {
    const { call: uuid } = bindScalar('UUID', []);
    const first = uuid();
    expect(first).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(uuid()).not.toBe(first);
  });

  it('returns values of the types in the signatures', () => {
    expect(bindScalar('SPLIT_TO_MAP', ['a', 'b', 'c']).returnType).toStrictEqual(mapType(STRING, STRING));
    expect(bindScalar('LEN', ['a']).returnType).toStrictEqual(INTEGER);
  });
});
