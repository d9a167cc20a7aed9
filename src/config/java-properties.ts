/**
 * Parses Java's .properties format: `key=value`, `key: value` or `key value`, comments that start with `#` or `!`, lines
 * that continue after a backslash, and escapes.
 *
 * Source: https://docs.oracle.com/en/java/javase/17/docs/api/java.base/java/util/Properties.html#load(java.io.Reader)
 */
export function parseProperties(text: string): ReadonlyMap<string, string> {
  const properties = new Map<string, string>();
  for (const line of logicalLines(text)) {
    let end = 0;
    while (end < line.length && !' \t\f=:'.includes(line[end]!)) end += line[end] === '\\' ? 2 : 1;
    let start = end;
    while (start < line.length && ' \t\f'.includes(line[start]!)) start++;
    if (line[start] === '=' || line[start] === ':') start++;
    while (start < line.length && ' \t\f'.includes(line[start]!)) start++;
    properties.set(unescaped(line.slice(0, end)), unescaped(line.slice(start)));
  }
  return properties;
}

/** Drops comments and blank lines, and joins continued lines. */
function logicalLines(text: string): string[] {
  const lines: string[] = [];
  let open: string | undefined;
  for (const raw of text.split(/\r\n|\n|\r/)) {
    const line = raw.trimStart();
    if (open === undefined && (line === '' || line.startsWith('#') || line.startsWith('!'))) continue;
    const backslashes = line.length - line.replace(/\\+$/, '').length;
    const continues = backslashes % 2 === 1;
    const joined: string = (open ?? '') + (continues ? line.slice(0, -1) : line);
    open = continues ? joined : undefined;
    if (!continues) lines.push(joined);
  }
  if (open !== undefined) lines.push(open);
  return lines;
}

const ESCAPES: Readonly<Record<string, string>> = { t: '\t', n: '\n', r: '\r', f: '\f' };

function unescaped(text: string): string {
  return text.replace(/\\(?:u([0-9a-fA-F]{4})|(.))/g, (_match, hex: string | undefined, other: string) =>
    hex === undefined ? (ESCAPES[other] ?? other) : String.fromCharCode(Number.parseInt(hex, 16)),
  );
}
