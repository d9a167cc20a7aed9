import { describe, expect, it } from 'vitest';
import { call } from '../../call.test-util.js';

const URL = 'http://user:pw@www.ex-ample.com:8080/a/b%20c?x=1%262&flag&y==&x=9#frag%21';

describe('URL functions', () => {
  it.each([
    ['URL_EXTRACT_PROTOCOL', URL, 'http'],
    ['URL_EXTRACT_HOST', URL, 'www.ex-ample.com'],
    ['URL_EXTRACT_PORT', URL, 8080],
    ['URL_EXTRACT_PATH', URL, '/a/b c'],
    ['URL_EXTRACT_QUERY', URL, 'x=1&2&flag&y==&x=9'],
    ['URL_EXTRACT_FRAGMENT', URL, 'frag!'],
    ['URL_EXTRACT_PORT', 'http://a.com', null],
    ['URL_EXTRACT_QUERY', 'http://a.com', null],
    ['URL_EXTRACT_PATH', 'http://a.com', ''],
    ['URL_EXTRACT_PATH', 'mailto:a@b.c', null],
    ['URL_EXTRACT_HOST', 'http://under_score.com/', null],
    ['URL_EXTRACT_HOST', 'http://[::1]:80/', '[::1]'],
    ['URL_EXTRACT_HOST', 'rel/path', null],
    ['URL_ENCODE_PARAM', '?foo $bar&é*', '%3Ffoo+%24bar%26%C3%A9*'],
    ['URL_DECODE_PARAM', '%3Ffoo+%24bar%26%C3%A9', '?foo $bar&é'],
  ])('%s(%s) is %s', (name, input, expected) => {
    expect(call(name, input)).toBe(expected);
  });

  it.each([
    ['x', '1'],
    ['flag', ''],
    ['y', '='],
    ['z', null],
  ])('finds the parameter %s', (name, expected) => {
    expect(call('URL_EXTRACT_PARAMETER', URL, name)).toBe(expected);
  });

  it.each(['http://a b', 'http://a.com/%zz', 'http://', ':x'])('refuses %s', (input) => {
    expect(() => call('URL_EXTRACT_HOST', input)).toThrow(`URL input has invalid syntax: ${input}`);
  });

  it('refuses invalid escapes', () => {
    expect(() => call('URL_DECODE_PARAM', 'a%2')).toThrow('Illegal hex characters');
  });
});
