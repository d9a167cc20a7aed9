import { quoteIfNeeded } from '../../../sql/identifiers.js';
import type { Sample, SourceDetail } from '../../wire.js';
import { Empty, ErrorBox } from '../parts.js';
import { SqlText } from '../sql-text.js';
import { useLoaded } from '../use-loaded.js';
import { Facts, Panel } from './panel.js';

export function SourcePanel(props: {
  readonly name: string;
  readonly onClose: () => void;
  readonly open: (path: string, sql?: string) => void;
}) {
  const { name, onClose, open } = props;
  const at = encodeURIComponent(name);
  const detail = useLoaded<SourceDetail>(`/api/source?name=${at}`);
  const sample = useLoaded<Sample>(`/api/sample?name=${at}`);
  const source = detail.data;
  return (
    <Panel title={name} onClose={onClose}>
      {detail.error === undefined ? null : <ErrorBox error={detail.error} />}
      {source === undefined ? null : (
        <>
          <Facts
            facts={[
              [
                'type',
                `${source.windowType === null ? '' : `${source.windowType.toLowerCase()} `}${source.kind.toLowerCase()}`,
              ],
              ['topic', <code>{source.topic}</code>],
              [
                'partitions',
                `${source.partitions}, ${source.replication} replica${source.replication === 1 ? '' : 's'}`,
              ],
              ['formats', `key ${source.keyFormat}, value ${source.valueFormat}`],
              ...(source.writeQueries.length === 0
                ? []
                : [['written by', source.writeQueries.join(', ')] as const]),
              ...(source.readQueries.length === 0
                ? []
                : [['read by', source.readQueries.join(', ')] as const]),
            ]}
          />
          <button
            type="button"
            class="primary"
            onClick={() => open('/query', `SELECT * FROM ${quoteIfNeeded(name)} EMIT CHANGES;`)}
          >
            Tail in Query
          </button>
          <h3>Columns</h3>
          <table class="dense">
            <thead class="hidden">
              <tr>
                <th scope="col">column</th>
                <th scope="col">type</th>
              </tr>
            </thead>
            <tbody>
              {source.fields.map((field) => (
                <tr key={field.name}>
                  <th scope="row" class="mono">
                    {field.name}
                  </th>
                  <td class="mono type">
                    {field.type}
                    {field.role === undefined ? null : <span class="role">{field.role.toLowerCase()}</span>}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
          <h3>Statement</h3>
          <SqlText sql={source.statement} />
        </>
      )}
      <h3>Sample records</h3>
      <SampleRecords sample={sample.data} busy={sample.busy} />
      {sample.error === undefined ? null : <ErrorBox error={sample.error} />}
    </Panel>
  );
}

function SampleRecords({ sample, busy }: { readonly sample: Sample | undefined; readonly busy: boolean }) {
  if (sample === undefined) return busy ? <Empty>Reading…</Empty> : null;
  if (sample.rows.length === 0) return <Empty>No records arrived within three seconds.</Empty>;
  return (
    <>
      {sample.rows.map((row, i) => (
        <dl class="record" key={i}>
          {sample.columns.map((column, j) => (
            <div key={column.name}>
              <dt>{column.name}</dt>
              <dd class={row[j] === null ? 'null' : ''}>{row[j] ?? 'NULL'}</dd>
            </div>
          ))}
        </dl>
      ))}
      <p class="dim">The earliest records. Card numbers are masked.</p>
    </>
  );
}
