import { doubleToBigint } from '../../../types/cast.js';
import { DAY_MS } from '../../../types/civil.js';
import { NULL_OPERAND } from '../../../types/evaluation-error.js';
import type { Value } from '../../../types/value.js';
import {
  nullSafe,
  nullSafe3,
  P_BIGINT,
  P_DATE,
  P_INT,
  P_STRING,
  P_TIME,
  P_TIMESTAMP,
  P_UNIT,
  param,
  scalar,
  signature,
} from '../../define.js';
import type { ParamType, ScalarFunction } from '../../function.js';
import { KsqlFunctionException } from '../../function-error.js';
import { DateTimeError } from '../../java-time/fields.js';
import { zoneOf } from '../../java-time/zone.js';

const CATEGORY = 'DATE / TIME';

const UNIT_MS: Readonly<Record<string, number>> = {
  MILLISECOND: 1,
  SECOND: 1000,
  MINUTE: 60_000,
  HOUR: 3_600_000,
  DAY: DAY_MS,
};

/** Returns the milliseconds of an interval unit, in singular or plural. */
function unitMillis(unit: string): number {
  const name = unit.toUpperCase();
  const millis = UNIT_MS[name.endsWith('S') ? name.slice(0, -1) : name];
  if (millis === undefined) throw new KsqlFunctionException(`Unknown interval unit '${unit}'`);
  return millis;
}

type Move = (value: number, unit: number, interval: number) => number;

/** Moves the midnight of a date, then truncates to whole days towards 1970 like Java's TimeUnit. */
const moveDate: Move = (date, unit, interval) => Math.trunc((date * DAY_MS + interval * unit) / DAY_MS) + 0;

/** Java counts intervals in 64-bit nanoseconds, so longer ones are capped at 292 years. */
const LONGEST_MS = 9_223_372_036_854;

/** Times wrap around at midnight. Whole days are removed first, so that the product stays exact. */
const moveTime: Move = (time, unit, interval) => {
  const length = interval * unit;
  if (length > LONGEST_MS) return onClock(time + LONGEST_MS);
  // Truncated nanoseconds subtract one.
  if (length < -LONGEST_MS) return onClock(time - LONGEST_MS - 1);
  return onClock(time + (interval % (DAY_MS / unit)) * unit);
};

const onClock = (millis: number): number => ((millis % DAY_MS) + DAY_MS) % DAY_MS;

const moveTimestamp: Move = (timestamp, unit, interval) => timestamp + interval * unit;

interface Moved {
  readonly type: ParamType;
  readonly name: string;
  readonly what: string;
  readonly move: Move;
}

const MOVED_DATE: Moved = { type: P_DATE, name: 'date', what: 'DATE', move: moveDate };
const MOVED_TIME: Moved = { type: P_TIME, name: 'time', what: 'TIME', move: moveTime };
const MOVED_TIMESTAMP: Moved = {
  type: P_TIMESTAMP,
  name: 'timestamp',
  what: 'TIMESTAMP',
  move: moveTimestamp,
};

function mover(name: string, { type, name: parameter, what, move }: Moved, sign: 1 | -1): ScalarFunction {
  const verb = sign > 0 ? 'Adds a number of intervals to' : 'Takes a number of intervals from';
  return scalar(
    name,
    { category: CATEGORY, description: `${verb} a ${what}.` },
    signature(
      [
        param('unit', P_UNIT, 'The unit of the interval, such as DAY'),
        param('interval', P_INT, 'How many'),
        param(parameter, type, `The ${what}`),
      ],
      type,
      nullSafe3((unit: string, interval: number, value: number) =>
        move(value, unitMillis(unit), sign * interval),
      ),
      `The ${what} that is so much ${sign > 0 ? 'later' : 'earlier'}`,
    ),
  );
}

export const DATEADD: ScalarFunction = mover('DATEADD', MOVED_DATE, 1);
export const DATESUB: ScalarFunction = mover('DATESUB', MOVED_DATE, -1);
export const TIMEADD: ScalarFunction = mover('TIMEADD', MOVED_TIME, 1);
export const TIMESUB: ScalarFunction = mover('TIMESUB', MOVED_TIME, -1);
export const TIMESTAMPADD: ScalarFunction = mover('TIMESTAMPADD', MOVED_TIMESTAMP, 1);
export const TIMESTAMPSUB: ScalarFunction = mover('TIMESTAMPSUB', MOVED_TIMESTAMP, -1);

function convertZone(timestamp: number, from: string, to: string): Value {
  try {
    return timestamp + (zoneOf(to).offsetAt(timestamp) - zoneOf(from).offsetAt(timestamp)) * 1000;
  } catch (error) {
    if (error instanceof DateTimeError)
      throw new KsqlFunctionException(`Invalid time zone: ${error.message}`, error);
    throw error;
  }
}

const ZONE_ID = "a time zone's id, such as UTC or Europe/London";

export const CONVERT_TZ: ScalarFunction = scalar(
  'CONVERT_TZ',
  {
    category: CATEGORY,
    description: 'Moves a TIMESTAMP from the clock of one time zone to that of another.',
  },
  signature(
    [
      param('timestamp', P_TIMESTAMP, 'The TIMESTAMP'),
      param('fromTimeZone', P_STRING, `Where it comes from: ${ZONE_ID}`),
      param('toTimeZone', P_STRING, `Where it goes to: ${ZONE_ID}`),
    ],
    P_TIMESTAMP,
    nullSafe3(convertZone),
    'What the clock of the other time zone shows',
  ),
);

export const UNIX_TIMESTAMP: ScalarFunction = scalar(
  'UNIX_TIMESTAMP',
  {
    category: CATEGORY,
    description: 'Milliseconds since 1970-01-01 00:00:00 UTC: of now, or of a TIMESTAMP.',
  },
  signature([], P_BIGINT, () => BigInt(Date.now()), 'Now'),
  signature(
    [param('timestamp', P_TIMESTAMP, 'The TIMESTAMP')],
    P_BIGINT,
    // The largest TIMESTAMP would be rounded up as a JavaScript number.
    nullSafe((timestamp: number) => doubleToBigint(timestamp)),
    'The milliseconds of the TIMESTAMP',
  ),
);

export const UNIX_DATE: ScalarFunction = scalar(
  'UNIX_DATE',
  { category: CATEGORY, description: 'Days since 1970-01-01: of today in UTC, or of a DATE.' },
  signature([], P_INT, () => Math.floor(Date.now() / DAY_MS), 'Today'),
  signature(
    [param('date', P_DATE)],
    P_INT,
    nullSafe((date: number) => date | 0),
    'The days of the DATE',
  ),
);

export const FROM_UNIXTIME: ScalarFunction = scalar(
  'FROM_UNIXTIME',
  { category: CATEGORY, description: 'The TIMESTAMP of milliseconds since 1970-01-01 00:00:00 UTC.' },
  signature(
    [param('epochMilli', P_BIGINT, 'Milliseconds since 1970-01-01 00:00:00 UTC')],
    P_TIMESTAMP,
    nullSafe((millis: bigint) => Number(millis)),
    'The TIMESTAMP',
  ),
);

export const FROM_DAYS: ScalarFunction = scalar(
  'FROM_DAYS',
  { category: CATEGORY, description: 'The DATE of a number of days since 1970-01-01.' },
  signature(
    [param('days', P_INT)],
    P_DATE,
    (days: number | null) => {
      if (days === null) throw NULL_OPERAND;
      return days;
    },
    'The DATE',
  ),
);
