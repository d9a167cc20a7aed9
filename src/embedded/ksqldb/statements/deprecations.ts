import type { Statement } from '../../../sql/ast.js';
import type { Catalog } from '../catalog/catalog.js';
import type { Warning } from './entities.js';

const noGrace =
  'DEPRECATION NOTICE: Stream-stream joins statements without a GRACE PERIOD will not be accepted in a future ' +
  'ksqlDB version.\nPlease use the GRACE PERIOD clause as specified in ' +
  'https://docs.ksqldb.io/en/latest/developer-guide/ksqldb-reference/select-push-query/';

/** Features that ksqlDB has deprecated. */
export function deprecationWarnings(catalog: Catalog, statement: Statement): readonly Warning[] {
  if (statement.kind !== 'CreateAsSelect') return [];
  const { left, joins } = statement.query.from;
  const isStream = (name: string): boolean => catalog.source(name)?.kind === 'STREAM';
  if (!isStream(left.name)) return [];
  const isDeprecated = joins.some((join) => isStream(join.right.name) && join.within?.grace === undefined);
  return isDeprecated ? [{ message: noGrace }] : [];
}
