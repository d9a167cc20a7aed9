/** Translates Java's \p{...} to the content of a JavaScript character class (flag v). */
const POSIX: Readonly<Record<string, string>> = {
  Lower: 'a-z',
  Upper: 'A-Z',
  ASCII: '\\x00-\\x7f',
  Alpha: 'a-zA-Z',
  Digit: '0-9',
  Alnum: 'a-zA-Z0-9',
  Punct: '\\x21-\\x2f\\x3a-\\x40\\x5b-\\x60\\x7b-\\x7e',
  Graph: '\\x21-\\x7e',
  Print: '\\x20-\\x7e',
  Blank: '\\x20\\t',
  Cntrl: '\\x00-\\x1f\\x7f',
  XDigit: '0-9a-fA-F',
  Space: '\\x20\\t\\n\\x0b\\f\\r',
  javaLowerCase: '\\p{Lowercase}',
  javaUpperCase: '\\p{Uppercase}',
  javaWhitespace:
    '\\t\\n\\x0b\\f\\r\\x1c-\\x20\\u1680\\u2000-\\u2006\\u2008-\\u200a\\u2028\\u2029\\u205f\\u3000',
  javaLetter: '\\p{L}',
  javaDigit: '\\p{Nd}',
  javaLetterOrDigit: '\\p{L}\\p{Nd}',
  javaAlphabetic: '\\p{Alphabetic}',
  javaMirrored: '\\p{Bidi_Mirrored}',
};

/** Returns undefined for an unknown property. */
export function propertyClass(name: string): string | undefined {
  const posix = POSIX[name];
  if (posix !== undefined) return posix;
  const bare = name.startsWith('Is') ? name.slice(2) : name;
  const pair = /^(script|sc|general_category|gc|block|blk)=(.+)$/i.exec(bare);
  const candidates =
    pair === null
      ? [bare, `Script=${capitalised(bare)}`, capitalised(bare)]
      : /^s/i.test(pair[1]!)
        ? [`Script=${capitalised(pair[2]!)}`]
        : [`General_Category=${pair[2]}`];
  for (const candidate of candidates) {
    const text = `\\p{${candidate}}`;
    try {
      new RegExp(`[${text}]`, 'v');
      return text;
    } catch {
      // JavaScript does not know a property of this name.
    }
  }
  return undefined;
}

function capitalised(name: string): string {
  return name
    .toLowerCase()
    .split('_')
    .map((part) => part.charAt(0).toUpperCase() + part.slice(1))
    .join('_');
}
