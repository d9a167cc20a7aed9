import type { TypeNode } from './ast.js';
import { quote, quoteIfNeeded } from './identifiers.js';
import type { SqlType } from './sql-type.js';

export interface FormatTypeOptions {
  /**
   * When to put field names in backticks: `needed` (the default), as in statements, or `always`, as in
   * ksqlDB's schemas and most of its messages.
   */
  readonly quote?: 'needed' | 'always';
}

/** Formats a type like ksqlDB: `STRUCT<CITY STRING, ZIP INTEGER>`, `DECIMAL(10, 2)`. */
export function formatType(type: TypeNode | SqlType, options: FormatTypeOptions = {}): string {
  switch (type.base) {
    case 'DECIMAL':
      return `DECIMAL(${type.precision}, ${type.scale})`;
    case 'ARRAY':
      return `ARRAY<${formatType(type.element, options)}>`;
    case 'MAP':
      return `MAP<${formatType(type.key, options)}, ${formatType(type.value, options)}>`;
    case 'STRUCT': {
      if (type.fields.length === 0) return 'STRUCT< >';
      const name = options.quote === 'always' ? quote : quoteIfNeeded;
      const fields = type.fields.map((field) => `${name(field.name)} ${formatType(field.type, options)}`);
      return `STRUCT<${fields.join(', ')}>`;
    }
    case 'NAMED':
      return quoteIfNeeded(type.name);
    default:
      return type.base;
  }
}
