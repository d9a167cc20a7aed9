import { PaystreamError } from '../errors/paystream-error.js';
import { parseNote } from './failure-note.js';
import {
  appliedChain,
  CURRENT,
  type HistoryEntries,
  type HistoryEntry,
  latestMigrated,
  unfinished,
} from './history-entry.js';
import { checksumsOfOtherLineEnds, type MigrationFile } from './migration-file.js';

export interface Problem {
  readonly code:
    | 'MIGRATION_MISSING'
    | 'MIGRATION_CHANGED'
    | 'MIGRATION_LINE_ENDS'
    | 'MIGRATION_SKIPPED'
    | 'MIGRATION_UNFINISHED'
    | 'HISTORY_INCONSISTENT';
  /** Warnings do not keep `migrate` from running. */
  readonly severity: 'error' | 'warning';
  readonly version: number;
  readonly message: string;
  readonly where?: string;
  readonly hint: string;
}

/** What is wrong between the files and the history. */
export function validateHistory(
  files: readonly MigrationFile[],
  entries: HistoryEntries,
): readonly Problem[] {
  const problems: Problem[] = [];
  const byVersion = new Map(files.map((file) => [String(file.version), file]));
  try {
    latestMigrated(entries);
  } catch (error) {
    if (!(error instanceof PaystreamError)) throw error;
    const version = Number(entries.get(CURRENT)?.version ?? 0);
    return [
      {
        code: 'HISTORY_INCONSISTENT',
        severity: 'error',
        version,
        message: error.message,
        hint: '`paystream migrate repair` corrects the history.',
      },
    ];
  }
  const chain = appliedChain(entries);
  for (const entry of chain) problems.push(...checkApplied(entry, byVersion.get(entry.version)));
  const applied = new Set(chain.map((entry) => entry.version));
  const newest = Number(chain.at(-1)?.version ?? 0);
  for (const file of files) {
    if (file.version > newest || applied.has(String(file.version))) continue;
    problems.push({
      code: 'MIGRATION_SKIPPED',
      severity: 'warning',
      version: file.version,
      message: `Version ${file.version} was never applied and will not be: the cluster is at version ${newest}.`,
      where: file.path,
      hint: 'Give it the next free version if it is to be applied.',
    });
  }
  const open = unfinished(entries);
  if (open !== undefined) problems.push(describeUnfinished(open));
  return problems;
}

function describeUnfinished(open: HistoryEntry): Problem {
  const { message, note } = parseNote(open.errorReason);
  const what = note?.action === 'undo' ? 'Taking back version' : 'Version';
  return {
    code: 'MIGRATION_UNFINISHED',
    severity: 'warning',
    version: Number(open.version),
    message:
      open.state === 'ERROR'
        ? `${what} ${open.version} failed: ${message}`
        : `${what} ${open.version} was begun and has not ended.`,
    hint:
      note?.action === 'undo'
        ? '`paystream migrate undo` goes on.'
        : 'Correct what failed; `paystream migrate` goes on from there.',
  };
}

/** An applied version's file must be there, unchanged. */
function checkApplied(entry: HistoryEntry, file: MigrationFile | undefined): readonly Problem[] {
  const version = Number(entry.version);
  if (file === undefined) {
    return [
      {
        code: 'MIGRATION_MISSING',
        severity: 'error',
        version,
        message: `Version ${version} was applied, but its file is gone.`,
        hint: `Restore the file of '${entry.name}'.`,
      },
    ];
  }
  if (file.checksum === entry.checksum) return [];
  if (checksumsOfOtherLineEnds(file.sql).includes(entry.checksum)) {
    return [
      {
        code: 'MIGRATION_LINE_ENDS',
        severity: 'warning',
        version,
        message: `The file of version ${version} differs from what was applied in its line ends only.`,
        where: file.path,
        hint: 'Keep *.sql at LF (.gitattributes: *.sql text eol=lf), or accept it with `paystream migrate repair --checksums`; ksql-migrations refuses it.',
      },
    ];
  }
  return [
    {
      code: 'MIGRATION_CHANGED',
      severity: 'error',
      version,
      message: `The file of version ${version} was changed after it was applied.`,
      where: file.path,
      hint: 'Restore the file and write a new migration instead; `paystream migrate repair --checksums` accepts it as it is.',
    },
  ];
}

/** Throws the first problem that is an error. */
export function assertValid(problems: readonly Problem[]): void {
  const problem = problems.find((found) => found.severity === 'error');
  if (problem === undefined) return;
  throw new PaystreamError(problem.code, problem.message, {
    ...(problem.where === undefined ? {} : { where: problem.where }),
    hint: problem.hint,
  });
}
