import { existsSync, readFileSync } from 'node:fs';
import { parse } from 'yaml';

/** Cases that are known to fail, with the reason, by `suite/id`. */
export type Ledger = ReadonlyMap<string, string>;

const begin = '```yaml known-failures\n';

/** Reads the block of known failures in the ledger's page: a list of {case, reason}. */
export function readLedger(file: string): Ledger {
  if (!existsSync(file)) return new Map();
  const page = readFileSync(file, 'utf8');
  const from = page.indexOf(begin);
  if (from < 0) return new Map();
  const block = page.slice(from + begin.length, page.indexOf('\n```', from + begin.length));
  const entries = (parse(block) ?? []) as readonly { readonly case: string; readonly reason: string }[];
  return new Map(entries.map((entry) => [entry.case, entry.reason]));
}
