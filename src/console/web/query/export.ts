import type { Cell, WireColumn } from '../../wire.js';
import { isNumeric } from './result-table.js';

type Rows = readonly (readonly Cell[])[];

/** Formats rows as CSV (RFC 4180). NULL is an empty field, and an empty text is `""`. */
export function toCsv(columns: readonly WireColumn[], rows: Rows): string {
  const lines = [columns.map(({ name }) => csvText(name)).join(',')];
  for (const row of rows) lines.push(columns.map((column, i) => csvField(row[i] ?? null, column)).join(','));
  return `${lines.join('\r\n')}\r\n`;
}

function csvField(cell: Cell, { type }: WireColumn): string {
  if (cell === null) return '';
  if (isNumeric(type)) return cell;
  // A spreadsheet would run a text that starts like a formula. The apostrophe prevents that.
  return csvText(/^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell);
}

function csvText(text: string): string {
  return text === '' || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Formats rows as a JSON array of objects. Numbers keep all their digits, unlike with `JSON.stringify`. */
export function toJson(columns: readonly WireColumn[], rows: Rows): string {
  const lines = rows.map(
    (row) =>
      `  {${columns.map((column, i) => `${JSON.stringify(column.name)}: ${jsonValue(row[i] ?? null, column)}`).join(', ')}}`,
  );
  return lines.length === 0 ? '[]\n' : `[\n${lines.join(',\n')}\n]\n`;
}

function jsonValue(cell: Cell, { type }: WireColumn): string {
  if (cell === null) return 'null';
  if (type === 'BOOLEAN' || /^(ARRAY|MAP|STRUCT)/.test(type)) return cell;
  // NaN and the infinities of DOUBLE are not JSON numbers.
  if (isNumeric(type) && /^-?\d+(\.\d+)?([eE][-+]?\d+)?$/.test(cell)) return cell;
  return JSON.stringify(cell);
}

export function download(name: string, type: string, text: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
