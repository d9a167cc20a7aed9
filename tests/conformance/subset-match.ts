/** Answers of the REST API against those a case expects: fields that are not named do not matter. */
import { LosslessNumber } from 'lossless-json';
import { Decimal } from '../../src/embedded/ksqldb/types/decimal.js';
import { type ExactJson, stringifyExact } from '../../src/ksqldb/exact-json.js';

type JsonObject = { readonly [name: string]: ExactJson };

const isObject = (node: ExactJson | undefined): node is JsonObject =>
  node !== null && typeof node === 'object' && !Array.isArray(node) && !(node instanceof LosslessNumber);

/** Null if every expected field is there and equal; the values in `columns` are compared elsewhere. */
export function subsetMismatch(
  actual: ExactJson | undefined,
  expected: ExactJson,
  path: string,
): string | null {
  if (!isObject(expected)) return exactMismatch(actual ?? null, expected, path);
  if (!isObject(actual)) return `${path}: expected an object, got ${text(actual)}`;
  for (const [field, each] of Object.entries(expected)) {
    const [name = '', operator] = field.split('|');
    if (name === 'columns') continue;
    const value = actual[name];
    const at = `${path}.${name}`;
    if (value === undefined) return `${at} is missing in ${text(actual)}`;
    if (operator === 'starts_with') {
      if (!String(value).startsWith(String(each)))
        return `${at}: expected ${text(each)}..., got ${text(value)}`;
      continue;
    }
    const difference = subsetMismatch(value, each as ExactJson, at);
    if (difference !== null) return difference;
  }
  return null;
}

/** Equal as JSON with exact numbers: 1 is not 1.0. */
export function exactMismatch(actual: ExactJson, expected: ExactJson, path: string): string | null {
  return canonical(actual) === canonical(expected)
    ? null
    : `${path}: expected ${text(expected)}, got ${text(actual)}`;
}

/** A text that is the same for equal documents only. */
export function canonical(node: ExactJson): string {
  if (node === null || typeof node !== 'object') return JSON.stringify(node);
  if (node instanceof LosslessNumber) {
    if (/^-?\d+$/.test(node.value)) return String(BigInt(node.value));
    const { unscaled, scale } = Decimal.parse(node.value);
    return `${unscaled}e-${scale}`;
  }
  if (Array.isArray(node)) return `[${node.map((each) => canonical(each as ExactJson)).join(',')}]`;
  const fields = Object.entries(node).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${fields.map(([name, each]) => `${JSON.stringify(name)}:${canonical(each as ExactJson)}`).join(',')}}`;
}

const text = (node: ExactJson | undefined): string => (node === undefined ? 'nothing' : stringifyExact(node));

/** An answer's rows by place, but the values of their columns in any order. */
export function rowsMismatch(
  actual: readonly ExactJson[],
  expected: readonly ExactJson[],
  path: string,
): string | null {
  if (actual.length !== expected.length) {
    return `${path}: expected ${expected.length} rows, got ${actual.length}: ${text(actual)}`;
  }
  for (const [i, row] of expected.entries()) {
    const difference = subsetMismatch(actual[i], row, `${path}[${i}]`);
    if (difference !== null) return difference;
  }
  const columnsOf = (rows: readonly ExactJson[]): readonly string[] =>
    rows
      .flatMap((row) => {
        const inner = isObject(row) ? row.row : undefined;
        return isObject(inner) && inner.columns !== undefined ? [canonical(inner.columns)] : [];
      })
      .sort();
  const [got, wanted] = [columnsOf(actual), columnsOf(expected)];
  const different = wanted.find((columns, i) => columns !== got[i]);
  if (different === undefined) return null;
  return `${path}: expected rows ${text(expected)}, got ${text(actual)}`;
}
