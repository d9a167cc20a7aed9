import type { IToken, TokenType } from 'chevrotain';
import { createToken, EOF, Lexer } from './chevrotain.js';
import { type Keyword, NON_RESERVED_KEYWORDS, RESERVED_KEYWORDS } from './keywords.js';
import type { Relocation } from './relocation.js';
import { Lexeme, Scanner } from './scanner.js';
import type { SqlPosition } from './sql-syntax-error.js';

// The scanner creates the tokens. chevrotain only needs their types, so they have no patterns.
function kind(name: string, ...categories: readonly TokenType[]): TokenType {
  return createToken({ name, pattern: Lexer.NA, categories: [...categories] });
}

/** Any keyword or unquoted name. */
export const Word = kind('WORD');
/** Every token that may be a name. */
export const Name = kind('NAME');
export const Unit = kind('UNIT');
export const NumberValue = kind('NUMBER');
/** Operators between two values. */
export const Operator = kind('OPERATOR');
export const Sign = kind('SIGN');
export const Compare = kind('COMPARISON');

export const Identifier = kind('IDENTIFIER', Name, Word);
export const Backquoted = kind('BACKQUOTED_IDENTIFIER', Name);
export const Quoted = kind('QUOTED_IDENTIFIER', Name);
export const DigitIdentifier = kind('DIGIT_IDENTIFIER', Name);
export const Variable = kind('VARIABLE', Name);
export const StringValue = kind('STRING');
export const IntegerValue = kind('INTEGER_VALUE', NumberValue);
export const DecimalValue = kind('DECIMAL_VALUE', NumberValue);
export const FloatValue = kind('FLOATING_POINT_VALUE', NumberValue);
export const Unrecognized = kind('UNRECOGNIZED');

const units: ReadonlySet<string> = new Set([
  'DAY',
  'DAYS',
  'HOUR',
  'HOURS',
  'MINUTE',
  'MINUTES',
  'SECOND',
  'SECONDS',
  'MILLISECOND',
  'MILLISECONDS',
]);

const keywordKinds = new Map<string, TokenType>();
for (const word of NON_RESERVED_KEYWORDS) {
  keywordKinds.set(word, kind(`'${word}'`, Name, Word, ...(units.has(word) ? [Unit] : [])));
}
for (const word of RESERVED_KEYWORDS) {
  keywordKinds.set(word, kind(`'${word}'`, Word, ...(units.has(word) ? [Unit] : [])));
}

/** Returns the token type of a keyword. */
export function keyword(word: Keyword): TokenType {
  return keywordKinds.get(word)!;
}

export const Eq = kind("'='", Compare);
export const Neq = kind("'<>'", Compare);
export const Lt = kind("'<'", Compare);
export const Gt = kind("'>'", Compare);
export const Lte = kind("'<='", Compare);
export const Gte = kind("'>='", Compare);
export const Plus = kind("'+'", Operator, Sign);
export const Minus = kind("'-'", Operator, Sign);
export const Asterisk = kind("'*'", Operator);
export const Slash = kind("'/'", Operator);
export const Percent = kind("'%'", Operator);
export const Concat = kind("'||'", Operator);
export const Assign = kind("':='");
export const Arrow = kind("'->'");
export const LambdaArrow = kind("'=>'");
export const LeftParen = kind("'('");
export const RightParen = kind("')'");
export const LeftBracket = kind("'['");
export const RightBracket = kind("']'");
export const Comma = kind("','");
export const Point = kind("'.'");
export const Semicolon = kind("';'");

const symbolKinds = new Map<string, TokenType>([
  ['=', Eq],
  ['<>', Neq],
  ['!=', Neq],
  ['<', Lt],
  ['>', Gt],
  ['<=', Lte],
  ['>=', Gte],
  ['+', Plus],
  ['-', Minus],
  ['*', Asterisk],
  ['/', Slash],
  ['%', Percent],
  ['||', Concat],
  [':=', Assign],
  ['->', Arrow],
  ['=>', LambdaArrow],
  ['(', LeftParen],
  [')', RightParen],
  ['[', LeftBracket],
  [']', RightBracket],
  [',', Comma],
  ['.', Point],
  [';', Semicolon],
]);

export const allTokenKinds: readonly TokenType[] = [
  ...keywordKinds.values(),
  ...new Set(symbolKinds.values()),
  Word,
  Name,
  Unit,
  NumberValue,
  Operator,
  Sign,
  Compare,
  Identifier,
  Backquoted,
  Quoted,
  DigitIdentifier,
  Variable,
  StringValue,
  IntegerValue,
  DecimalValue,
  FloatValue,
  Unrecognized,
  EOF,
];

function kindOf(scanner: Scanner, image: string): TokenType {
  switch (scanner.kind) {
    case Lexeme.Word:
      return keywordKinds.get(image.toUpperCase()) ?? Identifier;
    case Lexeme.Symbol:
      return symbolKinds.get(image) ?? Unrecognized;
    case Lexeme.String:
      return StringValue;
    case Lexeme.Integer:
      return IntegerValue;
    case Lexeme.Decimal:
      return DecimalValue;
    case Lexeme.Float:
      return FloatValue;
    case Lexeme.Backquoted:
      return Backquoted;
    case Lexeme.Quoted:
      return Quoted;
    case Lexeme.DigitWord:
      return DigitIdentifier;
    case Lexeme.Variable:
      return Variable;
    default:
      return Unrecognized;
  }
}

export const START: SqlPosition = { line: 1, column: 0, offset: 0 };

/** A token. `startLine` and `startColumn` count from 1. Offsets refer to the script. */
export type SqlToken = IToken;

/** Tokenizes a text at `origin`, or at the positions that `relocation` returns. */
export function tokenize(text: string, origin: SqlPosition, relocation?: Relocation): SqlToken[] {
  const scanner = new Scanner(text);
  const tokens: SqlToken[] = [];
  while (scanner.next()) {
    const image = scanner.image();
    const type = kindOf(scanner, image);
    const line = origin.line + scanner.line - 1;
    const column = scanner.line === 1 ? origin.column + scanner.column : scanner.column;
    const place = relocation?.place(scanner.start) ?? { line, column, offset: origin.offset + scanner.start };
    const last = relocation?.place(scanner.end - 1).offset ?? origin.offset + scanner.end - 1;
    tokens.push({
      image,
      tokenType: type,
      tokenTypeIdx: type.tokenTypeIdx!,
      startOffset: place.offset,
      endOffset: last,
      startLine: place.line,
      startColumn: place.column + 1,
    });
  }
  return tokens;
}
