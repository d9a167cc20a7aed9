/** Compiled patterns of java.time, which the PARSE_ and FORMAT_ functions use. */

import { type FastFormat, type FastParse, fastFormatter, fastParser } from './fast.js';
import { DateTimeError, isDateField } from './fields.js';
import { writeAll } from './format.js';
import type { Locale } from './names.js';
import { parseFields } from './parse.js';
import { type Element, parsePattern } from './pattern.js';
import { type Resolved, resolve, toInstant } from './resolve.js';
import { localTime, type Zone } from './zone.js';

export class JavaTimeFormatter {
  readonly pattern: string;
  readonly #elements: readonly Element[];
  readonly #locale: Locale;
  readonly #fastParse: FastParse | undefined;
  readonly #fastFormat: FastFormat | undefined;

  /** @throws DateTimeError for a pattern that java.time rejects */
  constructor(pattern: string, locale: Locale) {
    this.pattern = pattern;
    this.#elements = parsePattern(pattern);
    this.#locale = locale;
    this.#fastParse = fastParser(this.#elements);
    this.#fastFormat = fastFormatter(this.#elements);
  }

  #resolve(text: string): Resolved {
    return resolve(parseFields(this.#elements, text, this.#locale), text);
  }

  /**
   * Parses a text to milliseconds since the epoch. Its own zone or offset takes precedence over `zone`. Missing fields
   * default to those of 1970-01-01T00:00.
   *
   * @throws DateTimeError
   */
  parseTimestamp(text: string, zone: Zone): number {
    if (this.#fastParse !== undefined) {
      const instant = this.#fastParse(text, zone);
      if (!Number.isNaN(instant)) return instant;
    }
    return toInstant(this.#resolve(text), zone);
  }

  /** Parses a text to days since 1970-01-01. @throws DateTimeError also if the date is incomplete */
  parseDate(text: string): number {
    const { epochDay } = this.#resolve(text);
    if (epochDay === null) {
      throw new DateTimeError(
        `Text '${text}' could not be parsed: Unable to obtain LocalDate from TemporalAccessor`,
      );
    }
    return epochDay;
  }

  /** Parses a text to milliseconds since midnight. @throws DateTimeError also if there is no time, or a date */
  parseTime(text: string): number {
    const { epochDay, nanoOfDay, rest } = this.#resolve(text);
    if (epochDay !== null || [...rest.keys()].some(isDateField)) {
      throw new DateTimeError('Time format contains date field.');
    }
    if (nanoOfDay === null) throw new DateTimeError('Unable to obtain LocalTime from TemporalAccessor');
    return Math.floor(nanoOfDay / 1_000_000);
  }

  formatTimestamp(millis: number, zone: Zone): string {
    const offset = zone.fixed ?? zone.offsetAt(millis);
    const local = millis + offset * 1000;
    const fast = this.#fastFormat?.(local);
    if (fast !== undefined) return fast;
    const { epochDay, milliOfDay } = localTime(local);
    return writeAll(this.#elements, {
      epochDay,
      nanoOfDay: milliOfDay * 1_000_000,
      zone,
      offset,
      instant: millis,
    });
  }

  formatDate(epochDay: number): string {
    return writeAll(this.#elements, { epochDay, nanoOfDay: null, zone: null, offset: 0, instant: 0 });
  }

  formatTime(millis: number): string {
    return writeAll(this.#elements, {
      epochDay: null,
      nanoOfDay: millis * 1_000_000,
      zone: null,
      offset: 0,
      instant: 0,
    });
  }
}

const CACHE_LIMIT = 1000;
const caches: Readonly<Record<Locale, Map<string, JavaTimeFormatter>>> = { en: new Map(), root: new Map() };

/** Returns the compiled pattern, cached for the next call. */
export function formatterOf(pattern: string, locale: Locale): JavaTimeFormatter {
  const cache = caches[locale];
  let formatter = cache.get(pattern);
  if (formatter === undefined) {
    formatter = new JavaTimeFormatter(pattern, locale);
    if (cache.size >= CACHE_LIMIT) cache.clear();
    cache.set(pattern, formatter);
  }
  return formatter;
}
