import type { IToken } from 'chevrotain';
import { SqlSyntaxError } from './sql-syntax-error.js';

/** Returns the text between the quotes, with doubled quotes unescaped. */
export function unquote(image: string): string {
  const quote = image[0]!;
  return image.slice(1, -1).replaceAll(quote + quote, quote);
}

/** Returns the name of a token: as written if quoted, otherwise in upper case. */
export function nameOf(token: IToken): string {
  const quote = token.image[0];
  return quote === '`' || quote === '"' ? unquote(token.image) : token.image.toUpperCase();
}

/** Creates an error that ksqlDB finds only after parsing. The message says so, unless `bare`. */
export function invalid(
  token: IToken,
  message: string,
  options: { readonly bare?: boolean; readonly text?: string } = {},
): SqlSyntaxError {
  return new SqlSyntaxError(
    'SQL_INVALID',
    options.bare === true ? message : `Failed to prepare statement: ${message}`,
    { line: token.startLine!, column: token.startColumn! - 1, offset: token.startOffset },
    token.image,
    options.text ?? '',
  );
}

export function tooDeep(token: IToken): SqlSyntaxError {
  const known = Number.isFinite(token.startOffset);
  return new SqlSyntaxError(
    'SQL_TOO_LARGE',
    'Error processing statement: Statement is too large to parse. ' +
      'This may be caused by having too many nested expressions in the statement.',
    {
      line: known ? token.startLine! : 1,
      column: known ? token.startColumn! - 1 : 0,
      offset: known ? token.startOffset : 0,
    },
    token.image,
    '',
    'Split the expression: select its parts in one stream and combine them in the next.',
  );
}
