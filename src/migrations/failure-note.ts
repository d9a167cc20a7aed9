/** The progress of a failed file, at the end of the history's error_reason. It is readable, and ksql-migrations keeps it. */
export interface FailureNote {
  /** The action: applying the file, or undoing it with its undo file. */
  readonly action: 'apply' | 'undo';
  /** The statement that failed, from 1; 0 if it is not known. */
  readonly statement: number;
  readonly of: number;
  /** How many statements at the start of the file were executed. */
  readonly done: number;
  /** The checksum of those statements. */
  readonly checksum: string;
}

const MARK = ' | paystream: ';

/** `<message> | paystream: action=apply statement=3 of=5 done=2 checksum=...` */
export function withNote(message: string, note: FailureNote): string {
  const { action, statement, of, done, checksum } = note;
  return `${message}${MARK}action=${action} statement=${statement} of=${of} done=${done} checksum=${checksum}`;
}

/** Reads the note in an error_reason and the text before it. Reasons of ksql-migrations have no note. */
export function parseNote(errorReason: string): { readonly message: string; readonly note?: FailureNote } {
  const at = errorReason.lastIndexOf(MARK);
  if (at === -1) return { message: errorReason };
  const fields = new Map(
    errorReason
      .slice(at + MARK.length)
      .split(' ')
      .map((field) => [field.slice(0, field.indexOf('=')), field.slice(field.indexOf('=') + 1)] as const),
  );
  const count = (name: string) => Number(fields.get(name) ?? Number.NaN);
  const note: FailureNote = {
    action: fields.get('action') === 'undo' ? 'undo' : 'apply',
    statement: count('statement'),
    of: count('of'),
    done: count('done'),
    checksum: fields.get('checksum') ?? '',
  };
  const message = errorReason.slice(0, at);
  return [note.statement, note.of, note.done].every(Number.isInteger) ? { message, note } : { message };
}
