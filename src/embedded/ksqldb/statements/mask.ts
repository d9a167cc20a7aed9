/** Masks the values of INSERT statements for errors and logs. */
import type { InsertValues, Statement } from '../../../sql/ast.js';
import { Lexeme, Scanner } from '../../../sql/scanner.js';

const masked = "'[value]'";

/** Returns the statement's text with its semicolon, masked if necessary. */
export function maskedText(statement: Statement): string {
  switch (statement.kind) {
    case 'InsertValues':
      return maskedInsert(statement);
    case 'CreateConnector': {
      const scope = `${statement.connectorType} CONNECTOR${statement.ifNotExists ? ' IF NOT EXISTS' : ''}`;
      const properties = [...statement.with.keys()].map((name) => `"${name}"=${masked}`);
      return `CREATE ${scope} ${statement.name} WITH (${properties.join(', ')});`;
    }
    default:
      return `${statement.text};`;
  }
}

function maskedInsert({ target, columns, values }: InsertValues): string {
  const names = columns.length === 0 ? '' : ` (${columns.map((name) => `\`${name}\``).join(', ')})`;
  return `INSERT INTO \`${target}\`${names} VALUES (${values.map(() => masked).join(', ')});`;
}

/** ksqlDB's messages quote inserted values. This removes anything that could be a card number. */
export function withoutCardNumbers(message: string): string {
  return message.replace(/\d(?:[ -]?\d){11,18}/g, (digits) => digits.replace(/\d/g, '*'));
}

/**
 * Masks the parentheses after VALUES in a text that could not be parsed, so that card numbers do not
 * appear in error messages.
 */
export function maskedRawText(sql: string): string {
  const scanner = new Scanner(sql);
  const head: string[] = [];
  let values = -1;
  while (scanner.next() && scanner.kind !== Lexeme.Unterminated) {
    const word = scanner.image().toUpperCase();
    if (head.length === 0 && word !== 'INSERT') return sql;
    if (word === 'VALUES' && scanner.kind === Lexeme.Word) {
      values = scanner.end;
      break;
    }
    head.push(maskedName(scanner));
  }
  if (values < 0) return head[0]?.toUpperCase() === 'INSERT' ? head.join(' ') : sql;
  const count = countValues(sql.slice(values));
  const columns = head.slice(3).join('').replaceAll(',', ', ');
  const shownColumns = columns === '' ? '' : ` ${columns}`;
  return `INSERT INTO ${head[2] ?? ''}${shownColumns} VALUES (${Array.from({ length: count }, () => masked).join(', ')});`;
}

function maskedName(scanner: Scanner): string {
  const image = scanner.image();
  if (scanner.kind === Lexeme.String) return masked;
  if (scanner.kind !== Lexeme.Word || /^(insert|into)$/i.test(image)) return image;
  return `\`${image.toUpperCase()}\``;
}

/** Counts the values in the first parentheses. */
function countValues(rest: string): number {
  const scanner = new Scanner(rest);
  let depth = 0;
  let count = 0;
  while (scanner.next() && scanner.kind !== Lexeme.Unterminated) {
    const image = scanner.image();
    if ('([{<'.includes(image)) depth++;
    else if (')]}>'.includes(image)) {
      if (--depth === 0) break;
    } else if (depth === 1 && image === ',') count++;
    if (depth === 1 && count === 0) count = 1;
  }
  return count;
}
