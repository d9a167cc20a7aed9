import { styleText } from 'node:util';
import { CodedError } from '../errors/paystream-error.js';

type Style = Parameters<typeof styleText>[0];

/** True where colours may be written: a terminal, and NO_COLOR (https://no-color.org) not set. */
export function hasColors(stream: NodeJS.WriteStream): boolean {
  return stream.isTTY === true && (process.env.NO_COLOR ?? '') === '' && process.env.TERM !== 'dumb';
}

function paint(stream: NodeJS.WriteStream, style: Style, text: string): string {
  return hasColors(stream) ? styleText(style, text) : text;
}

let hasWritten = false;

/** Data goes to stdout. */
export function out(text: string): void {
  hasWritten = true;
  process.stdout.write(`${text}\n`);
}

export function styled(style: Style, text: string): string {
  return paint(process.stdout, style, text);
}

/** Messages for people go to stderr. */
export function note(text: string): void {
  process.stderr.write(`${text}\n`);
}

export function notedStyle(style: Style, text: string): string {
  return paint(process.stderr, style, text);
}

/** An error as programs read it, on stdout; nothing if the command has written its document already. */
export function reportErrorAsJson(error: unknown): void {
  if (hasWritten) return;
  const known = error instanceof CodedError ? error : undefined;
  const message = error instanceof Error ? error.message : String(error);
  out(
    JSON.stringify({
      error: { code: known?.code ?? 'INTERNAL', message, where: known?.where, hint: known?.hint },
    }),
  );
}

/** An error as people read it: what happened, where, what next. */
export function reportError(error: unknown): void {
  if (error instanceof CodedError) {
    note(`${notedStyle('red', 'error')} ${error.code}: ${error.message}`);
    if (error.where !== undefined) note(`  at ${error.where}`);
    if (error.hint !== undefined) note(`  ${error.hint}`);
    return;
  }
  note(
    `${notedStyle('red', 'error')} ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
  );
}
