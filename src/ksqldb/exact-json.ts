import { LosslessNumber, parse, stringify } from 'lossless-json';

/** A JSON document whose numbers kept the digits as sent. */
export type ExactJson =
  | null
  | boolean
  | string
  | LosslessNumber
  | readonly ExactJson[]
  | { readonly [name: string]: ExactJson };

/** Parses JSON and keeps every number's own text; throws a SyntaxError. */
export function parseExact(text: string): ExactJson {
  return parse(text) as ExactJson;
}

/** Writes values as JSON: bigints and lossless numbers with all their digits. */
export function stringifyExact(value: unknown, space?: number): string {
  return stringify(value, null, space) ?? 'null';
}

/** Numbers become JavaScript numbers: for parts of an answer that hold no ids and no amounts, such as counts and states. */
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
