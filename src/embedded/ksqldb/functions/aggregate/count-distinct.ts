import { BIGINT, BYTES } from '../../../../sql/sql-type.js';
import { valueKey, valuesKey } from '../../types/compare.js';
import type { Value } from '../../types/value.js';
import { aggregate, generic, P_BIGINT, param } from '../define.js';
import type { AggregateFunction, BoundAggregate } from '../function.js';

/**
 * The state is a sketch in bytes. Up to 512 distinct values, it is the sorted list of their 64-bit hashes, which
 * counts exactly. Above that, it is a HyperLogLog of 2^14 one-byte registers (standard error 0.8 %, as in ksqlDB).
 * A new state is allocated only if a row changes it, which gets rarer with more values.
 */
const LIST_LIMIT = 512;
const HASH_BYTES = 8;
const INDEX_BITS = 14;
const REGISTERS = 1 << INDEX_BITS;
const ALPHA = 0.7213 / (1 + 1.079 / REGISTERS);

/** Computes two independent 32-bit hashes of the value's key (murmur-like mixing of its UTF-16 units). */
function hash(value: Value): Buffer {
  const key = typeof valueKey(value) === 'string' ? (valueKey(value) as string) : valuesKey([value]);
  let h1 = 0x9e3779b9;
  let h2 = 0x85ebca6b;
  for (let i = 0; i < key.length; i++) {
    const unit = key.charCodeAt(i);
    h1 = Math.imul(h1 ^ unit, 0x85ebca77);
    h1 = (h1 << 13) | (h1 >>> 19);
    h2 = Math.imul(h2 ^ unit, 0xc2b2ae3d);
    h2 = (h2 << 15) | (h2 >>> 17);
  }
  const result = Buffer.allocUnsafe(HASH_BYTES);
  result.writeInt32BE(finish(h1 ^ key.length), 0);
  result.writeInt32BE(finish(h2 + h1), 4);
  return result;
}

function finish(h: number): number {
  let mixed = h | 0;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}

function registerOf(bytes: Buffer, at: number): { index: number; rank: number } {
  const high = bytes.readUInt32BE(at);
  return { index: high >>> (32 - INDEX_BITS), rank: Math.clz32(bytes.readUInt32BE(at + 4)) + 1 };
}

function isList(state: Buffer): boolean {
  return state.length !== REGISTERS;
}

function toRegisters(list: Buffer): Buffer {
  const registers = Buffer.alloc(REGISTERS);
  for (let at = 0; at < list.length; at += HASH_BYTES) {
    const { index, rank } = registerOf(list, at);
    registers[index] = Math.max(registers[index]!, rank);
  }
  return registers;
}

function addHash(state: Buffer, hashed: Buffer): Buffer {
  if (!isList(state)) {
    const { index, rank } = registerOf(hashed, 0);
    if (state[index]! >= rank) return state;
    const next = Buffer.from(state);
    next[index] = rank;
    return next;
  }
  let low = 0;
  let high = state.length / HASH_BYTES;
  while (low < high) {
    const middle = (low + high) >> 1;
    const at = middle * HASH_BYTES;
    const order = state.compare(hashed, 0, HASH_BYTES, at, at + HASH_BYTES);
    if (order === 0) return state;
    if (order < 0) low = middle + 1;
    else high = middle;
  }
  const at = low * HASH_BYTES;
  const next = Buffer.concat([state.subarray(0, at), hashed, state.subarray(at)]);
  return next.length > LIST_LIMIT * HASH_BYTES ? toRegisters(next) : next;
}

function merge(a: Buffer, b: Buffer): Buffer {
  if (isList(a) || isList(b)) {
    const [into, list] = isList(b) ? [a, b] : [b, a];
    let merged = into;
    for (let at = 0; at < list.length; at += HASH_BYTES) {
      merged = addHash(merged, list.subarray(at, at + HASH_BYTES));
    }
    return merged;
  }
  const merged = Buffer.from(a);
  for (let i = 0; i < REGISTERS; i++) merged[i] = Math.max(merged[i]!, b[i]!);
  return merged;
}

function cardinality(state: Buffer): bigint {
  if (isList(state)) return BigInt(state.length / HASH_BYTES);
  let sum = 0;
  let zeros = 0;
  for (const rank of state) {
    sum += 2 ** -rank;
    if (rank === 0) zeros++;
  }
  const estimate = (ALPHA * REGISTERS * REGISTERS) / sum;
  const linear = zeros > 0 && estimate <= 2.5 * REGISTERS;
  return BigInt(Math.round(linear ? REGISTERS * Math.log(REGISTERS / zeros) : estimate));
}

const EMPTY = Buffer.alloc(0);

const BOUND: BoundAggregate = {
  stateType: BYTES,
  returnType: BIGINT,
  initial: () => EMPTY,
  add: (state, args) => (args[0] === null ? state : addHash(state as Buffer, hash(args[0]!))),
  merge: (a, b) => merge(a as Buffer, b as Buffer),
  result: (state) => cardinality(state as Buffer),
};

export const COUNT_DISTINCT: AggregateFunction = aggregate(
  'COUNT_DISTINCT',
  {
    description:
      'How many different values there are in a group. From some hundreds on it is an estimate, typically within 1 %.',
  },
  {
    parameters: [param('val1', generic('T'))],
    returns: P_BIGINT,
    description: 'Counts the different values of a column',
    bind: () => BOUND,
  },
);
