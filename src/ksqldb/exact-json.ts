import { LosslessNumber, parse, stringify } from 'lossless-json';

/** A JSON document whose numbers keep all digits. */
export type ExactJson =
  | null
  | boolean
  | string
  | LosslessNumber
  | readonly ExactJson[]
  | { readonly [name: string]: ExactJson };

/** Parses JSON and keeps the text of every number. Throws a SyntaxError. */
export function parseExact(text: string): ExactJson {
  return parse(text) as ExactJson;
}

/** Serializes values as JSON. Bigints and lossless numbers keep all digits. */
export function stringifyExact(value: unknown, space?: number): string {
  return stringify(value, null, space) ?? 'null';
}

/** Converts numbers to JavaScript numbers. Only for data without IDs and amounts, such as counts and states. */
export function plain(value: ExactJson): unknown {
  if (value instanceof LosslessNumber) return Number(value.value);
  if (Array.isArray(value)) return value.map(plain);
  if (value !== null && typeof value === 'object') {
    return Object.fromEntries(
      Object.entries(value).map(([name, inner]) => [name, plain(inner as ExactJson)]),
    );
  }
  return value;
}
