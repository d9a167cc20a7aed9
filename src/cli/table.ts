/** Rows as a table with aligned columns; numbers of a column marked `right` stand on the right. */
export interface TableColumn {
  readonly name: string;
  readonly align?: 'right';
}

/**
 * The width that a text takes on a terminal: wide characters of East Asian scripts count two, combining marks none.
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

/** What would break a table's lines or command a terminal is shown escaped. */
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

/** The lines of a table: a head, and the rows. `style` paints a cell once its width is known. */
export function tableLines(
  columns: readonly TableColumn[],
  rows: readonly (readonly string[])[],
  style: (cell: string, column: number, row: number) => string = (cell) => cell,
): readonly string[] {
  const cells = rows.map((row) => row.map(printable));
  const widths = columns.map((column, i) =>
    Math.max(displayWidth(column.name), ...cells.map((row) => displayWidth(row[i] ?? ''))),
  );
  const line = (texts: readonly string[], row: number) =>
    texts
      .map((text, i) => {
        const isLast = i === columns.length - 1 && columns[i]?.align === undefined;
        return style(isLast ? text : pad(text, widths[i] ?? 0, columns[i]?.align), i, row);
      })
      .join('  ')
      .trimEnd();
  return [
    line(
      columns.map((column) => column.name),
      -1,
    ),
    ...cells.map((row, i) => line(row, i)),
  ];
}
