import type { QueryNode, Topology } from '../../wire.js';
import { count, dateTime, rate } from '../format.js';
import { Badge, stateTone } from '../parts.js';
import { Facts, Panel } from './panel.js';

export function QueryPanel(props: {
  readonly query: QueryNode;
  readonly topology: Topology;
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
          <h3>Errors</h3>
          {query.errors.map((error) => (
            <div class="error-box" key={`${error.at} ${error.message}`}>
              <p class="dim">
                {dateTime(error.at)} <code>{error.type}</code>
              </p>
              <p class="message">{error.message}</p>
            </div>
          ))}
        </>
      )}
      <h3>Statement</h3>
      <pre class="sql">{query.statement}</pre>
      <button type="button" onClick={() => open('/query', `EXPLAIN ${query.id};`)}>
        Explain in Query
      </button>
    </Panel>
  );
}
