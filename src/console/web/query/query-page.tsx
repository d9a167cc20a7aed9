import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import type { Catalog, RunRequest } from '../../wire.js';
import { dateTime } from '../format.js';
import type { PageProps } from '../page-props.js';
import { Card, Empty, ErrorBox, Icon } from '../parts.js';
import { useLoaded } from '../use-loaded.js';
import { Editor, type EditorHandle } from './editor.js';
import { Examples } from './examples.js';
import { addToHistory, clearHistory, type HistoryEntry, readHistory } from './history.js';
import { ResultView } from './result-view.js';
import type { RunState } from './run-state.js';
import { useRun } from './use-run.js';

const DRAFT = 'paystream.draft';
const FIRST = `-- Ctrl-Enter runs the selection, or all statements.
SELECT * FROM PAYMENT_OUTPUT EMIT CHANGES;
`;

export function Page({ handed, info, status }: PageProps) {
  const catalog = useLoaded<Catalog>('/api/catalog');
  const editor = useRef<EditorHandle | undefined>(undefined);
  const [entries, setEntries] = useState<readonly HistoryEntry[]>(readHistory);
  const [offsetReset, setOffsetReset] = useState<RunRequest['offsetReset']>('latest');
  const sent = useRef({ text: '', from: 0 });
  const onEnd = useCallback((state: RunState) => {
    const failed = state.error ?? state.results.find((result) => result.error !== undefined)?.error;
    if (failed !== undefined && state.errorAt !== undefined) {
      const { from, to } = state.errorAt;
      const shift = sent.current.from;
      editor.current?.showError({ from: from + shift, to: to + shift }, failed.message);
    }
    if (failed !== undefined) setEntries(addToHistory(sent.current.text.trim(), true));
  }, []);
  const run = useRun(onEnd);
  // Load the names for completion if the server was down when the page was opened.
  const { reload, error } = catalog;
  useEffect(() => {
    if (status.state === 'up' && error !== undefined) reload();
  }, [status.state, error, reload]);

  const execute = () => {
    const chosen = editor.current?.chosen();
    if (chosen === undefined || chosen.text.trim() === '') return;
    editor.current?.clearErrors();
    sent.current = chosen;
    setEntries(addToHistory(chosen.text.trim(), false));
    run.start({ sql: chosen.text, offsetReset });
  };
  const put = (sql: string) => {
    editor.current?.replace(sql);
    editor.current?.focus();
  };
  const { state } = run;
  const tails = run.running && (state?.results.at(-1)?.push ?? false);
  return (
    <div class="query-page">
      <div class="query-main">
        <section class="card editor-card" aria-label="Editor">
          <Editor
            initial={handed ?? sessionStorage.getItem(DRAFT) ?? FIRST}
            catalog={catalog.data}
            onReady={(handle) => {
              editor.current = handle;
              // A button on another page led here with a statement: focus it.
              if (handed !== undefined) handle.focus();
            }}
            onRun={execute}
            onChange={(text) => sessionStorage.setItem(DRAFT, text)}
          />
          <div class="toolbar">
            <button type="button" class="primary" onClick={execute} title="Ctrl-Enter">
              <Icon name="play" size={14} /> Run
            </button>
            <button type="button" onClick={run.stop} disabled={!run.running}>
              <Icon name="stop" size={14} /> Stop
            </button>
            <button
              type="button"
              onClick={() => run.setPaused(!run.paused)}
              disabled={!tails && !run.paused}
              aria-pressed={run.paused}
            >
              <Icon name={run.paused ? 'play' : 'pause'} size={14} /> {run.paused ? 'Resume' : 'Pause'}
            </button>
            <label>
              from{' '}
              <select
                value={offsetReset}
                onChange={(event) => setOffsetReset(event.currentTarget.value as RunRequest['offsetReset'])}
              >
                <option value="latest">now on</option>
                <option value="earliest">the beginning</option>
              </select>
            </label>
            <span class="grow" />
            <span class="dim hint">Ctrl-Enter runs · {info.allowWrite ? 'writes allowed' : 'read-only'}</span>
          </div>
        </section>
        <div class="results">
          {state === undefined ? <Examples catalog={catalog.data} onChoose={put} /> : null}
          {state?.error === undefined ? null : <ErrorBox error={state.error} />}
          {state?.results.map((result, i) => (
            <ResultView
              key={`${state.startedAt} ${i}`}
              result={result}
              running={run.running && i === state.results.length - 1}
              stopped={state.stopped && i === state.results.length - 1}
              paused={run.paused && i === state.results.length - 1}
              waiting={run.waiting}
              alone={state.results.length === 1}
              place={i + 1}
            />
          ))}
        </div>
      </div>
      <Card
        title="History"
        class="history"
        aside={
          entries.length === 0 ? null : (
            <button type="button" class="link" onClick={() => setEntries(clearHistory())}>
              clear
            </button>
          )
        }
      >
        {entries.length === 0 ? <Empty>Statements that you run are kept in this browser only.</Empty> : null}
        <ul>
          {entries.map((entry) => (
            <li key={entry.sql}>
              <button type="button" onClick={() => put(entry.sql)}>
                <code>{entry.sql}</code>
                <span class={entry.failed ? 'bad' : 'dim'}>
                  {entry.failed ? 'failed ' : ''}
                  {dateTime(entry.at)}
                </span>
              </button>
            </li>
          ))}
        </ul>
      </Card>
    </div>
  );
}
