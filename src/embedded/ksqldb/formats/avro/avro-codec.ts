/** Encodes and decodes Connect's values in Avro's binary encoding. */
import { type AvroNode, branchName } from '../../../schema-registry/avro-schema.js';
import { doubleToBigint } from '../../types/cast.js';
import { Decimal } from '../../types/decimal.js';
import type { Value } from '../../types/value.js';
import type { ByteReader, ByteWriter } from '../byte-stream.js';
import { DataError } from '../connect/translate.js';
import { bigIntOf, connectSchemaOfAvro, isMapEntry } from './avro-connect.js';

export type AvroRead = (input: ByteReader) => Value;
export type AvroWrite = (out: ByteWriter, value: Value) => void;

/** Decodes data that was written with the schema. */
export function avroReader(node: AvroNode): AvroRead {
  switch (node.kind) {
    case 'null':
      return () => null;
    case 'boolean':
      return (input) => input.byte() === 1;
    case 'int':
      return (input) => input.signedSize() | 0;
    case 'long':
      return connectSchemaOfAvro(node).logical === undefined
        ? (input) => input.zigzag()
        : (input) => Number(input.zigzag());
    case 'float':
      return (input) => input.float();
    case 'double':
      return (input) => input.double();
    case 'string':
      return (input) => input.text(length(input));
    case 'bytes':
      return bytesReader(node, (input) => input.bytes(length(input)));
    case 'fixed':
      return bytesReader(node, (input) => input.bytes(node.size!));
    case 'enum':
      return (input) => {
        const symbol = node.symbols![input.signedSize()];
        if (symbol === undefined) throw new DataError('The enum has no such symbol');
        return symbol;
      };
    case 'array': {
      const read = avroReader(node.items!);
      if (isMapEntry(node.items!)) {
        return (input) =>
          new Map(blocks(input, read).map((entry) => entry as readonly Value[] as [Value, Value]));
      }
      return (input) => blocks(input, read);
    }
    case 'map': {
      const read = avroReader(node.items!);
      return (input) => {
        const entries = blocks(input, (each): Value => [each.text(length(each)), read(each)]);
        return new Map(entries.map((entry) => entry as readonly Value[] as [Value, Value]));
      };
    }
    case 'record': {
      const readers = node.fields!.map((field) => avroReader(field.type));
      return (input) => readers.map((read) => read(input));
    }
    case 'union': {
      const readers = node.branches!.map(avroReader);
      const several = node.branches!.filter(({ kind }) => kind !== 'null');
      return (input) => {
        const at = input.signedSize();
        const read = readers[at];
        if (read === undefined) throw new DataError('The union has no such branch');
        const value = read(input);
        const branch = node.branches![at]!;
        if (several.length < 2 || branch.kind === 'null') return value;
        return several.map((each) => (each === branch ? value : null));
      };
    }
  }
}

function bytesReader(node: AvroNode, read: (input: ByteReader) => Buffer): AvroRead {
  const { logical, scale } = connectSchemaOfAvro(node);
  return logical === 'DECIMAL' ? (input) => new Decimal(bigIntOf(read(input)), scale!) : read;
}

/** Functions such as GREATEST return decimals whose scale differs from that of the column. */
function unscaledFor(value: Decimal, scale: number): bigint {
  return value.scale === scale ? value.unscaled : value.setScale(scale).unscaled;
}

function length(input: ByteReader): number {
  return input.signedSize();
}

function blocks(input: ByteReader, read: AvroRead): Value[] {
  const values: Value[] = [];
  for (;;) {
    let count = input.signedSize();
    if (count === 0) return values;
    if (count < 0) {
      count = -count;
      input.zigzag();
    }
    // Elements may be empty, so only their count limits them.
    if (values.length + count > 1_000_000 && count > input.left)
      throw new DataError('The record has more elements than bytes');
    for (; count > 0; count--) values.push(read(input));
  }
}

/** Encodes values of the schema that `connectSchemaOfAvro` returns for the node. */
export function avroWriter(node: AvroNode): AvroWrite {
  switch (node.kind) {
    case 'null':
      return () => {};
    case 'boolean':
      return (out, value) => out.byte(value === true ? 1 : 0);
    case 'int':
    case 'long':
      return (out, value) => {
        if (typeof value === 'bigint') out.zigzag(value);
        else writeWhole(out, value);
      };
    case 'float':
      return (out, value) => out.float(value as number);
    case 'double':
      return (out, value) => out.double(value as number);
    case 'string':
      return (out, value) => {
        const size = Buffer.byteLength(value as string, 'utf8');
        out.signedSize(size);
        out.text(value as string, size);
      };
    case 'bytes': {
      const { scale = 0 } = connectSchemaOfAvro(node);
      return (out, value) => {
        const bytes = value instanceof Decimal ? bytesOf(unscaledFor(value, scale)) : (value as Buffer);
        out.signedSize(bytes.length);
        out.bytes(bytes);
      };
    }
    case 'fixed': {
      const { scale = 0 } = connectSchemaOfAvro(node);
      return (out, value) => {
        const bytes =
          value instanceof Decimal ? padded(unscaledFor(value, scale), node.size!) : (value as Buffer);
        if (bytes.length !== node.size) throw new DataError(`Invalid fixed size: ${bytes.length}`);
        out.bytes(bytes);
      };
    }
    case 'enum':
      return (out, value) => {
        const at = node.symbols!.indexOf(value as string);
        if (at < 0) throw new DataError('The text is not a symbol of the enum');
        out.signedSize(at);
      };
    case 'array': {
      const write = avroWriter(node.items!);
      if (isMapEntry(node.items!)) {
        return (out, value) => writeBlock(out, [...(value as ReadonlyMap<Value, Value>)], write);
      }
      return (out, value) => writeBlock(out, value as readonly Value[], write);
    }
    case 'map': {
      const write = avroWriter(node.items!);
      const writeKey = avroWriter({ kind: 'string', props: {} });
      return (out, value) =>
        writeBlock(out, [...(value as ReadonlyMap<Value, Value>)], (each, entry) => {
          const [key, item] = entry as readonly Value[];
          writeKey(each, String(key));
          write(each, item!);
        });
    }
    case 'record': {
      const writers = node.fields!.map((field) => avroWriter(field.type));
      return (out, value) => {
        const values = value as readonly Value[];
        for (let i = 0; i < writers.length; i++) writers[i]!(out, values[i]!);
      };
    }
    case 'union': {
      const branches = node.branches!;
      const writers = branches.map(avroWriter);
      const nullAt = branches.findIndex(({ kind }) => kind === 'null');
      const several = branches.filter(({ kind }) => kind !== 'null');
      return (out, value) => {
        let at = nullAt;
        let written = value;
        if (value !== null) {
          if (several.length < 2) at = branches.indexOf(several[0]!);
          else {
            const set = (value as readonly Value[]).findIndex((each) => each !== null);
            if (set < 0) throw new DataError('No branch of the union is set');
            at = branches.indexOf(several[set]!);
            written = (value as readonly Value[])[set]!;
          }
        }
        if (at < 0) throw new DataError(`Null for ${branches.map(branchName).join(' or ')}`);
        out.signedSize(at);
        writers[at]!(out, written);
      };
    }
  }
}

function writeBlock(out: ByteWriter, values: readonly Value[], write: AvroWrite): void {
  if (values.length > 0) {
    out.signedSize(values.length);
    for (const value of values) write(out, value);
  }
  out.byte(0);
}

function writeWhole(out: ByteWriter, value: Value): void {
  if (typeof value !== 'number' || !Number.isInteger(value)) throw new DataError('Not an integer');
  if (Math.abs(value) < 2 ** 51) out.signedSize(value);
  // A TIMESTAMP can be any 64-bit integer.
  else out.zigzag(doubleToBigint(value));
}

/** Returns the shortest two's complement encoding, big-endian. */
export function bytesOf(value: bigint): Buffer {
  const low = BigInt.asIntN(64, value);
  if (low === value) {
    const bytes = Buffer.allocUnsafe(8);
    bytes.writeBigInt64BE(low, 0);
    let from = 0;
    // A leading byte that only repeats the sign of the next one is redundant.
    while (from < 7) {
      const sign = bytes[from + 1]! >= 0x80 ? 0xff : 0;
      if (bytes[from] !== sign) break;
      from++;
    }
    return bytes.subarray(from);
  }
  let size = 8;
  while (BigInt.asIntN(size * 8, value) !== value) size++;
  return padded(value, size);
}

function padded(value: bigint, size: number): Buffer {
  return Buffer.from(
    BigInt.asUintN(size * 8, value)
      .toString(16)
      .padStart(size * 2, '0'),
    'hex',
  );
}
