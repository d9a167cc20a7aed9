import { expect, test } from 'vitest';
import { BIGINT, STRING } from '../../../sql/sql-type.js';
import { javaMapOrder, javaStringHash } from './java-hash.js';

const order = (keys: readonly string[], capacity?: number) =>
  javaMapOrder(STRING, new Map(keys.map((key) => [key, 1])), capacity).map(([key]) => key);

test("texts have Java's hash codes", () => {
  expect(javaStringHash('')).toBe(0);
  expect(javaStringHash('hello')).toBe(99162322);
  expect(javaStringHash('polygenelubricants')).toBe(-2147483648);
});

// These orders were observed in a java.util.HashMap.
test('entries are in the order of a HashMap of their size', () => {
  expect(order(['yes, thanks', 'nope', 'sure, yeah'])).toEqual(['yes, thanks', 'sure, yeah', 'nope']);
  expect(
    order(
      '1sog 1eld btd 1n6mkey exkkey 24pbkey 97vkey 142e lp9key 95t gc1 1nkokey 2v0 1yxikey 1hqhkey avpkey m2e 1uv6 lwb 1dwv 1v2jkey d9jkey'.split(
        ' ',
      ),
    ),
  ).toEqual(
    '1nkokey exkkey 142e m2e 1sog 1hqhkey 97vkey 1dwv 24pbkey 2v0 btd d9jkey gc1 lwb 95t 1n6mkey 1eld lp9key 1uv6 avpkey 1v2jkey 1yxikey'.split(
      ' ',
    ),
  );
});

test('entries are in the order of a HashMap that grew from the default size', () => {
  expect(
    order(
      'yuokey 29 21gw zh8 1fzu 1plskey 4rqkey 10g9 21z5 mv1 1xp6 2l pixkey 1mjn p1rkey swb lxl 1iwf 1vsu 1y6ikey u14 n1akey'.split(
        ' ',
      ),
      16,
    ),
  ).toEqual(
    'lxl 10g9 29 1fzu p1rkey mv1 zh8 21z5 1plskey 1iwf 1y6ikey yuokey n1akey 1xp6 1mjn 21gw u14 2l 4rqkey pixkey swb 1vsu'.split(
      ' ',
    ),
  );
});

test('the hash code of a long key combines both halves', () => {
  const keys = [4294967296n, 1n, 0n, -1n];
  expect(javaMapOrder(BIGINT, new Map(keys.map((key) => [key, 1]))).map(([key]) => key)).toEqual([
    0n,
    -1n,
    4294967296n,
    1n,
  ]);
});
