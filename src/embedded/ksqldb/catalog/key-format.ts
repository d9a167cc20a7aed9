import type { SqlType } from '../../../sql/sql-type.js';
import { formatNamed } from '../formats/formats.js';
import type { SideFormat } from './data-source.js';

/** Whether the format can serialize the type in a key. */
export function supportsKeyType(format: string, type: SqlType): boolean {
  switch (format) {
    case 'KAFKA':
      return ['INTEGER', 'BIGINT', 'DOUBLE', 'STRING', 'BYTES'].includes(type.base);
    case 'DELIMITED':
      return !['ARRAY', 'MAP', 'STRUCT'].includes(type.base);
    default:
      return true;
  }
}

/** The default wrapping of a key: a single column is not wrapped if the format leaves the choice. */
export function keyWrapping(format: string, columns: number): Pick<SideFormat, 'wrapSingle'> {
  const { wrap, unwrap } = formatNamed(format).wrapping;
  return columns === 1 && wrap && unwrap ? { wrapSingle: false } : {};
}

/**
 * Returns the format for a key whose columns changed. With `mayChange`, JSON replaces a format that cannot
 * serialize them.
 */
export function keyFormatFor(format: SideFormat, types: readonly SqlType[], mayChange: boolean): SideFormat {
  let { format: name, properties } = format;
  const fits =
    (types.length <= 1 || (name !== 'KAFKA' && name !== 'NONE')) &&
    types.every((type) => supportsKeyType(name, type));
  if (mayChange && !fits) {
    name = 'JSON';
    properties = {};
  }
  if (types.length === 1) {
    const { wrapSingle } = format;
    if (wrapSingle !== undefined && name === format.format) return { format: name, properties, wrapSingle };
    return { format: name, properties, ...keyWrapping(name, 1) };
  }
  return { format: name, properties };
}
