import { maskCardNumbers } from '../../card-numbers.js';

export interface HistoryEntry {
  readonly sql: string;
  /** Epoch milliseconds. */
  readonly at: number;
  readonly failed: boolean;
}

const KEY = 'paystream.history';
const KEPT = 50;

/** Returns the statements that were run in this browser, newest first. */
export function readHistory(): readonly HistoryEntry[] {
  try {
    const entries: unknown = JSON.parse(localStorage.getItem(KEY) ?? '[]');
    return Array.isArray(entries) ? (entries as readonly HistoryEntry[]) : [];
  } catch {
    // Another version may have stored something else.
    return [];
  }
}

/** Adds a statement to the history. Card numbers are masked, because others may use the same browser. */
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
