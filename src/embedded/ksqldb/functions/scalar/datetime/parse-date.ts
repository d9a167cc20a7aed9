import { DAY_MS } from '../../../types/civil.js';
import { nullSafe2, P_DATE, P_STRING, param, scalar, signature } from '../../define.js';
import type { ScalarFunction } from '../../function.js';
import { KsqlFunctionException } from '../../function-error.js';
import { DateTimeError } from '../../java-time/fields.js';
import { type SimpleDateParser, simpleDateParser } from '../../java-time/simple-date.js';

const parsers = new Map<string, SimpleDateParser>();

function parserOf(pattern: string): SimpleDateParser {
  let parser = parsers.get(pattern);
  if (parser === undefined) {
    parser = simpleDateParser(pattern);
    if (parsers.size >= 1000) parsers.clear();
    parsers.set(pattern, parser);
  }
  return parser;
}

function parseDate(text: string, pattern: string): number {
  const failed = (why: string, cause?: unknown) =>
    new KsqlFunctionException(`Failed to parse date '${text}' with formatter '${pattern}': ${why}`, cause);
  let millis: number;
  try {
    millis = parserOf(pattern)(text);
  } catch (error) {
    if (error instanceof DateTimeError) throw failed(error.message, error);
    throw error;
  }
  if (millis % DAY_MS !== 0) throw failed('Date format contains time field.');
  return millis / DAY_MS;
}

export const PARSE_DATE: ScalarFunction = scalar(
  'PARSE_DATE',
  { category: 'DATE / TIME', description: 'Reads a text in a given format as a DATE.' },
  signature(
    [
      param('formattedDate', P_STRING, 'The text of a date'),
      param('formatPattern', P_STRING, 'The format: a pattern of java.text.SimpleDateFormat'),
    ],
    P_DATE,
    nullSafe2(parseDate),
    'The DATE in the text; what follows the date is not looked at',
  ),
);
