/**
 * Determines whether a single column is wrapped in a record of one field or written alone.
 *
 * Source: https://docs.ksqldb.io/en/latest/reference/serialization/#single-field-unwrapping
 */
import { KsqlException } from '../errors.js';
import type { Format, WrappingFeature } from './format.js';

/** Single-column keys are unwrapped if the format supports both. */
export function keyWrapping(format: Format, columnCount: number): WrappingFeature | null {
  return columnCount === 1 && format.wrapping.wrap && format.wrapping.unwrap ? 'UNWRAP_SINGLES' : null;
}

/**
 * @param explicit the statement's WRAP_SINGLE_VALUE
 * @param configured `ksql.persistence.wrap.single.values`
 * @throws KsqlException if the format does not support what the statement asks for, or there is not exactly one value column
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

/** Returns `SerdeOptions.wrapSingle` for this feature. */
export function wrapsSingle(format: Format, feature: WrappingFeature | null): boolean {
  return feature === null ? format.wrapping.byDefault : feature === 'WRAP_SINGLES';
}
