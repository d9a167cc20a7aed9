import { PaystreamError } from '../errors/paystream-error.js';
import { type Effect, effectsOf, lastOfEachObject } from './effects.js';
import { parseNote } from './failure-note.js';
import { checksumOfStatements, type FileStatement, isSessionStatement, objectOf } from './file-statements.js';
import type { HistoryEntry } from './history-entry.js';
import type { MigrationFile } from './migration-file.js';
import type { ServerObjects } from './server-objects.js';

/** The rest of a file. */
export interface Remaining {
  /** The statements to send, in order, including earlier session settings. */
  readonly statements: readonly FileStatement[];
  /** The first statement that was not executed yet, from 1. 1 means the whole file. */
  readonly from: number;
}

/**
 * Finds the statement at which an unfinished file resumes.
 *
 * Where that run could write down how far it got, the statements before must be the same still and the server must have
 * their results. Where it could not (a server that died, a run of ksql-migrations), the server is asked which results
 * it has, and the file must be unchanged.
 *
 * Throws MIGRATION_CHANGED, MIGRATION_RESULT_LOST, or MIGRATION_AMBIGUOUS where the server does not show whether a
 * statement ran; `resumeAt` decides that.
 */
export function remainingOf(
  file: MigrationFile,
  entry: HistoryEntry,
  statements: readonly FileStatement[],
  server: ServerObjects,
  resumeAt?: number,
): Remaining {
  const effects = effectsOf(statements, server);
  const { note } = parseNote(entry.errorReason);
  if (note?.action === 'undo') {
    throw new PaystreamError('UNDO_UNFINISHED', `The undo of version ${file.version} is unfinished.`, {
      where: file.path,
      hint: 'Run `paystream migrate undo` first.',
    });
  }
  if (resumeAt !== undefined) {
    if (resumeAt < 1 || resumeAt > statements.length + 1) {
      throw new PaystreamError('USAGE_RESUME', `The file has ${statements.length} statements.`, {
        where: file.path,
        hint: `--resume-at takes 1 to ${statements.length + 1}.`,
      });
    }
    return remainingFrom(statements, effects, resumeAt - 1);
  }
  if (note?.action === 'apply') {
    if (note.done === 0) return { statements, from: 1 };
    const done = statements.slice(0, note.done);
    if (checksumOfStatements(done) !== note.checksum) {
      throw new PaystreamError(
        'MIGRATION_CHANGED',
        `The first ${note.done} statements of version ${file.version} were carried out, and were changed since.`,
        { where: file.path, hint: RESTORE },
      );
    }
    checkResults(file, done, effects);
    return remainingFrom(statements, effects, note.done);
  }
  return remainingFrom(statements, effects, findEnd(file, entry, statements, effects));
}

const RESTORE =
  'Restore them, or remove by hand what they made and run `paystream migrate repair --clear-error`.';

function checkResults(file: MigrationFile, done: readonly FileStatement[], effects: readonly Effect[]): void {
  const decisive = lastOfEachObject(done);
  for (const statement of done) {
    if (!decisive.has(statement) || effects[statement.number - 1] !== 'absent') continue;
    throw new PaystreamError(
      'MIGRATION_RESULT_LOST',
      `Statement ${statement.number} was carried out, but the server does not have its result any more.`,
      {
        where: `${file.path}:${statement.line}`,
        hint: `Make it again by hand, or remove the results of the others and run \`paystream migrate repair --clear-error\`. The statement: ${firstLine(statement)}`,
      },
    );
  }
}

/** Counts the executed statements, according to what exists on the server. */
function findEnd(
  file: MigrationFile,
  entry: HistoryEntry,
  statements: readonly FileStatement[],
  effects: readonly Effect[],
): number {
  const touched = new Map<string, number>();
  for (const { tree } of statements) {
    const object = tree === undefined ? undefined : objectOf(tree);
    if (object !== undefined) touched.set(object, (touched.get(object) ?? 0) + 1);
  }
  const decisive = (statement: FileStatement) => {
    const object = statement.tree === undefined ? undefined : objectOf(statement.tree);
    return object !== undefined && (touched.get(object) === 1 || statement.tree?.kind === 'InsertInto');
  };
  let end = 0;
  for (const statement of statements) {
    // If the object of a DROP is absent, it may never have existed.
    if (effects[statement.number - 1] === 'present' && decisive(statement)) end = statement.number;
  }
  const gap = statements
    .slice(0, end)
    .find((statement) => decisive(statement) && effects[statement.number - 1] === 'absent');
  if (gap !== undefined) {
    throw new PaystreamError(
      'MIGRATION_RESULT_LOST',
      `Statement ${end} was carried out, but the server does not have the result of statement ${gap.number}.`,
      {
        where: `${file.path}:${gap.line}`,
        hint: `Compare the server with the file; then go on with \`paystream migrate --resume-at <statement>\`. The statement: ${firstLine(gap)}`,
      },
    );
  }
  if (end > 0 && entry.checksum !== file.checksum) {
    throw new PaystreamError(
      'MIGRATION_CHANGED',
      `Version ${file.version} was carried out in part, up to statement ${end}, and its file was changed since.`,
      { where: file.path, hint: RESTORE },
    );
  }
  // The next statements may also have run, if the server does not show their effect.
  for (const statement of statements.slice(end)) {
    if (isSessionStatement(statement)) continue;
    const effect = effects[statement.number - 1];
    const unclear = effect === 'unknown' || (!decisive(statement) && effect !== 'repeatable');
    if (!unclear) break;
    throw new PaystreamError(
      'MIGRATION_AMBIGUOUS',
      `An earlier run of version ${file.version} ended early, and the server does not show whether statement ${statement.number} was carried out.`,
      {
        where: `${file.path}:${statement.line}`,
        hint: `Look whether it was; then go on with \`paystream migrate --resume-at ${statement.number}\`, or ${statement.number + 1} if it was. The statement: ${firstLine(statement)}`,
      },
    );
  }
  return end;
}

function remainingFrom(
  statements: readonly FileStatement[],
  effects: readonly Effect[],
  done: number,
): Remaining {
  const left = statements.slice(done).filter((statement) => {
    // A server continues after a failed command, so later results may already exist.
    const { tree } = statement;
    const makes =
      tree?.kind === 'CreateSource' || tree?.kind === 'CreateAsSelect' || tree?.kind === 'InsertInto';
    return done === 0 || !makes || effects[statement.number - 1] !== 'present';
  });
  return {
    statements: [...statements.slice(0, done).filter(isSessionStatement), ...left],
    from: done + 1,
  };
}

export function firstLine({ text }: FileStatement): string {
  const [line = ''] = text.split('\n');
  return line === text ? line : `${line} ...`;
}
