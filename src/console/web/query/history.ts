import { maskCardNumbers } from '../../card-numbers.js';

export interface HistoryEntry {
  readonly sql: string;
  /** Epoch milliseconds. */
  readonly at: number;
  readonly failed: boolean;
}

const KEY = 'paystream.history';
const KEPT = 50;

/** What was run in this browser, newest first. */
export function readHistory(): readonly HistoryEntry[] {
  try {
    const entries: unknown = JSON.parse(localStorage.getItem(KEY) ?? '[]');
    return Array.isArray(entries) ? (entries as readonly HistoryEntry[]) : [];
  } catch {
    // What another version wrote is no reason to fail.
    return [];
  }
}

/** Card numbers are struck out: what is kept in a browser is read by whoever uses it next. */
export function addToHistory(sql: string, failed: boolean): readonly HistoryEntry[] {
  const entry = { sql: maskCardNumbers(sql), at: Date.now(), failed };
  const entries = [entry, ...readHistory().filter((known) => known.sql !== entry.sql)].slice(0, KEPT);
  localStorage.setItem(KEY, JSON.stringify(entries));
  return entries;
}

export function clearHistory(): readonly HistoryEntry[] {
  localStorage.removeItem(KEY);
  return [];
}
