import type { QueryColumn, QueryRow } from '../../ksqldb/query-rows.js';
import { styled } from '../output.js';
import { displayWidth, pad, printable } from '../table.js';
import { cellText, csvLine, csvRow, jsonRow } from './row-text.js';

export type OutputMode = 'table' | 'json' | 'csv';

/** Writes rows as they arrive. `end` writes the rows that are still buffered. */
export interface RowWriter {
  row(row: QueryRow): void;
  end(): void;
}

export function rowWriter(
  mode: OutputMode,
  columns: readonly QueryColumn[],
  write: (line: string) => void,
): RowWriter {
  switch (mode) {
    case 'json':
      return { row: (row) => write(jsonRow(columns, row)), end: () => undefined };
    case 'csv':
      write(csvLine(columns.map(({ name }) => name)));
      return { row: (row) => write(csvRow(columns, row)), end: () => undefined };
    case 'table':
      return tableWriter(columns, write);
  }
}

const HOLD_MS = 60;
const HOLD_ROWS = 200;
const NUMBERS: ReadonlySet<string> = new Set(['INTEGER', 'BIGINT', 'DOUBLE', 'DECIMAL']);

/** Buffers the first rows briefly to find the column widths, which later rows keep. */
function tableWriter(columns: readonly QueryColumn[], write: (line: string) => void): RowWriter {
  let held: string[][] | undefined = [];
  let widths = columns.map(({ name }) => displayWidth(name));
  let timer: NodeJS.Timeout | undefined;
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, i) => {
        const align = NUMBERS.has(columns[i]?.type.base ?? '') ? 'right' : undefined;
        return i === cells.length - 1 && align === undefined ? cell : pad(cell, widths[i] ?? 0, align);
      })
      .join('  ')
      .trimEnd();
  const release = () => {
    clearTimeout(timer);
    if (held === undefined) return;
    const rows = held;
    held = undefined;
    widths = widths.map((width, i) => Math.max(width, ...rows.map((row) => displayWidth(row[i] ?? ''))));
    write(styled('dim', line(columns.map(({ name }) => name))));
    for (const row of rows) write(line(row));
  };
  return {
    row: (row) => {
      const cells = columns.map(({ type }, i) => printable(cellText(row[i] ?? null, type)));
      if (held === undefined) {
        write(line(cells));
        return;
      }
      held.push(cells);
      if (held.length >= HOLD_ROWS) release();
      else timer ??= setTimeout(release, HOLD_MS);
    },
    end: release,
  };
}
