/** Encodes and decodes Connect's values in Protobuf's wire format. Source: https://protobuf.dev/programming-guides/encoding/ */
import { civilFromDays, daysFromCivil } from '../../types/civil.js';
import { Decimal } from '../../types/decimal.js';
import type { Value } from '../../types/value.js';
import { bytesOf } from '../avro/avro-codec.js';
import { bigIntOf } from '../avro/avro-connect.js';
import { type ByteReader, ByteWriter } from '../byte-stream.js';
import { DataError } from '../connect/translate.js';
import type { MessageShape, ProtoPart, ProtoShape } from './proto-connect.js';

type Read = (input: ByteReader, wire: number) => Value;
/** Writes a value with the tag of its field, or nothing if it equals the default. */
type Write = (out: ByteWriter, value: Value) => void;

const mostDepth = 100;

export interface MessageCodec {
  read(input: ByteReader): Value[];
  write(out: ByteWriter, values: readonly Value[]): void;
}

interface Slot {
  /** The position of the value in the struct, or at `inner` of the nested struct that represents a oneof. */
  readonly at: number;
  readonly inner?: number;
  readonly innerCount?: number;
  readonly read: Read;
  readonly collect?: 'list' | 'map';
  readonly packable: boolean;
}

/** @param depth the number of enclosing messages */
export function messageCodec(shape: MessageShape, depth = 0): MessageCodec {
  if (depth > mostDepth) throw new DataError('Messages are nested too deeply');
  const slots = new Map<number, Slot>();
  const absent: Value[] = [];
  const writers: { number: number; write: (out: ByteWriter, values: readonly Value[]) => void }[] = [];
  shape.parts.forEach((part, at) => {
    if (part.kind === 'oneof') {
      absent.push(null);
      part.parts.forEach((member, inner) => {
        addMember(member, { at, inner, innerCount: part.parts.length });
      });
    } else {
      absent.push(absentValue(part));
      addMember(part, { at });
    }
  });

  function addMember(part: ProtoPart, place: Pick<Slot, 'at' | 'inner' | 'innerCount'>): void {
    if (part.kind !== 'field') return;
    const { field, shape: fieldShape } = part;
    const { number } = field;
    slots.set(number, { ...place, ...slotReader(fieldShape, depth) });
    // Members of a oneof and optional fields are written even if they equal the default.
    const explicit = place.inner !== undefined || field.optional || field.required;
    const write = fieldWriter(fieldShape, number, explicit, depth);
    const { at, inner } = place;
    writers.push({
      number,
      write:
        inner === undefined
          ? (out, values) => write(out, values[at]!)
          : (out, values) => {
              const union = values[at] as readonly Value[] | null;
              if (union !== null) write(out, union[inner]!);
            },
    });
  }
  writers.sort((a, b) => a.number - b.number);

  return {
    read(input) {
      const values: Value[] = absent.map((value) => (Array.isArray(value) ? [] : copyOfEmpty(value)));
      while (input.left > 0) {
        const tag = input.size();
        const wire = tag & 7;
        const slot = slots.get(Math.floor(tag / 8));
        if (slot === undefined) {
          skip(input, wire, 0);
          continue;
        }
        const place = (value: Value): void => {
          if (slot.collect === 'list') (values[slot.at] as Value[]).push(value);
          else if (slot.collect === 'map') {
            const [key, entry] = value as readonly Value[];
            (values[slot.at] as Map<Value, Value>).set(key!, entry!);
          } else if (slot.inner === undefined) values[slot.at] = value;
          else {
            const union = new Array<Value>(slot.innerCount!).fill(null);
            union[slot.inner] = value;
            values[slot.at] = union;
          }
        };
        if (wire === 2 && slot.packable && slot.collect === 'list') {
          const packed = input.part(input.size());
          while (packed.left > 0) place(slot.read(packed, -1));
        } else place(slot.read(input, wire));
      }
      return values;
    },
    write(out, values) {
      for (const { write } of writers) write(out, values);
    },
  };
}

function copyOfEmpty(value: Value): Value {
  return value instanceof Map ? new Map() : value;
}

function absentValue(part: ProtoPart): Value {
  if (part.kind === 'oneof' || part.field.optional) return null;
  switch (part.shape.kind) {
    case 'scalar':
      return zeroOf(part.shape.type);
    case 'enum':
      return part.shape.type.values[0]?.name ?? null;
    case 'list':
      return [];
    case 'map':
      return new Map();
    default:
      return null;
  }
}

function zeroOf(type: string): Value {
  switch (type) {
    case 'bool':
      return false;
    case 'string':
      return '';
    case 'bytes':
      return Buffer.alloc(0);
    case 'int32':
    case 'sint32':
    case 'sfixed32':
    case 'float':
    case 'double':
      return 0;
    default:
      return 0n;
  }
}

function slotReader(shape: ProtoShape, depth: number): Pick<Slot, 'read' | 'collect' | 'packable'> {
  if (shape.kind === 'list') {
    const { element } = shape;
    const packable =
      element.kind === 'enum' || (element.kind === 'scalar' && !['string', 'bytes'].includes(element.type));
    return { read: valueReader(element, depth), collect: 'list', packable };
  }
  if (shape.kind === 'map') {
    const readKey = valueReader(shape.key, depth);
    const readValue = valueReader(shape.value, depth);
    const key = { field: entryField('key'), kind: 'field', shape: shape.key } as const;
    const value = { field: entryField('value'), kind: 'field', shape: shape.value } as const;
    return {
      read: (input, wire) => {
        const entry = delimited(input, wire);
        const pair: [Value, Value] = [absentValue(key), absentValue(value)];
        while (entry.left > 0) {
          const tag = entry.size();
          if (tag >> 3 === 1) pair[0] = readKey(entry, tag & 7);
          else if (tag >> 3 === 2) pair[1] = readValue(entry, tag & 7);
          else skip(entry, tag & 7, 0);
        }
        return pair;
      },
      collect: 'map',
      packable: false,
    };
  }
  return { read: valueReader(shape, depth), packable: false };
}

function entryField(name: string) {
  return { name, type: '', number: 1, repeated: false, optional: false, required: false, params: {} };
}

function valueReader(shape: ProtoShape, depth: number): Read {
  switch (shape.kind) {
    case 'scalar':
      return scalarReader(shape.type);
    case 'enum':
      return (input, wire) => {
        expectWire(wire, 0);
        const number = Number(BigInt.asIntN(32, input.varint()));
        const found = shape.type.values.find((value) => value.number === number);
        return found?.name ?? `UNKNOWN_ENUM_VALUE_${shape.type.name}_${number}`;
      };
    case 'wrapper': {
      const read = scalarReader(shape.type);
      return (input, wire) => {
        let value = zeroOf(shape.type);
        const inner = delimited(input, wire);
        while (inner.left > 0) {
          const tag = inner.size();
          if (tag >> 3 === 1) value = read(inner, tag & 7);
          else skip(inner, tag & 7, 0);
        }
        return value;
      };
    }
    case 'date':
      return (input, wire) => {
        const [year, month, day] = numbersOf(delimited(input, wire), 3);
        return daysFromCivil(Number(year), Number(month), Number(day));
      };
    case 'time':
      return (input, wire) => {
        const [hours, minutes, seconds, nanos] = numbersOf(delimited(input, wire), 4);
        const whole = (Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds);
        return whole * 1000 + Math.floor(Number(nanos) / 1e6);
      };
    case 'timestamp':
      return (input, wire) => {
        const [seconds, nanos] = numbersOf(delimited(input, wire), 2);
        return Number(seconds) * 1000 + Math.floor(Number(nanos) / 1e6);
      };
    case 'decimal':
      return (input, wire) => {
        let unscaled = 0n;
        let scale = 0;
        const inner = delimited(input, wire);
        while (inner.left > 0) {
          const tag = inner.size();
          if (tag === 10) unscaled = bigIntOf(inner.bytes(inner.size()));
          else if (tag === 24) scale = Number(BigInt.asIntN(32, inner.varint()));
          else skip(inner, tag & 7, 0);
        }
        return new Decimal(unscaled, scale);
      };
    case 'message': {
      const codec = messageCodec(shape.message, depth + 1);
      return (input, wire) => codec.read(delimited(input, wire));
    }
    default:
      throw new DataError(`Unsupported ${shape.kind} within a list or map`);
  }
}

/** Reads the first `count` fields of a message of varints. */
function numbersOf(input: ByteReader, count: number): bigint[] {
  const values = new Array<bigint>(count).fill(0n);
  while (input.left > 0) {
    const tag = input.size();
    const number = tag >> 3;
    if ((tag & 7) === 0 && number >= 1 && number <= count) {
      values[number - 1] = BigInt.asIntN(64, input.varint());
    } else skip(input, tag & 7, 0);
  }
  return values;
}

function scalarReader(type: string): Read {
  const checked =
    (expected: number, read: (input: ByteReader) => Value): Read =>
    (input, wire) => {
      if (wire !== -1) expectWire(wire, expected);
      return read(input);
    };
  switch (type) {
    case 'int32':
      return checked(0, (input) => Number(BigInt.asIntN(32, input.varint())));
    case 'sint32':
      return checked(0, (input) => Number(BigInt.asIntN(32, input.zigzag())));
    case 'uint32':
      return checked(0, (input) => BigInt.asUintN(32, input.varint()));
    case 'int64':
    case 'uint64':
      return checked(0, (input) => BigInt.asIntN(64, input.varint()));
    case 'sint64':
      return checked(0, (input) => input.zigzag());
    case 'bool':
      return checked(0, (input) => input.varint() !== 0n);
    case 'fixed32':
      return checked(5, (input) => BigInt(input.fixed32()));
    case 'sfixed32':
      return checked(5, (input) => input.fixed32() | 0);
    case 'fixed64':
    case 'sfixed64':
      return checked(1, (input) => BigInt.asIntN(64, input.fixed64()));
    case 'float':
      return checked(5, (input) => input.float());
    case 'double':
      return checked(1, (input) => input.double());
    case 'string':
      return checked(2, (input) => input.text(input.size()));
    default:
      return checked(2, (input) => Buffer.from(input.bytes(input.size())));
  }
}

function expectWire(wire: number, expected: number): void {
  if (wire !== expected && wire !== -1)
    throw new DataError('The wire type of a field differs from its schema');
}

function delimited(input: ByteReader, wire: number): ByteReader {
  expectWire(wire, 2);
  return input.part(input.size());
}

function skip(input: ByteReader, wire: number, depth: number): void {
  switch (wire) {
    case 0:
      input.varint();
      return;
    case 1:
      input.fixed64();
      return;
    case 2:
      input.part(input.size());
      return;
    case 3:
      if (depth > mostDepth) throw new DataError('Groups are nested too deeply');
      for (;;) {
        const inner = input.size() & 7;
        if (inner === 4) return;
        skip(input, inner, depth + 1);
      }
    case 5:
      input.fixed32();
      return;
    default:
      throw new DataError('Unknown wire type');
  }
}

function tag(out: ByteWriter, number: number, wire: number): void {
  out.size(number * 8 + wire);
}

function fieldWriter(shape: ProtoShape, number: number, explicit: boolean, depth: number): Write {
  if (shape.kind === 'list') {
    const { element } = shape;
    const scalar = element.kind === 'enum' || (element.kind === 'scalar' && wireOf(element.type) !== 2);
    if (scalar) {
      const write = packedWriter(element);
      const scratch = new ByteWriter();
      return (out, value) => {
        const elements = value as readonly Value[] | null;
        if (elements === null || elements.length === 0) return;
        scratch.reset();
        for (const each of elements) write(scratch, notNull(each));
        writeDelimited(out, number, scratch.take());
      };
    }
    const write = fieldWriter(element, number, true, depth);
    return (out, value) => {
      for (const each of (value as readonly Value[] | null) ?? []) write(out, notNull(each));
    };
  }
  if (shape.kind === 'map') {
    const writeKey = fieldWriter(shape.key, 1, false, depth);
    const writeValue = fieldWriter(shape.value, 2, false, depth);
    return (out, value) => {
      for (const [key, entry] of (value as ReadonlyMap<Value, Value> | null) ?? []) {
        const inner = new ByteWriter();
        writeKey(inner, key);
        writeValue(inner, entry);
        writeDelimited(out, number, inner.take());
      }
    };
  }
  const write = valueWriter(shape, number, depth);
  const isImplicit = !explicit && (shape.kind === 'scalar' || shape.kind === 'enum');
  return (out, value) => {
    if (value === null || (isImplicit && isAbsence(shape, value))) return;
    write(out, value);
  };
}

function isAbsence(shape: ProtoShape, value: Exclude<Value, null>): boolean {
  if (shape.kind === 'enum') {
    return shape.type.values.find(({ name }) => name === value)?.number === 0;
  }
  return value === 0
    ? !Object.is(value, -0)
    : value === 0n || value === false || value === '' || (Buffer.isBuffer(value) && value.length === 0);
}

function notNull(value: Value): Value {
  if (value === null) throw new DataError('Protobuf does not support NULL in an array');
  return value;
}

function writeDelimited(out: ByteWriter, number: number, bytes: Buffer): void {
  tag(out, number, 2);
  out.size(bytes.length);
  out.bytes(bytes);
}

function valueWriter(shape: ProtoShape, number: number, depth: number): Write {
  const message = (write: (inner: ByteWriter, value: Value) => void): Write => {
    return (out, value) => {
      const inner = new ByteWriter();
      write(inner, value);
      writeDelimited(out, number, inner.take());
    };
  };
  const ints = (inner: ByteWriter, values: readonly number[]): void => {
    values.forEach((value, i) => {
      if (value === 0) return;
      tag(inner, i + 1, 0);
      inner.varint(BigInt(value));
    });
  };
  switch (shape.kind) {
    case 'scalar': {
      const wire = wireOf(shape.type);
      if (wire === 2) {
        return (out, value) => {
          if (Buffer.isBuffer(value)) {
            writeDelimited(out, number, value);
            return;
          }
          const text = value as string;
          const size = Buffer.byteLength(text, 'utf8');
          tag(out, number, 2);
          out.size(size);
          out.text(text, size);
        };
      }
      const write = packedWriter(shape);
      return (out, value) => {
        tag(out, number, wire);
        write(out, value);
      };
    }
    case 'enum': {
      const write = packedWriter(shape);
      return (out, value) => {
        tag(out, number, 0);
        write(out, value);
      };
    }
    case 'wrapper':
      return message(fieldWriter({ kind: 'scalar', type: shape.type }, 1, false, depth));
    case 'date':
      return message((inner, value) => {
        const { year, month, day } = civilFromDays(value as number);
        ints(inner, [year, month, day]);
      });
    case 'time':
      return message((inner, value) => {
        const millis = value as number;
        const seconds = Math.floor(millis / 1000);
        ints(inner, [
          Math.floor(seconds / 3600),
          Math.floor(seconds / 60) % 60,
          seconds % 60,
          (millis % 1000) * 1_000_000,
        ]);
      });
    case 'timestamp':
      return message((inner, value) => {
        const millis = value as number;
        const seconds = Math.floor(millis / 1000);
        ints(inner, [seconds, (millis - seconds * 1000) * 1_000_000]);
      });
    case 'decimal':
      return message((inner, value) => {
        const decimal = value as Decimal;
        writeDelimited(inner, 1, bytesOf(decimal.unscaled));
        tag(inner, 2, 0);
        inner.varint(BigInt(decimal.precision()));
        if (decimal.scale !== 0) {
          tag(inner, 3, 0);
          inner.varint(BigInt(decimal.scale));
        }
      });
    case 'message': {
      const codec = messageCodec(shape.message, depth + 1);
      return message((inner, value) => codec.write(inner, value as readonly Value[]));
    }
    default:
      throw new DataError(`Unsupported ${shape.kind} within a list or map`);
  }
}

function wireOf(type: string): number {
  switch (type) {
    case 'string':
    case 'bytes':
      return 2;
    case 'double':
    case 'fixed64':
    case 'sfixed64':
      return 1;
    case 'float':
    case 'fixed32':
    case 'sfixed32':
      return 5;
    default:
      return 0;
  }
}

/** Writes a number or an enum value without a tag. */
function packedWriter(shape: ProtoShape): Write {
  if (shape.kind === 'enum') {
    return (out, value) => {
      const found = shape.type.values.find(({ name }) => name === value);
      if (found === undefined) throw new DataError('The text is not a value of the enum');
      out.varint(BigInt(found.number));
    };
  }
  switch (shape.kind === 'scalar' ? shape.type : '') {
    case 'bool':
      return (out, value) => out.byte(value === true ? 1 : 0);
    case 'sint32':
    case 'sint64':
      return (out, value) => out.zigzag(BigInt(value as bigint));
    case 'fixed32':
    case 'sfixed32':
      return (out, value) => out.fixed32(Number(value));
    case 'fixed64':
    case 'sfixed64':
      return (out, value) => out.fixed64(BigInt(value as bigint));
    case 'float':
      return (out, value) => out.float(value as number);
    case 'double':
      return (out, value) => out.double(value as number);
    default:
      return (out, value) => out.varint(BigInt(value as bigint));
  }
}
