/**
 * Reads 64-bit protocol fields that are safe as JavaScript numbers: offsets, timestamps and producer ids. Never use
 * this for values inside a record.
 */
export function readInt64(data: Buffer, at: number): number {
  return data.readInt32BE(at) * 0x1_0000_0000 + data.readUInt32BE(at + 4);
}

export function writeInt64(data: Buffer, value: number, at: number): void {
  const high = Math.floor(value / 0x1_0000_0000);
  data.writeInt32BE(high, at);
  data.writeUInt32BE(value - high * 0x1_0000_0000, at + 4);
}
