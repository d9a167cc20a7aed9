/**
 * The parts of PostgreSQL's wire protocol 3.0 that the gateway handles itself.
 * https://www.postgresql.org/docs/current/protocol-message-formats.html
 */

export const PROTOCOL_3 = 196_608;
export const SSL_REQUEST = 80_877_103;
export const GSS_REQUEST = 80_877_104;
export const CANCEL_REQUEST = 80_877_102;

/** A client message after startup: type byte, length, body. */
export interface FrontendMessage {
  readonly type: string;
  readonly bytes: Buffer;
}

/** Encodes a backend message: type, length, body. */
export function message(type: string, ...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  const head = Buffer.alloc(5);
  head.write(type, 0, 'latin1');
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}

export function text(value: string): Buffer {
  return Buffer.from(`${value}\0`, 'utf8');
}

export function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

export function errorResponse(code: string, what: string, severity = 'FATAL'): Buffer {
  return message(
    'E',
    text(`S${severity}`),
    text(`V${severity}`),
    text(`C${code}`),
    text(`M${what}`),
    Buffer.from([0]),
  );
}

/** Reads the zero-terminated string at `from`; `end` is where the next field begins. */
function textAt(bytes: Buffer, from: number): { readonly value: string; readonly end: number } {
  const end = bytes.indexOf(0, from);
  return { value: bytes.toString('utf8', from, end), end: end + 1 };
}

/** The name of the prepared statement that a message refers to, if any. */
export function statementName(frontend: FrontendMessage): string | undefined {
  const { type, bytes } = frontend;
  if (type === 'P') return textAt(bytes, 5).value;
  if (type === 'B') return textAt(bytes, textAt(bytes, 5).end).value;
  if ((type === 'D' || type === 'C') && bytes[5] === 0x53) return textAt(bytes, 6).value;
  return undefined;
}

/** Copies a message with another statement name. */
export function renameStatement(frontend: FrontendMessage, name: string): Buffer {
  const { type, bytes } = frontend;
  const from = type === 'P' ? 5 : type === 'B' ? textAt(bytes, 5).end : 6;
  const { end } = textAt(bytes, from);
  return message(type, bytes.subarray(5, from), text(name), bytes.subarray(end));
}
