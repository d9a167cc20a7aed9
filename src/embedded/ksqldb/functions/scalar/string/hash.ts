import { createHash, randomUUID } from 'node:crypto';
import { nullSafe, P_BYTES, P_STRING, param, scalar, signature } from '../../define.js';
import type { ScalarFunction } from '../../function.js';

export const MD5: ScalarFunction = scalar(
  'MD5',
  { category: 'STRING', description: 'The MD5 hash of a string, in hexadecimal.' },
  signature(
    [param('s', P_STRING, 'The string to hash')],
    P_STRING,
    nullSafe((s: string) => createHash('md5').update(s, 'utf8').digest('hex')),
    'The hash of the UTF-8 bytes of the string, in lower-case hexadecimal',
  ),
);

export const UUID: ScalarFunction = scalar(
  'UUID',
  {
    category: 'STRING',
    description: 'A random UUID of version 4, or the UUID that sixteen bytes make (RFC 4122).',
    author: '',
  },
  signature([], P_STRING, () => randomUUID()),
  signature(
    [param('bytes', P_BYTES)],
    P_STRING,
    nullSafe((bytes: Buffer) =>
      bytes.length === 16
        ? bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
        : null,
    ),
  ),
);
