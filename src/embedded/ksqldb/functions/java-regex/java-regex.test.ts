import { describe, expect, it } from 'vitest';
import { javaRegex } from './java-regex.js';

const all = (pattern: string, text: string) =>
  javaRegex(pattern)
    .findAll(text)
    .map((match) => match.group(0));

describe('regular expressions of Java', () => {
  it.each([
    ['possessive quantifiers', 'a++b|a', 'aaab aa', ['aaab', 'a', 'a']],
    ['possessive quantifiers that keep all', 'a++a', 'aaa', []],
    ['atomic groups', '(?>a|ab)c', 'abc ac', ['ac']],
    ['quotes', '\\Qa.b[\\E+', 'a.b[[', ['a.b[[']],
    ['flags in the middle', 'a(?i)b(?-i)c', 'aBc aBC', ['aBc']],
    ['flags of a group', '(?i:ab)c', 'ABc ABC', ['ABc']],
    ['ignoring case in classes', '(?i)[a-c]+', 'aBCd', ['aBC']],
    ['intersections', '[a-z&&[^aeiou]]+', 'hello', ['h', 'll']],
    ['unions', '[a[0-9]b]+', 'a1b2c', ['a1b2']],
    ['classes of POSIX', '\\p{Upper}\\p{Punct}', 'A! b?', ['A!']],
    ['scripts', '\\p{IsGreek}+', 'abγδ', ['γδ']],
    ['a bracket that comes first', '[]a]+', 'a]b', ['a]']],
    ['only ASCII blanks', '\\s', 'a\u00a0b c', [' ']],
    ['words with accents', '\\bé\\w', 'né éa', ['éa']],
    ['a dollar before the last line end', 'b$', 'b\nb\r\n', ['b']],
    ['dollars of all lines', '(?m)b$', 'b\nb\r\n', ['b', 'b']],
    ['dots of all lines', '(?s)a.b', 'a\nb', ['a\nb']],
    ['a dot without the line ends of Unicode', '.', '\u0085x', ['x']],
    ['comments', '(?x) a b # comment\n c', 'abc', ['abc']],
    ['named groups', '(?<y>\\d{4})-\\k<y>', '2024-2024', ['2024-2024']],
    ['octal and hexadecimal', '\\0101\\x42\\x{43}\\u0044', 'ABCD', ['ABCD']],
    ['line ends', 'a\\Rb', 'a\r\nb a\nb', ['a\r\nb', 'a\nb']],
    ['groups behind atomic ones', '(?>x*)(y)\\1', 'xxyy', ['xxyy']],
  ])('know %s', (_what, pattern, text, expected) => {
    expect(all(pattern, text)).toStrictEqual(expected);
  });

  it('number their groups as written, without helper groups', () => {
    const match = javaRegex('(?>(a)b)(c)++').find('abcc')!;
    expect([match.group(0), match.group(1), match.group(2)]).toStrictEqual(['abcc', 'a', 'c']);
  });

  it('replace with groups', () => {
    expect(javaRegex('(\\w+) (?<last>\\w+)').replaceAll('ab cd', '${last} $1 \\$1 $0')).toBe(
      'cd ab $1 ab cd',
    );
    expect(javaRegex('(a)').replaceAll('a', '$12')).toBe('a2');
    expect(() => javaRegex('a').replaceAll('a', '$1')).toThrow('No group 1');
    expect(() => javaRegex('a').replaceAll('a', '$')).toThrow('Illegal group reference');
    expect(() => javaRegex('a').replaceAll('a', '\\')).toThrow('character to be escaped is missing');
  });

  it('split as Java does', () => {
    expect(javaRegex('').split('abc')).toStrictEqual(['a', 'b', 'c']);
    expect(javaRegex('x*').split('axxb')).toStrictEqual(['a', '', 'b']);
    expect(javaRegex(',').split('a,b,,')).toStrictEqual(['a', 'b']);
  });

  it.each(['(', '[a', 'a{', '*a', '\\', '\\y', '(?<n>a)(?<n>b)', '[b-a]', '\\p{Nope}', 'a)', '(?z)'])(
    'refuse %s',
    (pattern) => {
      expect(() => javaRegex(pattern)).toThrow(`Invalid regular expression pattern: ${pattern}`);
    },
  );
});
