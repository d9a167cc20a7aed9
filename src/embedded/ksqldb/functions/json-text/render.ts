/** Formats JSON like Jackson, as users of ksqlDB see it. */
import { Decimal } from '../../types/decimal.js';
import { KsqlFunctionException } from '../function-error.js';
import { eachField, eachItem, stringAt } from './scanner.js';

const ESCAPES: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
};

// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON escapes exactly the control characters.
const SPECIAL = /["\\\u0000-\u001f]/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: as above
const ALL_SPECIAL = /["\\\u0000-\u001f]/g;

/** Formats a quoted string. Only quotes, backslashes and control characters are escaped. */
export function quoteJson(text: string): string {
  if (!SPECIAL.test(text)) return `"${text}"`;
  const escaped = text.replace(
    ALL_SPECIAL,
    (char) => ESCAPES[char] ?? `\\u${char.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`,
  );
  return `"${escaped}"`;
}

/** Jackson's limit. */
const MAX_PLAIN_SCALE = 9999;

function renderNumber(lexeme: string, plain: boolean): string {
  if (!/[.eE]/.test(lexeme)) return lexeme === '-0' ? '0' : lexeme;
  // Jackson does not accept a number that is too large for a double.
  const double = Number(lexeme);
  if (!Number.isFinite(double)) return double < 0 ? '"-Infinity"' : '"Infinity"';
  const decimal = Decimal.parse(lexeme);
  if (plain && decimal.scale > MAX_PLAIN_SCALE) {
    throw new KsqlFunctionException(`Cannot write a number with ${decimal.scale} decimal places in full`);
  }
  return plain ? decimal.toString() : decimal.toScientificString();
}

/**
 * Formats the value at these bounds without blanks, each field once (the last duplicate replaces the first, in its
 * position), and numbers with their exact digits. With `plain`, without exponents.
 */
export function renderJson(text: string, start: number, end: number, plain: boolean): string {
  switch (text[start]) {
    case '"': {
      const raw = text.slice(start, end);
      return raw.includes('\\') ? quoteJson(stringAt(text, start, end)) : raw;
    }
    case '{': {
      const fields = new Map<string, string>();
      eachField(text, start, (nameStart, nameEnd, from, to) => {
        fields.set(stringAt(text, nameStart, nameEnd), renderJson(text, from, to, plain));
      });
      return `{${[...fields].map(([name, value]) => `${quoteJson(name)}:${value}`).join(',')}}`;
    }
    case '[': {
      const items: string[] = [];
      eachItem(text, start, (from, to) => {
        items.push(renderJson(text, from, to, plain));
      });
      return `[${items.join(',')}]`;
    }
    case 't':
    case 'f':
    case 'n':
      return text.slice(start, end);
    default:
      return renderNumber(text.slice(start, end), plain);
  }
}
