import { describe, expect, it } from 'vitest';
import { chooseMediaType, delimitedType, jsonType, ksqlV1JsonType } from './accept.js';

const produces = [delimitedType, ksqlV1JsonType, jsonType];

describe('chooseMediaType', () => {
  it.each([
    [undefined, delimitedType],
    ['*/*', delimitedType],
    ['application/json', jsonType],
    ['application/json, text/plain, */*', jsonType],
    ['application/*', delimitedType],
    ['text/html, application/vnd.ksql.v1+json;q=0.5', ksqlV1JsonType],
    ['application/json;q=0.1, application/vnd.ksql.v1+json;q=0.9', ksqlV1JsonType],
    ['APPLICATION/JSON', jsonType],
    ['application/json;q=nonsense', jsonType],
    ['text/html', undefined],
    ['application/json;q=0', undefined],
    [',;,', undefined],
  ])('answers %s with %s', (accept, expected) => {
    expect(chooseMediaType(accept, produces)).toBe(expected);
  });
});
