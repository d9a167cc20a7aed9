import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type JsonNode, JsonNumber, JsonSyntaxError, parseExactJson } from './jackson-json.js';

const source =
  '\n at [Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); line: 1, column: ';

function plain(node: JsonNode): unknown {
  if (node instanceof JsonNumber) return Number(node.text);
  if (Array.isArray(node)) return node.map(plain);
  if (node instanceof Map) {
    const result: Record<string, unknown> = Object.create(null);
    for (const [key, value] of node) result[key] = plain(value);
    return { ...result };
  }
  return node;
}

describe('parseExactJson', () => {
  it('keeps the digits of numbers', () => {
    expect(parseExactJson('[9223372036854775807, 10.00, 1E400]')).toEqual([
      new JsonNumber('9223372036854775807'),
      new JsonNumber('10.00'),
      new JsonNumber('1E400'),
    ]);
  });

  it('reads what JSON.parse reads', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = JSON.stringify(value);
        expect(plain(parseExactJson(text))).toEqual(JSON.parse(text));
      }),
    );
  });

  it('throws nothing but JsonSyntaxError for any text', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.json().map((text) => text.slice(0, -1)),
        ),
        (text) => {
          try {
            parseExactJson(text);
          } catch (error) {
            expect(error).toBeInstanceOf(JsonSyntaxError);
          }
        },
      ),
    );
  });

  it.each([
    [
      '{not json',
      `Unexpected character ('n' (code 110)): was expecting double-quote to start field name${source}2]`,
    ],
    [
      '{"a" 1}',
      `Unexpected character ('1' (code 49)): was expecting a colon to separate field name and value${source}6]`,
    ],
    [
      '{"a":1 "b":2}',
      `Unexpected character ('"' (code 34)): was expecting comma to separate Object entries${source}8]`,
    ],
    [
      'nope',
      `Unrecognized token 'nope': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')${source}5]`,
    ],
  ])('says of %s what the server says', (text, message) => {
    expect(() => parseExactJson(text)).toThrow(message);
  });

  it('refuses deep nesting without a deep stack', () => {
    expect(() => parseExactJson('['.repeat(1_000_000))).toThrow(/nesting depth \(1001\)/);
  });
});
