/** Formats dates and times by a pattern, in English. */
import { DateTimeError, type Field } from './fields.js';
import { nameOf } from './names.js';
import type { Element, NumberElement } from './pattern.js';
import { dateField, timeField } from './resolve.js';
import type { Zone } from './zone.js';

/** What is formatted: a date, a time, or both in a time zone. */
export interface Moment {
  readonly epochDay: number | null;
  readonly nanoOfDay: number | null;
  readonly zone: Zone | null;
  /** Seconds east of UTC. */
  readonly offset: number;
  /** Milliseconds since the epoch. */
  readonly instant: number;
}

/** Signals a missing field, which drops an optional section or fails the whole text. */
class MissingField extends DateTimeError {}

function fieldOf(moment: Moment, field: Field): number {
  const ofDate = moment.epochDay === null ? undefined : dateField(moment.epochDay, field);
  const value = ofDate ?? (moment.nanoOfDay === null ? undefined : timeField(moment.nanoOfDay, field));
  if (value === undefined) throw new MissingField(`Unsupported field: ${field}`);
  return value;
}

function writeNumber(element: NumberElement, value: number): string {
  if (element.reduced) return String(Math.abs(value) % 100).padStart(2, '0');
  const digits = String(Math.abs(value));
  if (digits.length > element.max) {
    throw new DateTimeError(
      `Field ${element.field} cannot be printed as the value ${value} exceeds the maximum print width of ${element.max}`,
    );
  }
  if (value < 0 && element.sign === 'NOT_NEGATIVE') {
    throw new DateTimeError(
      `Field ${element.field} cannot be printed as the value ${value} cannot be negative according to the SignStyle`,
    );
  }
  const sign = value < 0 ? '-' : element.sign === 'EXCEEDS_PAD' && digits.length > element.min ? '+' : '';
  return sign + digits.padStart(element.min, '0');
}

const two = (n: number): string => String(Math.floor(n)).padStart(2, '0');

function writeOffset(form: number, zero: string, seconds: number): string {
  if (seconds === 0) return zero;
  const size = Math.abs(seconds);
  const hours = Math.floor(size / 3600) % 100;
  const minutes = Math.floor(size / 60) % 60;
  const rest = size % 60;
  const colon = form % 2 === 0 ? ':' : '';
  let text = two(hours);
  let written = hours;
  if (form >= 3 || minutes > 0) {
    text += colon + two(minutes);
    written += minutes;
    if (form >= 5 && rest > 0) {
      text += colon + two(rest);
      written += rest;
    }
  }
  return written === 0 ? zero : (seconds < 0 ? '-' : '+') + text;
}

function writeGmtOffset(full: boolean, seconds: number): string {
  if (seconds === 0) return 'GMT';
  const size = Math.abs(seconds);
  const hours = Math.floor(size / 3600);
  const minutes = Math.floor(size / 60) % 60;
  const rest = size % 60;
  let text = full ? `${two(hours)}:${two(minutes)}` : String(hours);
  if (!full && (minutes > 0 || rest > 0)) text += `:${two(minutes)}`;
  if (rest > 0) text += `:${two(rest)}`;
  return `GMT${seconds < 0 ? '-' : '+'}${text}`;
}

/** Short names that Java knows but Intl's English does not, by the long names that both know. */
const SHORT_NAMES: ReadonlyMap<string, string> = new Map(
  (
    'British Summer Time:BST,Irish Standard Time:IST,Central European Standard Time:CET,' +
    'Central European Summer Time:CEST,Eastern European Standard Time:EET,Eastern European Summer Time:EEST,' +
    'Western European Standard Time:WET,Western European Summer Time:WEST,Moscow Standard Time:MSK,' +
    'Israel Standard Time:IST,Israel Daylight Time:IDT,Gulf Standard Time:GST,Pakistan Standard Time:PKT,' +
    'India Standard Time:IST,Bangladesh Standard Time:BDT,Nepal Time:NPT,Indochina Time:ICT,' +
    'Western Indonesia Time:WIB,Central Indonesia Time:WITA,Eastern Indonesia Time:WIT,' +
    'Singapore Standard Time:SGT,Malaysia Time:MYT,Philippine Standard Time:PST,Hong Kong Standard Time:HKT,' +
    'China Standard Time:CST,Japan Standard Time:JST,Korean Standard Time:KST,' +
    'Australian Western Standard Time:AWST,Australian Central Standard Time:ACST,' +
    'Australian Central Daylight Time:ACDT,Australian Eastern Standard Time:AEST,' +
    'Australian Eastern Daylight Time:AEDT,New Zealand Standard Time:NZST,New Zealand Daylight Time:NZDT,' +
    'East Africa Time:EAT,West Africa Standard Time:WAT,Central Africa Time:CAT,South Africa Standard Time:SAST,' +
    'Brasilia Standard Time:BRT,Argentina Standard Time:ART,Colombia Standard Time:COT,Peru Standard Time:PET,' +
    'Atlantic Standard Time:AST,Atlantic Daylight Time:ADT,Newfoundland Standard Time:NST,' +
    'Newfoundland Daylight Time:NDT'
  )
    .split(',')
    .map((entry) => entry.split(':') as [string, string]),
);

type NameStyle = 'short' | 'long' | 'shortGeneric' | 'longGeneric';

function intlName(id: string, style: NameStyle, instant: number): string {
  const format = new Intl.DateTimeFormat('en-US', { timeZone: id, timeZoneName: style });
  return format.formatToParts(instant).find((part) => part.type === 'timeZoneName')?.value ?? id;
}

function writeZoneName(full: boolean, generic: boolean, { zone, instant }: Moment): string {
  if (zone === null) throw new MissingField('Unable to extract ZoneId');
  const { id } = zone;
  // JavaScript treats both as the same.
  if (id === 'GMT') return full ? 'Greenwich Mean Time' : id;
  if (zone.fixed !== null && id !== 'UTC') return id;
  if (generic) return intlName(id, full ? 'longGeneric' : 'shortGeneric', instant);
  const long = intlName(id, 'long', instant);
  return full ? long : (SHORT_NAMES.get(long) ?? intlName(id, 'short', instant));
}

function write(element: Element, moment: Moment): string {
  switch (element.kind) {
    case 'literal':
      return element.text;
    case 'number':
      return writeNumber(element, fieldOf(moment, element.field));
    case 'fraction':
      return String(fieldOf(moment, 'NanoOfSecond')).padStart(9, '0').slice(0, element.width);
    case 'text':
      return nameOf('en', element.field, element.style, fieldOf(moment, element.field));
    case 'offset':
      if (moment.zone === null) throw new MissingField('Unsupported field: OffsetSeconds');
      return writeOffset(element.form, element.zero, moment.offset);
    case 'gmtOffset':
      if (moment.zone === null) throw new MissingField('Unsupported field: OffsetSeconds');
      return writeGmtOffset(element.full, moment.offset);
    case 'zoneId':
      if (moment.zone === null) throw new MissingField('Unable to extract ZoneId');
      return moment.zone.id;
    case 'zoneName':
      return writeZoneName(element.full, element.generic, moment);
    case 'optional':
      try {
        return writeAll(element.elements, moment);
      } catch (error) {
        if (error instanceof MissingField) return '';
        throw error;
      }
    case 'pad': {
      const text = write(element.element, moment);
      if (text.length > element.width) {
        throw new DateTimeError(
          `Cannot print as output of ${text.length} characters exceeds pad width of ${element.width}`,
        );
      }
      return text.padStart(element.width);
    }
  }
}

export function writeAll(elements: readonly Element[], moment: Moment): string {
  let text = '';
  for (const element of elements) text += write(element, moment);
  return text;
}
