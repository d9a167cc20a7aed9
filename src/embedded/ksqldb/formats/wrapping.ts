/**
 * Whether a single column is written as a record of one field, or stands alone.
 *
 * Source: https://docs.ksqldb.io/en/latest/reference/serialization/#single-field-unwrapping
 */
import { KsqlException } from '../errors.js';
import type { Format, WrappingFeature } from './format.js';

/** Keys of one column stand alone wherever the format leaves the choice. */
export function keyWrapping(format: Format, columnCount: number): WrappingFeature | null {
  return columnCount === 1 && format.wrapping.wrap && format.wrapping.unwrap ? 'UNWRAP_SINGLES' : null;
}

/**
 * @param explicit the statement's WRAP_SINGLE_VALUE
 * @param configured `ksql.persistence.wrap.single.values`
 * @throws KsqlException if the statement asks for what the format cannot do, or has not just one value column
 */
export function valueWrapping(
  format: Format,
  columnCount: number,
  explicit: boolean | null,
  configured: boolean | null,
): WrappingFeature | null {
  if (explicit !== null) {
    const supported = explicit ? format.wrapping.wrap : format.wrapping.unwrap;
    if (!supported) {
      throw new KsqlException(
        `Format '${format.name}' does not support 'WRAP_SINGLE_VALUE' set to '${explicit}'.`,
      );
    }
    if (columnCount !== 1) {
      throw new KsqlException("'WRAP_SINGLE_VALUE' is only valid for single-field value schemas");
    }
    return explicit ? 'WRAP_SINGLES' : 'UNWRAP_SINGLES';
  }
  if (columnCount !== 1 || configured === null) return null;
  const supported = configured ? format.wrapping.wrap : format.wrapping.unwrap;
  return supported ? (configured ? 'WRAP_SINGLES' : 'UNWRAP_SINGLES') : null;
}

/** `SerdeOptions.wrapSingle` for a side with this feature. */
export function wrapsSingle(format: Format, feature: WrappingFeature | null): boolean {
  return feature === null ? format.wrapping.byDefault : feature === 'WRAP_SINGLES';
}
