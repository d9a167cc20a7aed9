/** Parses a text by a pattern, like a case-insensitive DateTimeFormatter in strict mode. */
import { DateTimeError, type Field } from './fields.js';
import { type Locale, matchName } from './names.js';
import type { Element, NumberElement } from './pattern.js';
import { type Zone, zoneOf } from './zone.js';

/** The parsed fields of a text, before they are resolved. */
export interface ParsedFields {
  readonly fields: Map<Field, number>;
  readonly zone: Zone | null;
}

/** Positions from 0 on mean success; negative ones are `~index` of the failure, as in java.time. */
class Reader {
  fields = new Map<Field, number>();
  zone: Zone | null = null;

  constructor(
    readonly text: string,
    readonly locale: Locale,
  ) {}

  readAll(elements: readonly Element[], from: number): number {
    let at = from;
    for (const element of elements) {
      at = this.read(element, at);
      if (at < 0) return at;
    }
    return at;
  }

  private read(element: Element, at: number): number {
    switch (element.kind) {
      case 'literal':
        return this.matches(element.text, at) ? at + element.text.length : ~at;
      case 'number':
        return this.number(element, at);
      case 'fraction':
        return this.fraction(element.width, at);
      case 'text': {
        const found =
          at < this.text.length ? matchName(this.locale, element.field, element.style, this.text, at) : null;
        return found === null ? ~at : this.set(element.field, found.value, at, at + found.length);
      }
      case 'offset':
        return this.offset(element.form, element.zero, at);
      case 'gmtOffset':
        return this.gmtOffset(element.full, at);
      case 'zoneId':
      case 'zoneName':
        return this.zoneText(at);
      case 'optional': {
        const fields = new Map(this.fields);
        const zone = this.zone;
        const end = this.readAll(element.elements, at);
        if (end >= 0) return end;
        this.fields = fields;
        this.zone = zone;
        return at;
      }
      case 'pad': {
        const end = at + element.width;
        if (end > this.text.length) return ~at;
        let start = at;
        while (start < end && this.text[start] === ' ') start++;
        const inner = new Reader(this.text.slice(0, end), this.locale);
        inner.fields = this.fields;
        const read = inner.read(element.element, start);
        this.zone = inner.zone ?? this.zone;
        return read === end ? read : ~(at + start - at);
      }
    }
  }

  private matches(expected: string, at: number): boolean {
    const found = this.text.slice(at, at + expected.length);
    return found === expected || found.toLowerCase() === expected.toLowerCase();
  }

  private set(field: Field, value: number, errorAt: number, end: number): number {
    const before = this.fields.get(field);
    if (before !== undefined && before !== value) return ~errorAt;
    this.fields.set(field, value);
    return end;
  }

  private digit(at: number): number {
    const code = this.text.charCodeAt(at);
    return code >= 48 && code <= 57 ? code - 48 : -1;
  }

  private number(element: NumberElement, from: number): number {
    const { text } = this;
    if (from >= text.length) return ~from;
    const first = text[from]!;
    const signed = first === '+' || first === '-';
    if (signed && (element.sign === 'NOT_NEGATIVE' || (first === '+' && element.sign === 'NORMAL')))
      return ~from;
    const start = signed ? from + 1 : from;
    const least = start + element.min;
    if (least > text.length) return ~start;
    const reserved = Math.max(element.reserved, 0);
    let most = element.max + reserved;
    let at = start;
    const limit = Math.min(start + most, text.length);
    while (at < limit && this.digit(at) >= 0) at++;
    if (at < least) return ~start;
    if (reserved > 0) {
      // Adjacent fixed-width numbers take their digits from the end.
      most = Math.max(element.min, at - start - reserved);
      at = Math.min(start + most, text.length);
    }
    let value = Number(text.slice(start, at));
    if (!Number.isSafeInteger(value)) return ~start;
    const length = at - start;
    if (first === '-') {
      if (value === 0) return ~from;
      value = -value;
    } else if (element.sign === 'EXCEEDS_PAD') {
      if (first === '+' ? length <= element.min : length > element.min) return ~from;
    }
    if (element.reduced && length === 2) value += 2000;
    return this.set(element.field, value, start, at);
  }

  private fraction(width: number, at: number): number {
    if (at + width > this.text.length) return ~at;
    for (let i = at; i < at + width; i++) if (this.digit(i) < 0) return ~at;
    const nanos = Number(this.text.slice(at, at + width).padEnd(9, '0'));
    return this.set('NanoOfSecond', nanos, at, at + width);
  }

  /** Reads two digits up to 59, after an optional colon; returns -1 if they are missing. */
  private sixtieths(at: number, colon: boolean): number {
    const start = colon ? at + 1 : at;
    if (colon && this.text[at] !== ':') return -1;
    const value = this.digit(start) * 10 + this.digit(start + 1);
    return this.digit(start) < 0 || this.digit(start + 1) < 0 || value > 59 ? -1 : value;
  }

  private offset(form: number, zero: string, at: number): number {
    if (at >= this.text.length) return ~at;
    if (this.matches(zero, at)) return this.set('OffsetSeconds', 0, at, at + zero.length);
    const sign = this.text[at];
    if (sign !== '+' && sign !== '-') return ~at;
    const hours = this.digit(at + 1) * 10 + this.digit(at + 2);
    if (this.digit(at + 1) < 0 || this.digit(at + 2) < 0) return ~at;
    const colon = form === 2 || form === 4 || form === 6 || form === 8;
    const width = colon ? 3 : 2;
    let end = at + 3;
    let seconds = hours * 3600;
    const minutes = form >= 1 ? this.sixtieths(end, colon) : -1;
    if (minutes < 0 && form >= 3) return ~at;
    if (minutes >= 0) {
      seconds += minutes * 60;
      end += width;
      const rest = form >= 5 ? this.sixtieths(end, colon) : -1;
      if (rest < 0 && form >= 7) return ~at;
      if (rest >= 0) {
        seconds += rest;
        end += width;
      }
    }
    if (hours > 23) {
      throw new DateTimeError('Value out of range: Hour[0-23], Minute[0-59], Second[0-59]');
    }
    return this.set('OffsetSeconds', sign === '-' ? 0 - seconds : seconds, at, end);
  }

  private gmtOffset(full: boolean, at: number): number {
    if (!this.matches('GMT', at)) return ~at;
    const start = at + 3;
    const shape = full
      ? /^([+-])([0-9]{2}):([0-9]{2})(?::([0-9]{2}))?/
      : /^([+-])([0-9]{1,2})(?::([0-9]{2})(?::([0-9]{2}))?)?/;
    const found = shape.exec(this.text.slice(start));
    if (found === null) return this.set('OffsetSeconds', 0, start, start);
    const [all, sign, hours, minutes, seconds] = found;
    const total = (Number(hours) * 60 + Number(minutes ?? 0)) * 60 + Number(seconds ?? 0);
    return this.set('OffsetSeconds', sign === '-' ? 0 - total : total, start, start + all.length);
  }

  /** Parses the longest known zone id or short zone name of the United States. */
  private zoneText(at: number): number {
    const candidate = /^[A-Za-z0-9+:/_-]+/.exec(this.text.slice(at))?.[0] ?? '';
    for (let length = candidate.length; length > 0; length--) {
      const zone = knownZone(candidate.slice(0, length));
      if (zone !== null) {
        this.zone = zone;
        return at + length;
      }
    }
    return ~at;
  }
}

const NAMED: Readonly<Record<string, string>> = {
  PST: 'America/Los_Angeles',
  PDT: 'America/Los_Angeles',
  MST: 'America/Denver',
  MDT: 'America/Denver',
  CST: 'America/Chicago',
  CDT: 'America/Chicago',
  EST: 'America/New_York',
  EDT: 'America/New_York',
};

/** `Europe/London` is an exact match; `europe/london` needs a case-insensitive search. */
const SEEN_AS_WRITTEN = /^[A-Z+-]/;

/** Returns the id of a region or prefix in its correct case, for a text in any case. */
function writtenId(text: string): string {
  if (/^(?:(?:utc|gmt|ut)(?:[+-].*)?|z)$/i.test(text)) return text.toUpperCase();
  if (!/^[a-z]/i.test(text) || !text.includes('/')) return text;
  try {
    const written = new Intl.DateTimeFormat('en', { timeZone: text }).resolvedOptions().timeZone;
    if (written.toLowerCase() === text.toLowerCase()) return written;
  } catch {
    return text;
  }
  // A deprecated name of a region, for which Intl returns the current one.
  return text
    .toLowerCase()
    .replace(/(^|[/_-])([a-z])/g, (_all, before: string, letter: string) => before + letter.toUpperCase());
}

function knownZone(text: string): Zone | null {
  try {
    return zoneOf(NAMED[text.toUpperCase()] ?? (SEEN_AS_WRITTEN.test(text) ? text : writtenId(text)));
  } catch (error) {
    if (error instanceof DateTimeError) return null;
    throw error;
  }
}

/** Shortens a text for error messages. */
export function shownText(text: string): string {
  return text.length > 64 ? `${text.slice(0, 64)}...` : text;
}

/** @throws DateTimeError with Java's message for a text that does not match the pattern */
export function parseFields(elements: readonly Element[], text: string, locale: Locale): ParsedFields {
  const reader = new Reader(text, locale);
  const end = reader.readAll(elements, 0);
  if (end < 0) throw new DateTimeError(`Text '${shownText(text)}' could not be parsed at index ${~end}`);
  if (end < text.length) {
    throw new DateTimeError(
      `Text '${shownText(text)}' could not be parsed, unparsed text found at index ${end}`,
    );
  }
  return { fields: reader.fields, zone: reader.zone };
}
