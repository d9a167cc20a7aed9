import { NULL_OPERAND } from '../../../types/evaluation-error.js';
import { formatDate, formatTime, formatTimestamp } from '../../../types/time-text.js';
import type { Value } from '../../../types/value.js';
import {
  boundSignature,
  P_BIGINT,
  P_DATE,
  P_INT,
  P_STRING,
  P_TIME,
  P_TIMESTAMP,
  param,
  scalar,
} from '../../define.js';
import type { ScalarFunction } from '../../function.js';
import { KsqlFunctionException } from '../../function-error.js';
import { DateTimeError } from '../../java-time/fields.js';
import { formatterOf, type JavaTimeFormatter } from '../../java-time/formatter.js';
import type { Locale } from '../../java-time/names.js';
import { UTC, type Zone, zoneOf } from '../../java-time/zone.js';

const CATEGORY = 'DATE / TIME';
const PATTERN_RULES = 'a pattern of java.time.format.DateTimeFormatter';
const FORMAT_PATTERN = param('formatPattern', P_STRING, `The format: ${PATTERN_RULES}`);
const TIME_ZONE = param('timeZone', P_STRING, "A time zone's id, such as UTC or Europe/London");

/** Caches the last compiled pattern and zone, which rarely change within a query. */
class LastUsed {
  #pattern = '';
  #formatter: JavaTimeFormatter | null = null;
  #zoneId = '';
  #zone: Zone = UTC;

  constructor(readonly locale: Locale) {}

  formatter(pattern: string): JavaTimeFormatter {
    if (this.#formatter === null || pattern !== this.#pattern) {
      this.#formatter = formatterOf(pattern, this.locale);
      this.#pattern = pattern;
    }
    return this.#formatter;
  }

  zone(id: string): Zone {
    if (id !== this.#zoneId) {
      this.#zone = zoneOf(id);
      this.#zoneId = id;
    }
    return this.#zone;
  }
}

/** Adds the context that ksqlDB logs to the error about a pattern, zone or text. */
function failure(error: unknown, what: string): unknown {
  return error instanceof DateTimeError
    ? new KsqlFunctionException(`${what}: ${error.message}`, error)
    : error;
}

function parseTimestamp(last: LastUsed, text: string, pattern: string, zone: string | null): number {
  try {
    const formatter = last.formatter(pattern);
    return formatter.parseTimestamp(text, zone === null ? UTC : last.zone(zone));
  } catch (error) {
    const place = zone === null ? '' : ` at timezone '${zone}'`;
    throw failure(error, `Failed to parse timestamp '${text}'${place} with formatter '${pattern}'`);
  }
}

function writeTimestamp(
  last: LastUsed,
  millis: number,
  shown: string | null,
  pattern: string,
  zone: string | null,
) {
  try {
    const formatter = last.formatter(pattern);
    return formatter.formatTimestamp(millis, zone === null ? UTC : last.zone(zone));
  } catch (error) {
    const place = zone === null ? '' : ` at timeZone '${zone}'`;
    throw failure(
      error,
      `Failed to format timestamp ${shown ?? formatTimestamp(millis)}${place} with formatter '${pattern}'`,
    );
  }
}

type Text = string | null;

const TIMESTAMP_TEXT = param('formattedTimestamp', P_STRING, 'The text of a date and time');

export const PARSE_TIMESTAMP: ScalarFunction = scalar(
  'PARSE_TIMESTAMP',
  { category: CATEGORY, description: 'Reads a text in a given format as a TIMESTAMP.' },
  boundSignature(
    [TIMESTAMP_TEXT, FORMAT_PATTERN],
    P_TIMESTAMP,
    () => {
      const last = new LastUsed('root');
      return (text: Text, pattern: Text) =>
        text === null || pattern === null ? null : parseTimestamp(last, text, pattern, 'GMT');
    },
    'Reads a text in UTC, unless it has a zone of its own',
  ),
  boundSignature(
    [TIMESTAMP_TEXT, FORMAT_PATTERN, TIME_ZONE],
    P_TIMESTAMP,
    () => {
      const last = new LastUsed('root');
      return (text: Text, pattern: Text, zone: Text) =>
        text === null || pattern === null || zone === null ? null : parseTimestamp(last, text, pattern, zone);
    },
    'Reads a text in a time zone, unless it has one of its own',
  ),
);

const TIMESTAMP = param('timestamp', P_TIMESTAMP, 'The TIMESTAMP');

export const FORMAT_TIMESTAMP: ScalarFunction = scalar(
  'FORMAT_TIMESTAMP',
  { category: CATEGORY, description: 'Writes a TIMESTAMP in a given format.' },
  boundSignature(
    [TIMESTAMP, FORMAT_PATTERN],
    P_STRING,
    () => {
      const last = new LastUsed('en');
      return (timestamp: number | null, pattern: Text) =>
        timestamp === null || pattern === null ? null : writeTimestamp(last, timestamp, null, pattern, 'GMT');
    },
    'Writes the time in UTC',
  ),
  boundSignature(
    [TIMESTAMP, FORMAT_PATTERN, TIME_ZONE],
    P_STRING,
    () => {
      const last = new LastUsed('en');
      return (timestamp: number | null, pattern: Text, zone: Text) =>
        timestamp === null || pattern === null || zone === null
          ? null
          : writeTimestamp(last, timestamp, null, pattern, zone);
    },
    'Writes the time in a time zone',
  ),
);

/** These functions have no NULL check in ksqlDB, so a NULL argument is an error and the result is NULL. */
function required<T extends Value>(value: T | null): T {
  if (value === null) throw NULL_OPERAND;
  return value;
}

export const STRINGTOTIMESTAMP: ScalarFunction = scalar(
  'STRINGTOTIMESTAMP',
  {
    category: CATEGORY,
    description: 'Reads a text in a given format as milliseconds since 1970-01-01 00:00:00 UTC.',
  },
  boundSignature(
    [TIMESTAMP_TEXT, FORMAT_PATTERN],
    P_BIGINT,
    () => {
      const last = new LastUsed('root');
      return (text: Text, pattern: Text) =>
        BigInt(parseTimestamp(last, required(text), required(pattern), null));
    },
    "Reads a text in the server's time zone, unless it has one of its own",
  ),
  boundSignature(
    [TIMESTAMP_TEXT, FORMAT_PATTERN, TIME_ZONE],
    P_BIGINT,
    () => {
      const last = new LastUsed('root');
      return (text: Text, pattern: Text, zone: Text) =>
        BigInt(parseTimestamp(last, required(text), required(pattern), required(zone)));
    },
    'Reads a text in a time zone, unless it has one of its own',
  ),
);

const EPOCH_MILLI = param('epochMilli', P_BIGINT, 'Milliseconds since 1970-01-01 00:00:00 UTC');

export const TIMESTAMPTOSTRING: ScalarFunction = scalar(
  'TIMESTAMPTOSTRING',
  {
    category: CATEGORY,
    description: 'Writes milliseconds since 1970-01-01 00:00:00 UTC as a date and time in a given format.',
  },
  boundSignature(
    [EPOCH_MILLI, FORMAT_PATTERN],
    P_STRING,
    () => {
      const last = new LastUsed('en');
      return (millis: bigint | null, pattern: Text) => {
        const shown = required(millis);
        return pattern === null ? null : writeTimestamp(last, Number(shown), String(shown), pattern, null);
      };
    },
    "Writes the time in the server's time zone",
  ),
  boundSignature(
    [EPOCH_MILLI, FORMAT_PATTERN, TIME_ZONE],
    P_STRING,
    () => {
      const last = new LastUsed('en');
      return (millis: bigint | null, pattern: Text, zone: Text) => {
        const shown = required(millis);
        if (pattern === null || zone === null) return null;
        return writeTimestamp(last, Number(shown), String(shown), pattern, zone);
      };
    },
    'Writes the time in a time zone',
  ),
);

function writeDate(last: LastUsed, days: number, shown: string, pattern: string): string {
  try {
    return last.formatter(pattern).formatDate(days);
  } catch (error) {
    throw failure(error, `Failed to format date ${shown} with formatter '${pattern}'`);
  }
}

export const FORMAT_DATE: ScalarFunction = scalar(
  'FORMAT_DATE',
  { category: CATEGORY, description: 'Writes a DATE in a given format.' },
  boundSignature(
    [param('date', P_DATE, 'The DATE'), FORMAT_PATTERN],
    P_STRING,
    () => {
      const last = new LastUsed('en');
      return (date: number | null, pattern: Text) =>
        date === null || pattern === null ? null : writeDate(last, date, formatDate(date), pattern);
    },
    'The text of the date',
  ),
);

export const DATETOSTRING: ScalarFunction = scalar(
  'DATETOSTRING',
  {
    category: CATEGORY,
    description: 'Writes a number of days since 1970-01-01 as a date in a given format.',
  },
  boundSignature(
    [param('epochDays', P_INT, 'Days since 1970-01-01'), FORMAT_PATTERN],
    P_STRING,
    () => {
      const last = new LastUsed('en');
      return (days: number | null, pattern: Text) => {
        const shown = required(days);
        return pattern === null ? null : writeDate(last, shown, String(shown), pattern);
      };
    },
    'The text of the date',
  ),
);

export const STRINGTODATE: ScalarFunction = scalar(
  'STRINGTODATE',
  { category: CATEGORY, description: 'Reads a text in a given format as days since 1970-01-01.' },
  boundSignature(
    [param('formattedDate', P_STRING, 'The text of a date'), FORMAT_PATTERN],
    P_INT,
    () => {
      const last = new LastUsed('en');
      return (text: Text, pattern: Text) => {
        const given = required(text);
        const format = required(pattern);
        try {
          return last.formatter(format).parseDate(given);
        } catch (error) {
          throw failure(error, `Failed to parse date '${given}' with formatter '${format}'`);
        }
      };
    },
    'The days since 1970-01-01 of the date in the text',
  ),
);

export const PARSE_TIME: ScalarFunction = scalar(
  'PARSE_TIME',
  { category: CATEGORY, description: 'Reads a text in a given format as a TIME.' },
  boundSignature(
    [param('formattedTime', P_STRING, 'The text of a time'), FORMAT_PATTERN],
    P_TIME,
    () => {
      const last = new LastUsed('en');
      return (text: Text, pattern: Text) => {
        if (text === null || pattern === null) return null;
        try {
          return last.formatter(pattern).parseTime(text);
        } catch (error) {
          throw failure(error, `Failed to parse time '${text}' with formatter '${pattern}'`);
        }
      };
    },
    'The TIME in the text',
  ),
);

export const FORMAT_TIME: ScalarFunction = scalar(
  'FORMAT_TIME',
  { category: CATEGORY, description: 'Writes a TIME in a given format.' },
  boundSignature(
    [param('time', P_TIME, 'The TIME'), FORMAT_PATTERN],
    P_STRING,
    () => {
      const last = new LastUsed('en');
      return (time: number | null, pattern: Text) => {
        if (time === null || pattern === null) return null;
        try {
          return last.formatter(pattern).formatTime(time);
        } catch (error) {
          throw failure(error, `Failed to format time ${formatTime(time)} with formatter '${pattern}'`);
        }
      };
    },
    'The text of the time',
  ),
);
