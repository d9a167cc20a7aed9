import { LosslessNumber } from 'lossless-json';
import { stringifyExact } from '../../ksqldb/exact-json.js';
import type { QueryColumn } from '../../ksqldb/query-rows.js';
import type { RowValue } from '../../ksqldb/row-value.js';
import type { SqlType } from '../../sql/sql-type.js';

/** Prepares a value for JSON. Decimals and 64-bit integers become numbers with all their digits. */
function exact(value: RowValue, type: SqlType | undefined): unknown {
  if (value === null) return null;
  if (type?.base === 'DECIMAL' && typeof value === 'string') return new LosslessNumber(value);
  if (type?.base === 'ARRAY' && Array.isArray(value))
    return value.map((v) => exact(v as RowValue, type.element));
  if (typeof value === 'object' && !Array.isArray(value)) {
    const fields = type?.base === 'STRUCT' ? new Map(type.fields.map((f) => [f.name, f.type])) : undefined;
    const entry = type?.base === 'MAP' ? type.value : undefined;
    return Object.fromEntries(
      Object.entries(value).map(([name, inner]) => [
        name,
        exact(inner as RowValue, fields?.get(name) ?? entry),
      ]),
    );
  }
  // JSON cannot express NaN and infinity.
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
  return value;
}

/** Formats a row as JSON, such as `{"ID":1,"AMOUNT":12.50}`. */
export function jsonRow(columns: readonly QueryColumn[], row: readonly RowValue[]): string {
  return stringifyExact(
    Object.fromEntries(columns.map(({ name, type }, i) => [name, exact(row[i] ?? null, type)])),
  );
}

/** Formats a cell for people. Structures are shown as JSON. */
export function cellText(value: RowValue, type: SqlType): string {
  if (value === null) return 'NULL';
  if (typeof value === 'object') return stringifyExact(exact(value, type));
  return String(value);
}

/** Formats a CSV line (RFC 4180). NULL is an empty field, and an empty text is quoted. */
export function csvLine(cells: readonly (string | null)[]): string {
  return cells
    .map((cell) => {
      if (cell === null) return '';
      return cell === '' || /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
    })
    .join(',');
}

export function csvRow(columns: readonly QueryColumn[], row: readonly RowValue[]): string {
  return csvLine(
    columns.map(({ type }, i) => {
      const value = row[i] ?? null;
      return value === null ? null : cellText(value, type);
    }),
  );
}
