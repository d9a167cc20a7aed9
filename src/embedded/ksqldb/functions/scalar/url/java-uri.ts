/**
 * Parses URIs like java.net.URI (RFC 2396): stricter than the web's URL, and without normalization. Non-ASCII
 * characters are allowed wherever escapes are allowed.
 */
export interface JavaUri {
  readonly scheme: string | null;
  readonly host: string | null;
  readonly port: number;
  /** Null for opaque URIs such as mailto:a@b. */
  readonly path: string | null;
  readonly query: string | null;
  readonly fragment: string | null;
}

const OTHER = '\\u0080-\\uffff';
const UNRESERVED = "A-Za-z0-9\\-_.!~*'()";
const ESCAPED = '%[0-9a-fA-F]{2}';
const URIC = `(?:[${UNRESERVED};/?:@&=+$,\\[\\]${OTHER}]|${ESCAPED})*`;
const PATH = `(?:[${UNRESERVED};/:@&=+$,${OTHER}]|${ESCAPED})*`;
const AUTHORITY = `(?:[${UNRESERVED};:@&=+$,\\[\\]${OTHER}]|${ESCAPED})*`;

const HIERARCHICAL = new RegExp(
  `^(?:([A-Za-z][A-Za-z0-9+\\-.]*):(?=/))?(?://(${AUTHORITY}))?(${PATH})(?:\\?(${URIC}))?(?:#(${URIC}))?$`,
);
const OPAQUE = new RegExp(`^([A-Za-z][A-Za-z0-9+\\-.]*):((?!/)${URIC})(?:#(${URIC}))?$`);
const SERVER =
  /^(?:[^@[\]]*@)?(\[[0-9a-fA-F:.%]+\]|[A-Za-z0-9](?:[A-Za-z0-9\-.]*[A-Za-z0-9.])?)(?::([0-9]*))?$/;
const FORBIDDEN = /[\u0080-\u009f\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/;

/** The last label of a host name starts with a letter, unless the host is an IPv4 address. */
function isHost(host: string): boolean {
  if (host.startsWith('[') || /^[0-9]{1,3}(?:\.[0-9]{1,3}){3}$/.test(host)) return true;
  const labels = host.replace(/\.$/, '').split('.');
  return (
    labels.every((label) => /^[A-Za-z0-9](?:.*[A-Za-z0-9])?$/.test(label)) && /^[A-Za-z]/.test(labels.at(-1)!)
  );
}

/** Decodes escapes as UTF-8; invalid sequences become U+FFFD. */
function decode(part: string | undefined): string | null {
  if (part === undefined) return null;
  return part.replace(/(?:%[0-9a-fA-F]{2})+/g, (escapes) =>
    Buffer.from(escapes.replaceAll('%', ''), 'hex').toString('utf8'),
  );
}

/** Parses a URI; returns null if the text is not one. */
export function parseJavaUri(text: string): JavaUri | null {
  if (text === '' || FORBIDDEN.test(text)) {
    return text === '' ? { scheme: null, host: null, port: -1, path: '', query: null, fragment: null } : null;
  }
  const opaque = OPAQUE.exec(text);
  if (opaque !== null && opaque[2] !== '') {
    return {
      scheme: opaque[1]!,
      host: null,
      port: -1,
      path: null,
      query: null,
      fragment: decode(opaque[3]),
    };
  }
  const found = HIERARCHICAL.exec(text);
  if (found === null) return null;
  const [, scheme, authority, path, query, fragment] = found;
  // A relative path must not look like it starts with a scheme.
  if (scheme === undefined && authority === undefined && /^[^/]*:/.test(path!)) return null;
  // The authority may only be empty if a path follows, as in file:///tmp.
  if (authority === '' && path === '') return null;
  const server = authority === undefined ? null : SERVER.exec(authority);
  const host = server !== null && isHost(server[1]!) ? server[1]! : null;
  const port = host !== null && server![2] ? Number(server![2]) : -1;
  return {
    scheme: scheme ?? null,
    host,
    port,
    path: decode(path),
    query: decode(query),
    fragment: decode(fragment),
  };
}
