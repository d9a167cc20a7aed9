/** Frames of WebSocket (RFC 6455), as far as a server that mostly sends needs them. */

export const opcodes = { text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

/** One unfragmented frame, unmasked, as a server sends it. */
export function encodeFrame(opcode: number, payload: Buffer): Buffer {
  const length = payload.length;
  let head: Buffer;
  if (length < 126) head = Buffer.from([0x80 | opcode, length]);
  else if (length < 65536) {
    head = Buffer.from([0x80 | opcode, 126, 0, 0]);
    head.writeUInt16BE(length, 2);
  } else {
    head = Buffer.alloc(10);
    head[0] = 0x80 | opcode;
    head[1] = 127;
    head.writeBigUInt64BE(BigInt(length), 2);
  }
  return Buffer.concat([head, payload]);
}

/** The reason is cut to what a control frame can hold. */
export function encodeClose(code: number, reason: string): Buffer {
  let text = Buffer.from(reason, 'utf8');
  if (text.length > 123)
    text = Buffer.from(
      text
        .subarray(0, 120)
        .toString('utf8')
        .replace(/\uFFFD+$/, ''),
      'utf8',
    );
  const payload = Buffer.alloc(2 + text.length);
  payload.writeUInt16BE(code);
  text.copy(payload, 2);
  return encodeFrame(opcodes.close, payload);
}

export interface Frame {
  readonly opcode: number;
  readonly payload: Buffer;
}

const mostPayload = 64 * 1024;

/** Takes bytes as they come and gives whole frames. Throws for what no client may send. */
export class FrameReader {
  #rest: Buffer = Buffer.alloc(0);

  push(chunk: Buffer): Frame[] {
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const frames: Frame[] = [];
    for (let frame = this.#take(); frame !== undefined; frame = this.#take()) frames.push(frame);
    return frames;
  }

  #take(): Frame | undefined {
    const data = this.#rest;
    if (data.length < 2) return undefined;
    const isMasked = (data[1]! & 0x80) !== 0;
    if (!isMasked) throw new Error('A client must mask its frames');
    let length = data[1]! & 0x7f;
    let at = 2;
    if (length === 126) {
      if (data.length < 4) return undefined;
      length = data.readUInt16BE(2);
      at = 4;
    } else if (length === 127) {
      throw new Error('The frame is too large');
    }
    if (length > mostPayload) throw new Error('The frame is too large');
    if (data.length < at + 4 + length) return undefined;
    const mask = data.subarray(at, at + 4);
    const payload = Buffer.from(data.subarray(at + 4, at + 4 + length));
    for (let i = 0; i < payload.length; i++) payload[i]! ^= mask[i & 3]!;
    this.#rest = data.subarray(at + 4 + length);
    return { opcode: data[0]! & 0x0f, payload };
  }
}
