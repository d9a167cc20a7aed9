import type { SqlType } from '../../../../../sql/sql-type.js';
import type { Decimal } from '../../../types/decimal.js';
import { formatJavaDouble } from '../../../types/java-double.js';
import { formatBase64, textWriter } from '../../../types/text.js';
import { formatDate, formatTime, formatTimestamp } from '../../../types/time-text.js';
import type { Value } from '../../../types/value.js';
import { boundSignature, P_STRING, P_T, param, scalar } from '../../define.js';
import type { ScalarFunction } from '../../function.js';
import { quoteJson } from '../../json-text/render.js';

type Present = Exclude<Value, null>;
type Write = (value: Present) => string;

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

function writerOf(type: SqlType): Write {
  switch (type.base) {
    case 'STRING':
      return (value) => quoteJson(value as string);
    case 'DECIMAL':
      return (value) => (value as Decimal).toString();
    case 'DOUBLE':
      return (value) => (Number.isFinite(value) ? formatJavaDouble(value as number) : `"${value}"`);
    case 'BYTES':
      return (value) => `"${formatBase64(value as Buffer)}"`;
    case 'DATE':
      return (value) => `"${formatDate(value as number)}"`;
    case 'TIME':
      return (value) => `"${formatTime(value as number)}"`;
    case 'TIMESTAMP':
      return (value) => `"${formatTimestamp(value as number)}"`;
    case 'ARRAY': {
      const item = orNull(writerOf(type.element));
      return (value) => `[${(value as readonly Value[]).map(item).join(',')}]`;
    }
    case 'MAP': {
      const name = textWriter(type.key);
      const item = orNull(writerOf(type.value));
      return (value) => {
        const entries = [...(value as ReadonlyMap<Value, Value>)].map(
          ([key, entry]) => [name(key as Present), entry] as const,
        );
        entries.sort(([a], [b]) => byText(a, b));
        return `{${entries.map(([key, entry]) => `${quoteJson(key)}:${item(entry)}`).join(',')}}`;
      };
    }
    case 'STRUCT': {
      const fields = type.fields
        .map((field, index) => ({
          index,
          name: field.name,
          prefix: `${quoteJson(field.name)}:`,
          write: orNull(writerOf(field.type)),
        }))
        .sort((a, b) => byText(a.name, b.name));
      return (value) => {
        const values = value as readonly Value[];
        return `{${fields.map(({ prefix, index, write }) => prefix + write(values[index]!)).join(',')}}`;
      };
    }
    default:
      return String;
  }
}

function orNull(write: Write): (value: Value) => string {
  return (value) => (value === null ? 'null' : write(value));
}

export const TO_JSON_STRING: ScalarFunction = scalar(
  'TO_JSON_STRING',
  {
    category: 'JSON',
    description: 'Any value as JSON. Fields of structs and entries of maps come in alphabetical order.',
  },
  boundSignature([param('input', P_T)], P_STRING, (site) => {
    const type = site.argumentTypes[0];
    if (type === null || type === undefined || type.base === 'LAMBDA' || type.base === 'INTERVALUNIT') {
      return () => 'null';
    }
    return orNull(writerOf(type));
  }),
);
