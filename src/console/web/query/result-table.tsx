import { useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { Cell, WireColumn } from '../../wire.js';

const ROW = 25;
const AHEAD = 8;
const TALLEST = 320;
const WIDEST_CH = 44;
const NARROWEST_CH = 6;

const NUMERIC = /^(INTEGER|BIGINT|DOUBLE|DECIMAL)/;

export function isNumeric(type: string): boolean {
  return NUMERIC.test(type);
}

interface ResultTableProps {
  readonly columns: readonly WireColumn[];
  readonly rows: readonly (readonly Cell[])[];
  /** Index of the first row in `rows`, from 0. */
  readonly first: number;
  /** Keeps the newest row visible until the user scrolls up. */
  readonly follow: boolean;
  readonly label: string;
  /** Limits the height to that of the rows, because other results follow. */
  readonly short: boolean;
}

/** A table of any length. Only the visible rows are elements. */
export function ResultTable({ columns, rows, first, follow, label, short }: ResultTableProps) {
  const frame = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  const scrolledTo = useRef(0);
  const [height, setHeight] = useState(400);
  const [, draw] = useState(0);
  const widths = useWidths(columns, rows);

  useLayoutEffect(() => {
    const element = frame.current;
    if (element === null) return;
    const observer = new ResizeObserver(() => setHeight(element.clientHeight));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  useLayoutEffect(() => {
    const element = frame.current;
    if (element !== null && follow && atEnd.current) element.scrollTop = element.scrollHeight;
  });

  // When following, use the end before the browser has scrolled there. This avoids a second render.
  const end = Math.max(0, (rows.length + 1) * ROW - height);
  const top = follow && atEnd.current ? end : scrolledTo.current;
  const from = Math.max(0, Math.floor(top / ROW) - AHEAD);
  const to = Math.min(rows.length, Math.ceil((top + height) / ROW) + AHEAD);
  const template = `5ch ${widths.map((ch) => `minmax(${ch}ch, ${ch}fr)`).join(' ')}`;
  const grid = { gridTemplateColumns: template };
  return (
    <div
      class="result-table"
      ref={frame}
      role="table"
      aria-label={label}
      aria-rowcount={rows.length + 1}
      aria-colcount={columns.length}
      tabIndex={0}
      style={short ? { height: `${Math.min(TALLEST, (rows.length + 1) * ROW + ROW)}px` } : undefined}
      onScroll={(event) => {
        const { scrollTop, clientHeight, scrollHeight } = event.currentTarget;
        atEnd.current = scrollTop + clientHeight >= scrollHeight - ROW;
        scrolledTo.current = scrollTop;
        if (!follow || !atEnd.current) draw((n) => n + 1);
      }}
    >
      <div class="result-row head" role="row" style={grid}>
        <span class="place" role="columnheader" tabIndex={-1}>
          row
        </span>
        {columns.map((column, i) => (
          <span
            key={i}
            role="columnheader"
            tabIndex={-1}
            class={isNumeric(column.type) ? 'number' : ''}
            title={`${column.name} ${column.type}`}
          >
            {column.name}
          </span>
        ))}
      </div>
      <div class="result-body" style={{ height: `${rows.length * ROW}px` }} role="rowgroup">
        {rows.slice(from, to).map((row, i) => {
          const place = from + i;
          return (
            <div
              class="result-row"
              role="row"
              aria-rowindex={place + 2}
              // Reuse the elements and change their text, which is cheaper for a fast tail.
              key={i}
              style={{ ...grid, transform: `translateY(${place * ROW}px)` }}
            >
              <span class="place" role="cell">
                {first + place + 1}
              </span>
              {columns.map((column, j) => (
                <CellView key={j} value={row[j] ?? null} numeric={isNumeric(column.type)} />
              ))}
            </div>
          );
        })}
      </div>
    </div>
  );
}

function CellView({ value, numeric }: { readonly value: Cell; readonly numeric: boolean }) {
  return (
    <span
      role="cell"
      class={value === null ? 'null' : numeric ? 'number' : ''}
      title={value !== null && value.length > WIDEST_CH ? value : undefined}
    >
      {value ?? 'NULL'}
    </span>
  );
}

/** Returns column widths in characters, from the first rows. They stay fixed so that a tail does not flicker. */
function useWidths(columns: readonly WireColumn[], rows: readonly (readonly Cell[])[]): readonly number[] {
  const looked = Math.min(rows.length, 50);
  return useMemo(
    () =>
      columns.map((column, i) => {
        const longest = rows
          .slice(0, looked)
          .reduce((most, row) => Math.max(most, (row[i] ?? 'NULL').length), column.name.length);
        return Math.min(WIDEST_CH, Math.max(NARROWEST_CH, longest)) + 3;
      }),
    [columns, looked],
  );
}
