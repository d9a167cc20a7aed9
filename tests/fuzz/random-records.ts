import type { SqlType } from '../../src/sql/sql-type.js';
import type { Random } from './random.js';

const texts = [
  '',
  'a',
  'abc',
  '12',
  'true',
  'é𝄞',
  '{"a":[1]}',
  '2026-11-20T08:30:00.123',
  '\u0000\u001f',
  'x'.repeat(300),
];

/** JSON text of a value of the type, now and then of NULL. */
export function randomJson(random: Random, type: SqlType): string {
  if (random.chance(0.15)) return 'null';
  switch (type.base) {
    case 'BOOLEAN':
      return random.pick(['true', 'false']);
    case 'INTEGER':
      return random.pick(['0', '1', '-1', '7', '2147483647', '-2147483648', '3']);
    case 'BIGINT':
      return random.pick(['0', '5', '-1', '9223372036854775807', '-9223372036854775808', '1700000000000']);
    case 'DOUBLE':
      return random.pick(['0', '-0.0', '1.5', '1e308', '-1e400', '5e-324', '"NaN"', '0.1']);
    case 'STRING':
      return JSON.stringify(random.pick(texts));
    case 'BYTES':
      return random.pick(['""', '"AQ=="', '"AAECAwQFBgc="']);
    case 'DATE':
      return random.pick(['0', '19000', '-719162', '2932896', '2147483647', '-2147483648']);
    case 'TIME':
      return random.pick(['0', '86399999', '1000']);
    case 'TIMESTAMP':
      return random.pick([
        '0',
        '1700000000000',
        '-1',
        '9223372036854775807',
        '-9223372036854775808',
        '253402300799999',
      ]);
    case 'DECIMAL': {
      const whole = type.precision - type.scale;
      const digits = (n: number) => Array.from({ length: n }, () => random.below(10)).join('');
      const text = `${random.chance(0.3) ? '-' : ''}${whole === 0 ? '0' : `1${digits(whole - 1)}`}`;
      return type.scale === 0 ? text : `${text}.${digits(type.scale)}`;
    }
    case 'ARRAY':
      return `[${random.some(3, () => randomJson(random, type.element)).join(',')}]`;
    case 'MAP':
      return `{${random.some(3, (i) => `${JSON.stringify(random.pick(texts) + i)}:${randomJson(random, type.value)}`).join(',')}}`;
    case 'STRUCT':
      return `{${type.fields.map((field) => `"${field.name}":${randomJson(random, field.type)}`).join(',')}}`;
  }
}

/** The bytes with something broken in them. */
export function damaged(random: Random, bytes: Buffer): Buffer {
  if (bytes.length === 0) return Buffer.of(random.below(256));
  const copy = Buffer.from(bytes);
  switch (random.below(6)) {
    case 0:
      return copy.subarray(0, random.below(copy.length));
    case 1:
      return Buffer.concat([copy, Buffer.from(random.some(8, () => random.below(256), 1))]);
    case 2:
      return Buffer.from(random.some(40, () => random.below(256)));
    case 3: {
      const at = random.below(copy.length);
      return Buffer.concat([copy.subarray(0, at), copy.subarray(random.below(copy.length))]);
    }
    default:
      for (let left = 1 + random.below(4); left > 0; left--)
        copy[random.below(copy.length)] = random.below(256);
      return copy;
  }
}
