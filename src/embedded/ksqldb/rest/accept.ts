/** The content types that a route offers, in the server's order of preference. */
export type MediaType = string;

export const jsonType = 'application/json';
export const ksqlV1JsonType = 'application/vnd.ksql.v1+json';
export const delimitedType = 'application/vnd.ksqlapi.delimited.v1';

interface Range {
  readonly type: string;
  readonly subtype: string;
  readonly quality: number;
  readonly order: number;
}

/** Further ranges in one header are ignored. No real client sends that many. */
const mostRanges = 50;

/**
 * Returns the first of the client's ranges (by quality, specificity, then position) that the route offers.
 * Without a header it returns the route's first type. Returns undefined if nothing matches, which means 406.
 */
export function chooseMediaType(
  accept: string | undefined,
  produces: readonly MediaType[],
): MediaType | undefined {
  if (accept === undefined || accept.trim() === '') return produces[0];
  for (const range of parseAccept(accept)) {
    const found = produces.find((type) => matches(range, type));
    if (found !== undefined) return found;
  }
  return undefined;
}

function matches(range: Range, type: MediaType): boolean {
  if (range.quality === 0) return false;
  if (range.type === '*') return true;
  const [mainType, subtype] = type.split('/');
  return range.type === mainType && (range.subtype === '*' || range.subtype === subtype);
}

function parseAccept(accept: string): readonly Range[] {
  const ranges = accept
    .split(',', mostRanges)
    .map((text, order) => parseRange(text, order))
    .filter((range) => range !== undefined);
  return ranges.sort((a, b) => b.quality - a.quality || specificity(b) - specificity(a) || a.order - b.order);
}

function specificity(range: Range): number {
  return range.type === '*' ? 0 : range.subtype === '*' ? 1 : 2;
}

function parseRange(text: string, order: number): Range | undefined {
  const [media = '', ...parameters] = text.split(';');
  const [type = '', subtype = '*'] = media.trim().toLowerCase().split('/');
  if (type === '') return undefined;
  let quality = 1;
  for (const parameter of parameters) {
    const [name = '', value = ''] = parameter.split('=');
    if (name.trim().toLowerCase() !== 'q') continue;
    const parsed = Number(value.trim());
    quality = Number.isFinite(parsed) ? Math.min(1, Math.max(0, parsed)) : 1;
  }
  return { type, subtype, quality, order };
}
