import type { CaseFile, ConformanceCase } from './case-file.js';
import type { Ledger } from './ledger.js';
import { type CaseResult, type Outcome, overall } from './result.js';

export interface RanCase {
  readonly file: CaseFile;
  readonly test: ConformanceCase;
  readonly result: CaseResult;
  readonly ms: number;
}

/** Counts of one file, one suite, or all. `ofNegative` counts the levels that negative cases reached. */
interface Counts {
  positive: number;
  positivePassed: number;
  negative: number;
  rejected: number;
  type: number;
  message: number;
  exact: number;
  sources: number;
  sourcesPassed: number;
  topics: number;
  topicsPassed: number;
  passed: number;
  failed: number;
  skipped: number;
}

const noCounts: Counts = {
  positive: 0,
  positivePassed: 0,
  negative: 0,
  rejected: 0,
  type: 0,
  message: 0,
  exact: 0,
  sources: 0,
  sourcesPassed: 0,
  topics: 0,
  topicsPassed: 0,
  passed: 0,
  failed: 0,
  skipped: 0,
};

export interface Failure {
  readonly case: string;
  readonly reason: string;
  /** Why it is known to fail, if the ledger lists it. */
  readonly known?: string;
}

export interface Report {
  readonly suites: Readonly<
    Record<string, { readonly all: Counts; readonly files: Readonly<Record<string, Counts>> }>
  >;
  readonly total: Counts;
  readonly failures: readonly Failure[];
  readonly skips: readonly { readonly case: string; readonly reason: string }[];
  /** Listed in the ledger, and passed. */
  readonly outdated: readonly string[];
  readonly ms: number;
}

export const caseKey = (file: CaseFile, test: ConformanceCase): string => `${file.suite}/${test.id}`;

export function makeReport(ran: readonly RanCase[], ledger: Ledger, ms: number): Report {
  const total = { ...noCounts };
  const suites: Record<string, { all: Counts; files: Record<string, Counts> }> = {};
  const failures: Failure[] = [];
  const skips: { case: string; reason: string }[] = [];
  const outdated: string[] = [];
  for (const { file, test, result } of ran) {
    suites[file.suite] ??= { all: { ...noCounts }, files: {} };
    const suite = suites[file.suite]!;
    suite.files[file.file] ??= { ...noCounts };
    for (const counts of [total, suite.all, suite.files[file.file]!]) count(counts, result);
    const key = caseKey(file, test);
    const outcome = overall(result);
    const known = ledger.get(key);
    if (outcome.status === 'failed') {
      failures.push({ case: key, reason: outcome.reason, ...(known === undefined ? {} : { known }) });
    } else if (known !== undefined && outcome.status === 'passed') outdated.push(key);
    for (const each of [result.run, result.sources, result.topics]) {
      if (each?.status === 'skipped') skips.push({ case: key, reason: each.reason });
    }
  }
  return { suites, total, failures, skips, outdated, ms };
}

function count(counts: Counts, result: CaseResult): void {
  counts[overall(result).status]++;
  if (result.run.status === 'skipped') return;
  const isPassed = (outcome: Outcome): number => (outcome.status === 'passed' ? 1 : 0);
  const { levels, sources, topics } = result;
  if (levels === undefined) {
    counts.positive++;
    counts.positivePassed += isPassed(result.run);
  } else {
    counts.negative++;
    if (levels.rejected) counts.rejected++;
    if (levels.type) counts.type++;
    if (levels.message) counts.message++;
    if (levels.exact) counts.exact++;
  }
  if (sources !== undefined && sources.status !== 'skipped') {
    counts.sources++;
    counts.sourcesPassed += isPassed(sources);
  }
  if (topics !== undefined && topics.status !== 'skipped') {
    counts.topics++;
    counts.topicsPassed += isPassed(topics);
  }
}

const longestReason = 600;

/** The report as text: each file with a failure, sums by suite, failures, skips. */
export function reportText(report: Report, { allFiles }: { readonly allFiles: boolean }): string {
  const lines: string[] = [];
  const unknown = report.failures.filter(({ known }) => known === undefined);
  for (const { case: name, reason } of unknown) {
    const shown = reason.length > longestReason ? `${reason.slice(0, longestReason)}...` : reason;
    lines.push(`FAILED ${name}`, ...shown.split('\n').map((line) => `    ${line}`));
  }
  const known = report.failures.filter(({ known: why }) => why !== undefined);
  if (known.length > 0) lines.push('', 'Known failures, listed in the ledger:');
  for (const { case: name, known: why } of known) lines.push(`  ${name}: ${why ?? ''}`);
  if (report.skips.length > 0) lines.push('', 'Skipped:');
  for (const { case: name, reason } of report.skips) lines.push(`  ${name}: ${reason}`);
  for (const name of report.outdated) lines.push(`The ledger lists a failure that passes now: ${name}`);
  lines.push('', header);
  for (const [name, { all, files }] of Object.entries(report.suites).sort(([a], [b]) => (a < b ? -1 : 1))) {
    for (const [file, counts] of Object.entries(files)) {
      if (allFiles || counts.failed > 0) lines.push(row(`  ${file}`, counts));
    }
    lines.push(row(name, all));
  }
  lines.push(row('all', report.total));
  lines.push(
    `${report.total.passed} passed, ${report.total.failed} failed (${known.length} of them known), ` +
      `${report.total.skipped} skipped, in ${(report.ms / 1000).toFixed(1)} s`,
  );
  return lines.join('\n');
}

const nameWidth = 52;
const columns = [
  'passed',
  'failed',
  'skipped',
  'positive',
  'negative a',
  'b',
  'c',
  'to the end',
  'sources',
  'topics',
];
const width = 11;
const header = ['suite, file'.padEnd(nameWidth), ...columns.map((name) => name.padStart(width))].join('');

function row(name: string, counts: Counts): string {
  const of = (part: number, whole: number): string => (whole === 0 ? '-' : `${part}/${whole}`);
  const { negative } = counts;
  const cells = [
    String(counts.passed),
    String(counts.failed),
    String(counts.skipped),
    of(counts.positivePassed, counts.positive),
    of(counts.rejected, negative),
    of(counts.type, negative),
    of(counts.message, negative),
    of(counts.exact, negative),
    of(counts.sourcesPassed, counts.sources),
    of(counts.topicsPassed, counts.topics),
  ];
  return [name.padEnd(nameWidth), ...cells.map((cell) => cell.padStart(width))].join('');
}
