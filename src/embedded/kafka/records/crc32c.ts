import { createRequire } from 'node:module';

/**
 * CRC-32C (Castagnoli), the checksum of record batches. It processes sixteen bytes at a time ("slicing-by-16"), with
 * fifteen tables in addition to the usual one, each shifted by one more byte.
 */
const SLICES = 16;
const tables: readonly Int32Array[] = buildTables();

function buildTables(): Int32Array[] {
  const first = new Int32Array(256);
  for (let n = 0; n < 256; n++) {
    let c = n;
    for (let bit = 0; bit < 8; bit++) c = c & 1 ? (c >>> 1) ^ 0x82f63b78 : c >>> 1;
    first[n] = c;
  }
  const all = [first];
  for (let slice = 1; slice < SLICES; slice++) {
    const previous = all[slice - 1]!;
    const next = new Int32Array(256);
    for (let n = 0; n < 256; n++) next[n] = (previous[n]! >>> 8) ^ first[previous[n]! & 0xff]!;
    all.push(next);
  }
  return all;
}

const [t0, t1, t2, t3, t4, t5, t6, t7, t8, t9, t10, t11, t12, t13, t14, t15] = tables as [
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
];

/** Below this many bytes, calling the native module costs more than it saves. */
const nativeFrom = 2048;

type NativeCrc = (data: Uint8Array) => number;
let native: NativeCrc | null | undefined;

/** Computes the checksum of `data` from `start` up to `end` (exclusive), as an unsigned number. */
export function crc32c(data: Uint8Array, start = 0, end = data.length): number {
  if (end - start >= nativeFrom) {
    if (native === undefined) native = loadNative();
    if (native !== null) return native(data.subarray(start, end));
  }
  return crc32cInScript(data, start, end);
}

function loadNative(): NativeCrc | null {
  try {
    const { crc32c: found } = createRequire(import.meta.url)('@node-rs/crc32') as { crc32c: NativeCrc };
    return found;
  } catch {
    // There is no prebuilt module for this machine. Fall back to the tables, which are slower.
    return null;
  }
}

/** Computes the same checksum without the native module. */
export function crc32cInScript(data: Uint8Array, start = 0, end = data.length): number {
  let c = -1;
  let i = start;
  const last = end - SLICES;
  while (i <= last) {
    c =
      t15[(data[i]! ^ c) & 0xff]! ^
      t14[(data[i + 1]! ^ (c >>> 8)) & 0xff]! ^
      t13[(data[i + 2]! ^ (c >>> 16)) & 0xff]! ^
      t12[data[i + 3]! ^ (c >>> 24)]! ^
      t11[data[i + 4]!]! ^
      t10[data[i + 5]!]! ^
      t9[data[i + 6]!]! ^
      t8[data[i + 7]!]! ^
      t7[data[i + 8]!]! ^
      t6[data[i + 9]!]! ^
      t5[data[i + 10]!]! ^
      t4[data[i + 11]!]! ^
      t3[data[i + 12]!]! ^
      t2[data[i + 13]!]! ^
      t1[data[i + 14]!]! ^
      t0[data[i + 15]!]!;
    i += SLICES;
  }
  while (i < end) c = (c >>> 8) ^ t0[(c ^ data[i++]!) & 0xff]!;
  return ~c >>> 0;
}
