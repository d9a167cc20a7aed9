import { Decimal } from '../../src/embedded/ksqldb/types/decimal.js';
import type { Value } from '../../src/embedded/ksqldb/types/value.js';
import type { SqlType } from '../../src/sql/sql-type.js';

/** Is this what `Value` says values of the type are? What is wrong, or undefined. */
export function misfit(value: Value, type: SqlType, path = ''): string | undefined {
  if (value === null) return undefined;
  const wrong = (): string => `${path}: ${typeof value} ${String(value).slice(0, 60)} is no ${type.base}`;
  const when = (fits: boolean): string | undefined => (fits ? undefined : wrong());
  switch (type.base) {
    case 'BOOLEAN':
      return when(typeof value === 'boolean');
    case 'INTEGER':
      return when(typeof value === 'number' && (value | 0) === value);
    case 'BIGINT':
      return when(typeof value === 'bigint' && BigInt.asIntN(64, value) === value);
    case 'DOUBLE':
      return when(typeof value === 'number');
    case 'DATE':
    case 'TIME':
    case 'TIMESTAMP':
      return when(typeof value === 'number' && Number.isInteger(value));
    case 'STRING':
      return when(typeof value === 'string');
    case 'BYTES':
      return when(Buffer.isBuffer(value));
    case 'DECIMAL':
      // Not its scale: GREATEST and LEAST hand on the chosen argument as it is, as ksqlDB does.
      return when(value instanceof Decimal);
    case 'ARRAY':
      if (!Array.isArray(value)) return wrong();
      return first(value, (element, i) => misfit(element, type.element, `${path}[${i}]`));
    case 'MAP':
      if (!(value instanceof Map)) return wrong();
      return first(
        [...value],
        ([key, entry]) => misfit(key, type.key, `${path}.key`) ?? misfit(entry, type.value, `${path}.value`),
      );
    case 'STRUCT':
      if (!Array.isArray(value) || value.length !== type.fields.length) return wrong();
      return first(value, (field, i) =>
        misfit(field, type.fields[i]!.type, `${path}.${type.fields[i]!.name}`),
      );
  }
}

function first<T>(
  items: readonly T[],
  check: (item: T, i: number) => string | undefined,
): string | undefined {
  for (let i = 0; i < items.length; i++) {
    const found = check(items[i]!, i);
    if (found !== undefined) return found;
  }
  return undefined;
}
