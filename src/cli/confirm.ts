import { createInterface } from 'node:readline/promises';
import { PaystreamError } from '../errors/paystream-error.js';

/** Asks a yes/no question on the terminal. Throws USAGE_NOT_CONFIRMED without a terminal and `--yes`. */
export async function confirm(question: string, yes: boolean | undefined): Promise<boolean> {
  return yes === true || /^y(es)?$/i.test(await ask(`${question} [y/N] `));
}

/** Asks the user to type a word, for actions that cannot be undone. */
export async function confirmTyped(
  question: string,
  word: string,
  yes: boolean | undefined,
): Promise<boolean> {
  return yes === true || (await ask(`${question}\nType ${word} to continue: `)) === word;
}

/** Reads a line from the terminal. Throws USAGE_NOT_CONFIRMED without one. */
export async function ask(question: string): Promise<string> {
  if (process.stdin.isTTY !== true) {
    throw new PaystreamError(
      'USAGE_NOT_CONFIRMED',
      `${question.split('\n')[0]} There is no terminal for the answer.`,
      {
        hint: 'Pass --yes to confirm.',
      },
    );
  }
  // Prompt on stderr, since a program may be reading stdout.
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return (await terminal.question(question)).trim();
  } finally {
    terminal.close();
  }
}
