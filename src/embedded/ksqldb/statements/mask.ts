/** Statements as they may be shown in errors and logs: without the values that a user inserts. */
import type { InsertValues, Statement } from '../../../sql/ast.js';

const masked = "'[value]'";

/** The statement's own text with its semicolon, or a masked form of it. */
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
