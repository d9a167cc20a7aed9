import { SQLDialect } from '@codemirror/lang-sql';
import { classHighlighter, highlightCode } from '@lezer/highlight';
import { NON_RESERVED_KEYWORDS, RESERVED_KEYWORDS } from '../../../sql/keywords.js';

const TYPES =
  'array map struct boolean int integer bigint double decimal varchar string bytes date time timestamp';

export const ksqldb = SQLDialect.define({
  keywords: [...RESERVED_KEYWORDS, ...NON_RESERVED_KEYWORDS].join(' ').toLowerCase(),
  types: TYPES,
  identifierQuotes: '`"',
  doubleQuotedStrings: false,
  hashComments: false,
  slashComments: false,
  caseInsensitiveIdentifiers: true,
});

export interface Token {
  readonly text: string;
  /** CSS classes of the highlighter. Empty for plain text. */
  readonly classes: string;
}

/** Splits a statement into highlighted tokens, with the same classes as in the editor. */
export function tokensOf(sql: string): readonly Token[] {
  const tokens: Token[] = [];
  highlightCode(
    sql,
    ksqldb.language.parser.parse(sql),
    classHighlighter,
    (text, classes) => tokens.push({ text, classes }),
    () => tokens.push({ text: '\n', classes: '' }),
  );
  return tokens;
}
