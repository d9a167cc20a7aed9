import { useRef } from 'preact/hooks';
import type { Cell } from '../../wire.js';
import { count } from '../format.js';
import { ErrorBox } from '../parts.js';
import { download, toCsv, toJson } from './export.js';
import { ResultTable } from './result-table.js';
import type { StatementResult } from './run-state.js';

interface ResultViewProps {
  readonly result: StatementResult;
  readonly running: boolean;
  readonly stopped: boolean;
  readonly paused: boolean;
  readonly waiting: number;
  readonly alone: boolean;
  /** Position of the statement in the script, from 1. */
  readonly place: number;
}

interface Frozen {
  readonly rows: readonly (readonly Cell[])[];
  readonly first: number;
}

export function ResultView({ result, running, stopped, paused, waiting, alone, place }: ResultViewProps) {
  const { buffer, columns, push } = result;
  const frozen = useRef<Frozen | undefined>(undefined);
  const live: Frozen = {
    rows: buffer?.rows ?? [],
    first: push ? (buffer?.dropped ?? 0) : 0,
  };
  // Copy the rows, because the buffer keeps changing while the view is paused.
  if (paused) frozen.current ??= { rows: [...live.rows], first: live.first };
  else frozen.current = undefined;
  const shown = frozen.current ?? live;
  const showsTable = buffer !== undefined && columns.length > 0;
  const name = `paystream-${new Date().toISOString().slice(0, 19).replaceAll(':', '')}`;
  return (
    <section
      class={`card result ${alone && showsTable ? 'alone' : ''}`}
      aria-label={alone ? 'Result' : `Result ${place}`}
    >
      <header>
        <code class="statement" title={result.text}>
          {result.text}
        </code>
        <span class="result-state" role="status">
          {stateText(result, running, stopped, paused, waiting)}
        </span>
        {showsTable ? (
          <span class="exports">
            <button
              type="button"
              class="link"
              onClick={() => download(`${name}.csv`, 'text/csv', toCsv(columns, shown.rows))}
            >
              CSV
            </button>
            <button
              type="button"
              class="link"
              onClick={() => download(`${name}.json`, 'application/json', toJson(columns, shown.rows))}
            >
              JSON
            </button>
          </span>
        ) : null}
      </header>
      {showsTable ? (
        <ResultTable
          columns={columns}
          rows={shown.rows}
          first={shown.first}
          follow={push && !paused}
          label={result.text}
          short={!alone && !push}
        />
      ) : null}
      {result.messages.map((message) => (
        <pre class="message-text" key={message}>
          {message}
        </pre>
      ))}
      {result.error === undefined ? null : <ErrorBox error={result.error} />}
    </section>
  );
}

function stateText(
  { buffer, push, ms, error }: StatementResult,
  running: boolean,
  stopped: boolean,
  paused: boolean,
  waiting: number,
): string {
  const rows = buffer === undefined ? '' : `${count(buffer.total)} ${buffer.total === 1 ? 'row' : 'rows'}`;
  const cut =
    buffer !== undefined && buffer.dropped > 0
      ? `, ${push ? 'newest' : 'first'} ${count(buffer.rows.length)} kept`
      : '';
  if (error !== undefined) return rows;
  if (paused) return `${rows}${cut} · paused, ${count(waiting)} new`;
  if (running) return `${rows}${cut} · ${push ? 'live' : 'running'}`;
  if (stopped) return `${rows}${cut} · stopped`;
  return ms === undefined ? rows : `${rows}${cut}${rows === '' ? '' : ' · '}${ms} ms`;
}
