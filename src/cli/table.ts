import { styled } from './output.js';

/** A column whose cells are aligned to the right, such as numbers. */
interface RightColumn {
  readonly right: string;
}

/**
 * Returns the width of a text on a terminal: wide East Asian characters count two, combining marks zero.
 *
 * Source: https://www.unicode.org/reports/tr11/
 */
export function displayWidth(text: string): number {
  let width = 0;
  for (const char of text) {
    const code = char.codePointAt(0)!;
    if (code < 0x300) width += 1;
    else if (/\p{Mark}|\u200b|\u200d/u.test(char)) width += 0;
    else if (WIDE.some(([from, to]) => code >= from && code <= to)) width += 2;
    else width += 1;
  }
  return width;
}

const WIDE: readonly (readonly [number, number])[] = [
  [0x1100, 0x115f],
  [0x2e80, 0xa4cf],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe30, 0xfe6f],
  [0xff00, 0xff60],
  [0xffe0, 0xffe6],
  [0x1f300, 0x1faff],
  [0x20000, 0x3fffd],
];

/** Escapes control characters, which would break a table's lines or send commands to the terminal. */
export function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, (char) => {
    if (char === '\n') return '\\n';
    if (char === '\t') return '\\t';
    return `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}

export function pad(text: string, width: number, align?: 'right'): string {
  const fill = ' '.repeat(Math.max(0, width - displayWidth(text)));
  return align === 'right' ? fill + text : text + fill;
}

/** Formats rows as aligned columns under a dim header. `style` colors a cell once its width is known. */
export function tableLines(
  columns: readonly (string | RightColumn)[],
  rows: readonly (readonly string[])[],
  style: (cell: string, column: number, row: number) => string = (cell) => cell,
): readonly string[] {
  const cells = rows.map((row) => row.map(printable));
  const names = columns.map((column) => (typeof column === 'string' ? column : column.right));
  const widths = names.map((name, i) =>
    Math.max(displayWidth(name), ...cells.map((row) => displayWidth(row[i] ?? ''))),
  );
  const line = (texts: readonly string[], paint: (cell: string, column: number) => string) =>
    texts
      .map((text, i) => {
        const align = typeof columns[i] === 'string' ? undefined : 'right';
        const isLast = i === columns.length - 1 && align === undefined;
        return paint(isLast ? text : pad(text, widths[i] ?? 0, align), i);
      })
      .join('  ')
      .trimEnd();
  const head = line(names, (name) => styled('dim', name));
  return [head, ...cells.map((row, i) => line(row, (cell, column) => style(cell, column, i)))];
}
