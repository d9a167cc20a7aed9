import { KsqlException } from '../errors.js';

const unitMs: Readonly<Record<string, number>> = {
  NANOSECOND: 1e-6,
  MICROSECOND: 1e-3,
  MILLISECOND: 1,
  SECOND: 1000,
  MINUTE: 60_000,
  HOUR: 3_600_000,
  DAY: 86_400_000,
};

/** Parses a duration in a WITH clause, such as `10 SECONDS`, into milliseconds. */
export function parseDuration(text: string): number {
  const parts = text.split(' ').filter((part) => part !== '');
  const [size, unit] = parts;
  const problem = (why: string): KsqlException => new KsqlException(`Invalid duration: '${text}'. ${why}`);
  if (parts.length !== 2 || size === undefined || unit === undefined) {
    throw problem(`Expected 2 tokens, got: ${parts.length}`);
  }
  const number = Number(size);
  if (!Number.isInteger(number)) throw problem(`Size must be numeric: '${size}'`);
  const name = unit.toUpperCase();
  const ms = unitMs[name.endsWith('S') ? name.slice(0, -1) : name];
  if (ms === undefined) throw problem(`Unknown time unit: '${name}'`);
  return Math.trunc(number * ms);
}
