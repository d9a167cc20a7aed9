import { KsqlException } from '../errors.js';

export const pullQueryHelp =
  ' See https://cnfl.io/queries for more info.\nAdd EMIT CHANGES if you intended to issue a push query.';

export function invalidWhere(message: string, isWindowed: boolean): KsqlException {
  const windows = isWindowed
    ? '\n - (optionally) limits the time bounds of the windowed table.' +
      '\n\t Bounds on [`WINDOWSTART`, `WINDOWEND`] are supported' +
      '\n\t Supported operators are [EQUAL, GREATER_THAN, GREATER_THAN_OR_EQUAL, LESS_THAN, LESS_THAN_OR_EQUAL]'
    : '';
  return new KsqlException(
    `${message}. ${pullQueryHelp}\n` +
      'Pull queries require a WHERE clause that:\n' +
      ' - includes a key equality expression, e.g. `SELECT * FROM X WHERE <key-column> = Y;`.\n' +
      ' - in the case of a multi-column key, is a conjunction of equality expressions that cover all key columns.\n' +
      ' - to support range expressions, e.g.,  SELECT * FROM X WHERE <key-column> < Y;`, range scans need to be ' +
      `enabled by setting ksql.query.pull.range.scan.enabled=true${windows}\n` +
      'If more flexible queries are needed, , table scans can be enabled by setting ' +
      'ksql.query.pull.table.scan.enabled=true.',
  );
}
