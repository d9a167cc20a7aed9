import { createInterface } from 'node:readline/promises';
import { PaystreamError } from '../errors/paystream-error.js';

/** Asks on the terminal. Without one, `--yes` must have been given. */
export async function confirm(question: string, yes: boolean | undefined): Promise<boolean> {
  return yes === true || /^y(es)?$/i.test(await ask(`${question} [y/N] `));
}

/** Asks for a word to be typed: for what cannot be taken back. */
export async function confirmTyped(
  question: string,
  word: string,
  yes: boolean | undefined,
): Promise<boolean> {
  return yes === true || (await ask(`${question}\nType ${word} to go on: `)) === word;
}

/** A line from the terminal. */
export async function ask(question: string): Promise<string> {
  if (process.stdin.isTTY !== true) {
    throw new PaystreamError(
      'USAGE_NOT_CONFIRMED',
      `${question.split('\n')[0]} There is no terminal to ask on.`,
      {
        hint: 'Give --yes to answer yes.',
      },
    );
  }
  // Messages go to stderr: stdout may be read by a program.
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return (await terminal.question(question)).trim();
  } finally {
    terminal.close();
  }
}
