import type { QueryNode } from '../../wire.js';
import { count, dateTime, rate } from '../format.js';
import { Badge, Prose, stateTone } from '../parts.js';
import { SqlText } from '../sql-text.js';
import { Facts, Panel } from './panel.js';

/** Shows an error message. Its stack trace is collapsed. */
function ErrorText({ text }: { readonly text: string }) {
  const lines = text.split('\n');
  const isCall = (line: string) => /^\s+(at |\.\.\. \d+ more)/.test(line);
  const calls = lines.filter(isCall).length;
  return (
    <>
      <p class="message">
        <Prose text={lines.filter((line) => !isCall(line)).join('\n')} />
      </p>
      {calls === 0 ? null : (
        <details>
          <summary>stack trace ({calls} lines)</summary>
          <pre class="message-text">{text}</pre>
        </details>
      )}
    </>
  );
}

export function QueryPanel(props: {
  readonly query: QueryNode;
  readonly onClose: () => void;
  readonly open: (path: string, sql?: string) => void;
}) {
  const { query, onClose, open } = props;
  return (
    <Panel title={query.id} onClose={onClose}>
      <Facts
        facts={[
          ['state', <Badge tone={stateTone(query.state)}>{query.state}</Badge>],
          ['rate', rate(query.rate)],
          ['lag', `${count(query.lag)} records`],
          ['reads', query.sources.join(', ')],
          ['writes', query.sinks.join(', ')],
        ]}
      />
      {query.errors.length === 0 ? null : (
        <>
          <h3>Errors, newest first</h3>
          {[...query.errors].reverse().map((error) => (
            <div class="error-box" key={`${error.at} ${error.message}`}>
              <p class="dim">
                {dateTime(error.at)} <code>{error.type}</code>
              </p>
              <ErrorText text={error.message} />
            </div>
          ))}
        </>
      )}
      {query.state === 'ERROR' ? (
        <p class="next">
          The query has stopped. Fix the cause, then restart the server or replace the query with a migration.
        </p>
      ) : null}
      <h3>Statement</h3>
      <SqlText sql={query.statement} />
      <button type="button" onClick={() => open('/query', `EXPLAIN ${query.id};`)}>
        Explain in Query
      </button>
    </Panel>
  );
}
