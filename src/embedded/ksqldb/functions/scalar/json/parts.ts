/** IS_JSON_STRING and the JSON_ functions, which inspect JSON texts. */
import { BOOLEAN } from '../../../../../sql/sql-type.js';
import { NULL_OPERAND } from '../../../types/evaluation-error.js';
import type { Value } from '../../../types/value.js';
import {
  arrayOf,
  boundSignature,
  exact,
  mapOf,
  nullSafe,
  P_INT,
  P_STRING,
  P_T,
  param,
  scalar,
  signature,
  variadic,
} from '../../define.js';
import type { ScalarFunction } from '../../function.js';
import { KsqlFunctionException } from '../../function-error.js';
import { quoteJson, renderJson } from '../../json-text/render.js';
import { eachField, eachItem, rootOf, skipBlanks, skipValue, stringAt } from '../../json-text/scanner.js';

const CATEGORY = 'JSON';

export const IS_JSON_STRING: ScalarFunction = scalar(
  'IS_JSON_STRING',
  { category: CATEGORY, description: 'Whether a string is a JSON value.' },
  signature([param('input', P_STRING, 'The string')], exact(BOOLEAN), (input: string | null) => {
    if (input === null) return false;
    try {
      return rootOf(input) !== null;
    } catch (error) {
      if (error instanceof KsqlFunctionException) return false;
      throw error;
    }
  }),
);

export const JSON_ARRAY_LENGTH: ScalarFunction = scalar(
  'JSON_ARRAY_LENGTH',
  {
    category: CATEGORY,
    description: 'How many items a JSON array has; NULL if the string is no JSON array.',
  },
  signature(
    [param('jsonArray', P_STRING)],
    P_INT,
    nullSafe((text: string) => {
      const root = rootOf(text);
      if (root === null || text[root.start] !== '[') return null;
      let length = 0;
      eachItem(text, root.start, () => {
        length++;
      });
      return length;
    }),
  ),
);

export const JSON_ITEMS: ScalarFunction = scalar(
  'JSON_ITEMS',
  {
    category: CATEGORY,
    description: 'The items of a JSON array as an array of JSON texts; NULL if the string is no JSON array.',
  },
  signature(
    [param('jsonItems', P_STRING)],
    arrayOf(P_STRING),
    nullSafe((text: string) => {
      const root = rootOf(text);
      if (root === null || text[root.start] !== '[') {
        throw new KsqlFunctionException('Invalid JSON format: a JSON array is expected');
      }
      const items: string[] = [];
      eachItem(text, root.start, (start, end) => {
        items.push(renderJson(text, start, end, false));
      });
      return items;
    }),
  ),
);

/** Returns the fields of a JSON object by name; null if the text is not an object. */
function fieldsOf(text: string): Map<string, { start: number; end: number }> | null {
  const root = rootOf(text);
  if (root === null || text[root.start] !== '{') return null;
  const fields = new Map<string, { start: number; end: number }>();
  eachField(text, root.start, (nameStart, nameEnd, start, end) => {
    fields.set(stringAt(text, nameStart, nameEnd), { start, end });
  });
  return fields;
}

export const JSON_KEYS: ScalarFunction = scalar(
  'JSON_KEYS',
  {
    category: CATEGORY,
    description: 'The names of the fields of a JSON object; NULL if the string is no JSON object.',
  },
  signature(
    [param('jsonObj', P_STRING)],
    arrayOf(P_STRING),
    nullSafe((text: string) => {
      const fields = fieldsOf(text);
      return fields === null ? null : [...fields.keys()];
    }),
  ),
);

export const JSON_RECORDS: ScalarFunction = scalar(
  'JSON_RECORDS',
  {
    category: CATEGORY,
    description:
      'The fields of a JSON object as a map of names and values, strings as they are and others as JSON; NULL if the ' +
      'string is no JSON object.',
  },
  signature(
    [param('jsonObj', P_STRING)],
    mapOf(P_STRING, P_STRING),
    nullSafe((text: string) => {
      const fields = fieldsOf(text);
      if (fields === null) return null;
      const records = new Map<Value, Value>();
      for (const [name, { start, end }] of fields) {
        records.set(
          name,
          text[start] === '"' ? stringAt(text, start, end) : renderJson(text, start, end, false),
        );
      }
      return records;
    }),
  ),
);

/** Returns the JSON texts of an array's items, or the text itself if it is not an array. */
function itemsOf(text: string, start: number, end: number): readonly string[] {
  if (text[start] !== '[') return [renderJson(text, start, end, true)];
  const items: string[] = [];
  eachItem(text, start, (from, to) => {
    items.push(renderJson(text, from, to, true));
  });
  return items;
}

function concat(...texts: (string | null)[]): string | null {
  if (texts.length === 0) throw NULL_OPERAND;
  const roots: { text: string; start: number; end: number }[] = [];
  for (const text of texts) {
    const root = text === null ? null : rootOf(text);
    if (text === null || root === null) return null;
    roots.push({ text, ...root });
  }
  if (roots.length === 1) {
    const { text, start, end } = roots[0]!;
    return renderJson(text, start, end, true);
  }
  if (roots.some(({ text, start }) => text[start] !== '{')) {
    return `[${roots.flatMap(({ text, start, end }) => itemsOf(text, start, end)).join(',')}]`;
  }
  const merged = new Map<string, string>();
  for (const { text, start } of roots) {
    eachField(text, start, (nameStart, nameEnd, from, to) => {
      merged.set(stringAt(text, nameStart, nameEnd), renderJson(text, from, to, true));
    });
  }
  return `{${[...merged].map(([name, value]) => `${quoteJson(name)}:${value}`).join(',')}}`;
}

export const JSON_CONCAT: ScalarFunction = scalar(
  'JSON_CONCAT',
  {
    category: CATEGORY,
    description:
      'Puts JSON values together as the operator || of PostgreSQL does: objects become one with the fields of all, ' +
      'the last of a name counting; other values become one array, in which arrays give their items. NULL if any is ' +
      'NULL or no JSON.',
  },
  signature([variadic('jsonStrings', P_STRING)], P_STRING, concat),
);

/** Tests whether a JSON value equals the SQL value. Both must be of the same kind: 1 is not 1.0. */
function isSame(text: string, start: number, end: number, value: Value, isDouble: boolean): boolean {
  switch (text[start]) {
    case '"':
      return typeof value === 'string' && stringAt(text, start, end) === value;
    case 't':
      return value === true;
    case 'f':
      return value === false;
    case 'n':
      return value === null;
    case '{':
    case '[':
      return false;
    default: {
      const lexeme = text.slice(start, end);
      if (/[.eE]/.test(lexeme)) return isDouble && Number(lexeme) === value;
      return (
        !isDouble &&
        (typeof value === 'number' || typeof value === 'bigint') &&
        BigInt(lexeme) === BigInt(value)
      );
    }
  }
}

/** Checks items one by one, and ignores anything after the wanted one. An invalid text has no items. */
function contains(text: string, value: Value, isDouble: boolean): boolean {
  try {
    let at = skipBlanks(text, 0);
    if (text[at] !== '[') return false;
    at = skipBlanks(text, at + 1);
    while (at < text.length && text[at] !== ']') {
      const end = skipValue(text, at);
      if (isSame(text, at, end, value, isDouble)) return true;
      at = skipBlanks(text, end);
      if (text[at] !== ',') return false;
      at = skipBlanks(text, at + 1);
    }
    return false;
  } catch (error) {
    if (error instanceof KsqlFunctionException) return false;
    throw error;
  }
}

export const JSON_ARRAY_CONTAINS: ScalarFunction = scalar(
  'JSON_ARRAY_CONTAINS',
  { category: CATEGORY, description: 'Whether a JSON array has a value among its items.' },
  boundSignature([param('jsonArray', P_STRING), param('val', P_T)], exact(BOOLEAN), (site) => {
    const isDouble = site.argumentTypes[1]?.base === 'DOUBLE';
    return (text: string | null, value: Value) => {
      if (text === null) throw NULL_OPERAND;
      return contains(text, value, isDouble);
    };
  }),
);
