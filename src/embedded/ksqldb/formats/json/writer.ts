/**
 * Writes values of a type as JSON bytes like ksqlDB: without blanks, fields in column order, nulls included, decimals
 * with their scale, doubles formatted like Java, DATE in days, TIME and TIMESTAMP in milliseconds, and BYTES in
 * base64.
 */
import type { SqlType, StructType } from '../../../../sql/sql-type.js';
import { doubleToBigint } from '../../types/cast.js';
import type { Decimal } from '../../types/decimal.js';
import { formatJavaDouble } from '../../types/java-double.js';
import { javaMapOrder } from '../../types/java-hash.js';
import type { Value } from '../../types/value.js';

/** Writes a value other than NULL. */
export type JsonWriter = (out: JsonOutput, value: Exclude<Value, null>) => void;

/** The limit for exact doubles. A bigint that converts to less than this was less than this. */
const mostExact = 9e15;
const powers = Array.from({ length: 16 }, (_, i) => Number(`1e${i}`));
const slabSize = 32 * 1024;

/**
 * Writes texts one after another into a shared buffer, and returns each as a view without copying it.
 *
 * After an error, `reset` discards the unfinished text.
 */
export class JsonOutput {
  #bytes = Buffer.allocUnsafe(slabSize);
  /** The start of the current text, and the position of its next byte. */
  #start = 0;
  #length = 0;

  /** Returns what was written since the last call. */
  take(): Buffer {
    const taken = this.#bytes.subarray(this.#start, this.#length);
    this.#start = this.#length;
    return taken;
  }

  reset(): void {
    this.#length = this.#start;
  }

  byte(c: number): void {
    this.#reserve(1);
    this.#bytes[this.#length++] = c;
  }

  raw(part: Uint8Array): void {
    const { length } = part;
    this.#reserve(length);
    const bytes = this.#bytes;
    let at = this.#length;
    for (let i = 0; i < length; i++) bytes[at++] = part[i]!;
    this.#length = at;
  }

  /** Writes ASCII text that needs no escapes. */
  ascii(text: string): void {
    const { length } = text;
    this.#reserve(length);
    const bytes = this.#bytes;
    let at = this.#length;
    for (let i = 0; i < length; i++) bytes[at++] = text.charCodeAt(i);
    this.#length = at;
  }

  /** Writes a text as a JSON string. */
  string(text: string): void {
    const { length } = text;
    this.#reserve(length + 2);
    const bytes = this.#bytes;
    const from = this.#length;
    let at = from;
    bytes[at++] = 0x22;
    for (let i = 0; i < length; i++) {
      const c = text.charCodeAt(i);
      if (c < 0x20 || c > 0x7e || c === 0x22 || c === 0x5c) {
        this.#utf8(quoteJson(text));
        return;
      }
      bytes[at++] = c;
    }
    bytes[at++] = 0x22;
    this.#length = at;
  }

  long(value: bigint): void {
    const n = Number(value);
    if (n > -mostExact && n < mostExact) this.integer(n);
    else this.ascii(value.toString());
  }

  /** Writes an integer. If it has more than 53 bits, it is a 64-bit one. */
  integer(value: number): void {
    if (value >= mostExact || value <= -mostExact) {
      this.ascii(doubleToBigint(value).toString());
      return;
    }
    this.#reserve(20);
    let n = value;
    if (n < 0) {
      this.#bytes[this.#length++] = 45;
      n = -n;
    }
    this.#digits(n, 1);
  }

  decimal(value: Decimal): void {
    const { unscaled, scale } = value;
    let n = Number(unscaled);
    if (scale < 0 || scale > 15 || n <= -mostExact || n >= mostExact) {
      this.ascii(value.toScientificString());
      return;
    }
    // Java switches to scientific notation below 10^-6.
    if (scale > 6 && (n < 0 ? -n : n) < powers[scale - 6]!) {
      this.ascii(value.toScientificString());
      return;
    }
    this.#reserve(40);
    if (n < 0) {
      this.#bytes[this.#length++] = 45;
      n = -n;
    }
    if (scale === 0) {
      this.#digits(n, 1);
      return;
    }
    const unit = powers[scale]!;
    const whole = Math.floor(n / unit);
    this.#digits(whole, 1);
    this.#bytes[this.#length++] = 46;
    this.#digits(n - whole * unit, scale);
  }

  /** Writes the decimal digits of an integer, padded with zeros to `width`. */
  #digits(value: number, width: number): void {
    const bytes = this.#bytes;
    let count = 1;
    while (count < 16 && value >= powers[count]!) count++;
    if (count < width) count = width;
    let at = this.#length + count;
    this.#length = at;
    const first = at - count;
    let low = value;
    if (value >= 1e7) {
      // Dividing two 32-bit halves is faster than dividing one double.
      let high = Math.floor(value / 1e7);
      low = (value - high * 1e7) | 0;
      for (let i = 0; i < 7; i++) {
        const q = (low / 10) | 0;
        bytes[--at] = 48 + low - q * 10;
        low = q;
      }
      while (at > first) {
        const q = Math.floor(high / 10);
        bytes[--at] = 48 + high - q * 10;
        high = q;
      }
      return;
    }
    low |= 0;
    while (at > first) {
      const q = (low / 10) | 0;
      bytes[--at] = 48 + low - q * 10;
      low = q;
    }
  }

  #utf8(text: string): void {
    this.#reserve(text.length * 3);
    this.#length += this.#bytes.write(text, this.#length, 'utf8');
  }

  #reserve(count: number): void {
    if (this.#length + count > this.#bytes.length) this.#grow(count);
  }

  /** Moves the unfinished text to a new buffer. */
  #grow(count: number): void {
    const written = this.#length - this.#start;
    const grown = Buffer.allocUnsafe(Math.max(slabSize, (written + count) * 2));
    this.#bytes.copy(grown, 0, this.#start, this.#length);
    this.#bytes = grown;
    this.#start = 0;
    this.#length = written;
  }
}

/** Formats a text as a JSON string, with Jackson's escapes. */
export function quoteJson(text: string): string {
  const quoted = JSON.stringify(text);
  // Jackson uses upper-case hex digits for control characters.
  return quoted.includes('\\u00')
    ? quoted.replace(/\\(u[0-9a-f]{4}|.)/g, (all, code: string) =>
        code.length === 5 ? `\\u${code.slice(1).toUpperCase()}` : all,
      )
    : quoted;
}

export function jsonWriter(type: SqlType): JsonWriter {
  switch (type.base) {
    case 'BOOLEAN':
      return (out, value) => out.ascii(value === true ? 'true' : 'false');
    case 'INTEGER':
    case 'DATE':
    case 'TIME':
    case 'TIMESTAMP':
      return (out, value) => out.integer(value as number);
    case 'BIGINT':
      return (out, value) => out.long(value as bigint);
    case 'DOUBLE':
      return (out, value) => {
        if (Number.isFinite(value)) out.ascii(formatJavaDouble(value as number));
        else out.string(formatJavaDouble(value as number));
      };
    case 'DECIMAL':
      return (out, value) => out.decimal(value as Decimal);
    case 'STRING':
      return (out, value) => out.string(value as string);
    case 'BYTES':
      return (out, value) => out.string((value as Buffer).toString('base64'));
    case 'ARRAY': {
      const write = orNull(jsonWriter(type.element));
      return (out, value) => {
        out.byte(0x5b);
        const elements = value as readonly Value[];
        for (let i = 0; i < elements.length; i++) {
          if (i > 0) out.byte(0x2c);
          write(out, elements[i]!);
        }
        out.byte(0x5d);
      };
    }
    case 'MAP': {
      const write = orNull(jsonWriter(type.value));
      return (out, value) => {
        const { key } = type;
        const entries = javaMapOrder(key, value as ReadonlyMap<Value, Value>);
        out.byte(0x7b);
        for (let i = 0; i < entries.length; i++) {
          if (i > 0) out.byte(0x2c);
          const [name, entry] = entries[i]!;
          out.string(String(name));
          out.byte(0x3a);
          write(out, entry);
        }
        out.byte(0x7d);
      };
    }
    case 'STRUCT': {
      const write = structWriter(type);
      return (out, value) => write(out, value as readonly Value[]);
    }
  }
}

/** Writes an object with the values of the fields. */
export function structWriter(type: StructType): (out: JsonOutput, values: readonly Value[]) => void {
  const names = type.fields.map(({ name }, i) =>
    Uint8Array.from(Buffer.from(`${i === 0 ? '{' : ','}${quoteJson(name)}:`)),
  );
  const writers = type.fields.map((field) => jsonWriter(field.type));
  return (out, values) => {
    for (let i = 0; i < names.length; i++) {
      out.raw(names[i]!);
      const value = values[i]!;
      if (value === null) out.raw(nullText);
      else writers[i]!(out, value);
    }
    if (names.length === 0) out.byte(0x7b);
    out.byte(0x7d);
  };
}

const nullText = Uint8Array.from(Buffer.from('null'));

function orNull(write: JsonWriter): (out: JsonOutput, value: Value) => void {
  return (out, value) => (value === null ? out.raw(nullText) : write(out, value));
}
