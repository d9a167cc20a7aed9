import { quoteIfNeeded } from '../../../sql/identifiers.js';
import type { Catalog } from '../../wire.js';

const COMMON_STREAM = 'PAYMENT_OUTPUT';
const LAST_FIVE = 'PAYMENT_TRX_AGGR';
const INTERNAL = /^(MIGRATION_|KSQL_)/;

/** Example statements that run on this cluster without changes. */
export function Examples(props: {
  readonly catalog: Catalog | undefined;
  readonly onChoose: (sql: string) => void;
}) {
  const examples = examplesOf(props.catalog);
  if (examples.length === 0) return null;
  return (
    <section class="examples" aria-label="Examples">
      <h2>Examples</h2>
      <ul>
        {examples.map(({ what, sql }) => (
          <li key={what}>
            <button type="button" onClick={() => props.onChoose(sql)}>
              <span>{what}</span>
              <code>{sql}</code>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

function examplesOf(
  catalog: Catalog | undefined,
): readonly { readonly what: string; readonly sql: string }[] {
  if (catalog === undefined) return [];
  const named = (kind: string, wanted: string) => {
    const known = catalog.sources.filter((source) => source.kind === kind && !INTERNAL.test(source.name));
    const source = known.find(({ name }) => name === wanted) ?? known[0];
    return source === undefined ? undefined : quoteIfNeeded(source.name);
  };
  const stream = named('STREAM', COMMON_STREAM);
  const table = named('TABLE', LAST_FIVE);
  return [
    ...(stream === undefined
      ? []
      : [
          { what: 'Watch records arrive', sql: `SELECT * FROM ${stream} EMIT CHANGES;` },
          { what: 'Show the columns of a stream', sql: `DESCRIBE ${stream} EXTENDED;` },
        ]),
    ...(table === undefined
      ? []
      : [{ what: 'Read rows of a table', sql: `SELECT * FROM ${table} LIMIT 20;` }]),
    { what: 'List all queries', sql: 'LIST QUERIES;' },
  ];
}
