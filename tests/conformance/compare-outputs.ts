/** The records that a run left in its topics against those that a case expects. */
import type { CaseRecord } from './case-file.js';
import { mismatch, show } from './match.js';
import type { ActualRecord } from './record-codec.js';

export interface CompareOptions {
  /** A case without inputs: its records bear the time of the run, so that an expected 0 says nothing. */
  readonly ignoresTimeZero: boolean;
}

/** By topic, in the order in which the topics are first named. */
export function byTopic<T extends { readonly topic: string }>(
  records: readonly T[],
): ReadonlyMap<string, T[]> {
  const topics = new Map<string, T[]>();
  for (const record of records) {
    const found = topics.get(record.topic);
    if (found === undefined) topics.set(record.topic, [record]);
    else found.push(record);
  }
  return topics;
}

/** Null if all is as expected, else the first difference. */
export function compareTopic(
  topic: string,
  actual: readonly ActualRecord[],
  expected: readonly CaseRecord[],
  options: CompareOptions,
): string | null {
  for (const [i, each] of expected.entries()) {
    const record = actual[i];
    if (record === undefined) break;
    const difference = compareRecord(record, each, options);
    if (difference !== null) return `${topic}[${i}] ${difference}`;
  }
  if (actual.length === expected.length) return null;
  const extra = actual[expected.length];
  const shown = extra === undefined ? '' : `; the first one too many is ${showRecord(extra)}`;
  return `${topic}: expected ${expected.length} records, got ${actual.length}${shown}`;
}

export function compareRecord(
  actual: ActualRecord,
  expected: CaseRecord,
  { ignoresTimeZero }: CompareOptions,
): string | null {
  const shown = (what: string) => `${what} (the record is ${showRecord(actual)})`;
  const value = mismatch(actual.value, expected.value ?? null, 'value');
  if (value !== null) return value;
  const key = mismatch(actual.key, expected.key ?? null, 'key');
  if (key !== null) return key;
  const window = compareWindow(actual, expected);
  if (window !== null) return shown(window);
  const { timestamp } = expected;
  const isAnyTime = timestamp === undefined || (ignoresTimeZero && timestamp === 0);
  if (!isAnyTime && timestamp !== actual.timestamp) {
    return shown(`timestamp: expected ${timestamp}, got ${actual.timestamp}`);
  }
  return compareHeaders(actual, expected);
}

function compareWindow({ window }: ActualRecord, { window: expected }: CaseRecord): string | null {
  if (window === null && expected === undefined) return null;
  const text = (of: typeof expected | null) => (of ? `${of.type} ${of.start}..${of.end}` : 'none');
  if (window !== null && expected !== undefined && text(window) === text(expected)) return null;
  return `window: expected ${text(expected)}, got ${text(window)}`;
}

function compareHeaders({ headers }: ActualRecord, { headers: expected = [] }: CaseRecord): string | null {
  const got = headers.map(({ key, value }) => `${key}=${value?.toString('base64') ?? null}`).join(', ');
  const wanted = expected.map(({ KEY, VALUE }) => `${KEY}=${VALUE}`).join(', ');
  return got === wanted ? null : `headers: expected [${wanted}], got [${got}]`;
}

export function showRecord({ key, window, value, timestamp }: ActualRecord): string {
  const windowText = window === null ? '' : ` ${window.type} ${window.start}..${window.end}`;
  return `${show(key)}${windowText} -> ${show(value)} @${timestamp}`;
}
