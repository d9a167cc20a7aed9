/** Zigzag varints, as in records of batch format 2 (the protocol's own compact types are unsigned). */

/** The encoded size of `value` in bytes. `value` must be a safe integer. */
export function varintSize(value: number): number {
  let rest = value >= 0 ? value * 2 : -value * 2 - 1;
  let size = 1;
  while (rest >= 0x80) {
    rest = Math.floor(rest / 0x80);
    size++;
  }
  return size;
}

/** Writes `value` at position `at`. Returns the position after it. */
export function writeVarint(data: Uint8Array, value: number, at: number): number {
  let position = at;
  if (value < 0x3fff_ffff && value > -0x3fff_ffff) {
    let small = (value << 1) ^ (value >> 31);
    while (small >= 0x80) {
      data[position++] = (small & 0x7f) | 0x80;
      small >>>= 7;
    }
    data[position++] = small;
    return position;
  }
  let rest = value >= 0 ? value * 2 : -value * 2 - 1;
  while (rest >= 0x80) {
    data[position++] = (rest % 0x80) | 0x80;
    rest = Math.floor(rest / 0x80);
  }
  data[position++] = rest;
  return position;
}
