import { styleText } from 'node:util';
import { CodedError } from '../errors/paystream-error.js';

type Style = Parameters<typeof styleText>[0];

/** Returns whether the stream is a terminal and colors are enabled (https://no-color.org). */
export function hasColors(stream: NodeJS.WriteStream): boolean {
  return stream.isTTY === true && (process.env.NO_COLOR ?? '') === '' && process.env.TERM !== 'dumb';
}

function paint(stream: NodeJS.WriteStream, style: Style, text: string): string {
  return hasColors(stream) ? styleText(style, text) : text;
}

let hasWritten = false;

/** Writes data to stdout. */
export function out(text: string): void {
  hasWritten = true;
  process.stdout.write(`${text}\n`);
}

export function styled(style: Style, text: string): string {
  return paint(process.stdout, style, text);
}

/** Writes a message for people to stderr. */
export function note(text: string): void {
  process.stderr.write(`${text}\n`);
}

export function notedStyle(style: Style, text: string): string {
  return paint(process.stderr, style, text);
}

/** Writes an error as JSON to stdout, unless the command has already written its document. */
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

/** Writes an error for people to stderr: what happened, where, and what to do next. */
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
