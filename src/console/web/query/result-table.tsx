import { useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { Cell, WireColumn } from '../../wire.js';

const ROW = 25;
const AHEAD = 8;
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
}

/** A table of any length: only the rows in sight are elements. */
export function ResultTable({ columns, rows, first, follow, label }: ResultTableProps) {
  const frame = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  const [view, setView] = useState({ top: 0, height: 400 });
  const widths = useWidths(columns, rows);

  useLayoutEffect(() => {
    const element = frame.current;
    if (element === null) return;
    const observer = new ResizeObserver(() =>
      setView((before) => ({ ...before, height: element.clientHeight })),
    );
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  useLayoutEffect(() => {
    const element = frame.current;
    if (element !== null && follow && atEnd.current) element.scrollTop = element.scrollHeight;
  });

  const from = Math.max(0, Math.floor(view.top / ROW) - AHEAD);
  const to = Math.min(rows.length, Math.ceil((view.top + view.height) / ROW) + AHEAD);
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
      onScroll={(event) => {
        const { scrollTop, clientHeight, scrollHeight } = event.currentTarget;
        atEnd.current = scrollTop + clientHeight >= scrollHeight - ROW;
        setView({ top: scrollTop, height: clientHeight });
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
              key={first + place}
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
  if (value === null) {
    return (
      <span role="cell" class="null">
        NULL
      </span>
    );
  }
  return (
    <span role="cell" class={numeric ? 'number' : ''} title={value.length > WIDEST_CH ? value : undefined}>
      {value}
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
