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
  /** Number of the first of `rows`, from 0. */
  readonly first: number;
  /** Stays at the newest row until somebody scrolls up. */
  readonly follow: boolean;
  readonly label: string;
  /** No taller than its rows: it stands among others. */
  readonly short: boolean;
}

/** A table of any length: only the rows in sight are elements. */
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

  // At the end the place is known before the browser has scrolled there: one drawing for new rows, not two.
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
              // The elements stay and their texts change: cheaper than new elements for a fast tail.
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

/** In characters, from the first rows; columns that never change their width are calmer than those that fit. */
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
