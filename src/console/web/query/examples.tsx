import { quoteIfNeeded } from '../../../sql/identifiers.js';
import type { Catalog } from '../../wire.js';

const COMMON_STREAM = 'PAYMENT_OUTPUT';
const LAST_FIVE = 'PAYMENT_TRX_AGGR';
const INTERNAL = /^(MIGRATION_|KSQL_)/;

/** What an empty page offers: statements that this cluster can run as they stand. */
export function Examples(props: {
  readonly catalog: Catalog | undefined;
  readonly onChoose: (sql: string) => void;
}) {
  const examples = examplesOf(props.catalog);
  if (examples.length === 0) return null;
  return (
    <section class="examples" aria-label="Examples">
      <h2>To begin with</h2>
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
          { what: 'Watch records come', sql: `SELECT * FROM ${stream} EMIT CHANGES;` },
          { what: 'Columns of a stream', sql: `DESCRIBE ${stream} EXTENDED;` },
        ]),
    ...(table === undefined
      ? []
      : [{ what: 'Rows of a table, now', sql: `SELECT * FROM ${table} LIMIT 20;` }]),
    { what: 'All queries', sql: 'LIST QUERIES;' },
  ];
}
