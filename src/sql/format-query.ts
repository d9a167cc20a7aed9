import type { Duration, JoinClause, Query, SelectItem, TableReference, WindowExpression } from './ast.js';
import { formatExpression, formatUnit } from './format-expression.js';
import { quoteIfNeeded } from './identifiers.js';

export function formatDuration({ value, unit }: Duration): string {
  return `${value} ${formatUnit(unit)}`;
}

/** Formats a window with ksqlDB's spacing. */
function formatWindow(window: WindowExpression): string {
  const size = formatDuration(window.size);
  const parts = [window.type === 'SESSION' ? size : `SIZE ${size}`];
  if (window.advance !== undefined) parts.push(`ADVANCE BY ${formatDuration(window.advance)}`);
  if (window.retention !== undefined) parts.push(`RETENTION ${formatDuration(window.retention)}`);
  if (window.grace !== undefined) parts.push(`GRACE PERIOD ${formatDuration(window.grace)}`);
  return ` ${window.type} ( ${parts.join(' , ')} ) `;
}

function formatItem(item: SelectItem): string {
  switch (item.kind) {
    case 'Star':
      return item.source === undefined ? '*' : `${quoteIfNeeded(item.source)}.*`;
    case 'StructAll': {
      const base = formatExpression(item.base);
      return `${item.base.kind === 'ArithmeticUnary' ? `(${base})` : base}->*`;
    }
    case 'Single': {
      const alias = item.alias === undefined ? '' : ` ${quoteIfNeeded(item.alias)}`;
      return `${formatExpression(item.expression)}${alias}`;
    }
  }
}

function formatSource({ name, alias }: TableReference): string {
  return `${quoteIfNeeded(name)} ${quoteIfNeeded(alias)}`;
}

const JOIN_WORDS = { INNER: 'INNER', LEFT: 'LEFT OUTER', RIGHT: 'RIGHT OUTER', OUTER: 'FULL OUTER' } as const;

function formatJoin({ type, right, within, on }: JoinClause): string {
  let text = `\n${JOIN_WORDS[type]} JOIN ${formatSource(right)}`;
  if (within !== undefined) {
    const before = formatDuration(within.before);
    text += ` WITHIN ${within.symmetric ? before : `(${before}, ${formatDuration(within.after)})`}`;
    if (within.grace !== undefined) text += ` GRACE PERIOD ${formatDuration(within.grace)}`;
  }
  return `${text} ON (${formatExpression(on)})`;
}

/** Formats a query like ksqlDB, without a final line break. `persistent` queries always show EMIT. */
export function formatQuery(query: Query, persistent = false): string {
  const items = query.select.map(formatItem);
  const lines = [
    items.length === 1 ? `SELECT ${items[0]}` : `SELECT\n  ${items.join(',\n  ')}`,
    `FROM ${formatSource(query.from.left)}${query.from.joins.map(formatJoin).join('')}`,
  ];
  if (query.window !== undefined) lines.push(`WINDOW${formatWindow(query.window)}`);
  if (query.where !== undefined) lines.push(`WHERE ${formatExpression(query.where)}`);
  const by = (expressions: Query['groupBy']): string =>
    expressions?.expressions.map((expression) => formatExpression(expression)).join(', ') || '()';
  if (query.groupBy !== undefined) lines.push(`GROUP BY ${by(query.groupBy)}`);
  if (query.partitionBy !== undefined) lines.push(`PARTITION BY ${by(query.partitionBy)}`);
  if (query.having !== undefined) lines.push(`HAVING ${formatExpression(query.having)}`);
  const emit = query.emit ?? (persistent ? 'CHANGES' : undefined);
  if (emit !== undefined) lines.push(`EMIT ${emit}`);
  if (query.limit !== undefined) lines.push(`LIMIT ${query.limit}`);
  return lines.join('\n');
}
