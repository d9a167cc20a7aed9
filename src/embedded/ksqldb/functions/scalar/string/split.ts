import type { Value } from '../../../types/value.js';
import {
  arrayOf,
  mapOf,
  nullSafe2,
  nullSafe3,
  P_BYTES,
  P_STRING,
  param,
  scalar,
  signature,
} from '../../define.js';
import type { ScalarFunction } from '../../function.js';

function splitText(text: string, delimiter: string): readonly string[] {
  if (text === '') return [''];
  if (delimiter === '') return text.split('');
  // A third faster than String.split.
  const parts: string[] = [];
  let from = 0;
  for (let at = text.indexOf(delimiter); at >= 0; at = text.indexOf(delimiter, from)) {
    parts.push(text.slice(from, at));
    from = at + delimiter.length;
  }
  parts.push(text.slice(from));
  return parts;
}

function splitBytes(bytes: Buffer, delimiter: Buffer): readonly Buffer[] {
  if (bytes.length === 0) return [Buffer.alloc(0)];
  if (delimiter.length === 0) return Array.from(bytes, (byte) => Buffer.of(byte));
  const parts: Buffer[] = [];
  let from = 0;
  for (let at = bytes.indexOf(delimiter); at >= 0; at = bytes.indexOf(delimiter, from)) {
    parts.push(Buffer.from(bytes.subarray(from, at)));
    from = at + delimiter.length;
  }
  parts.push(Buffer.from(bytes.subarray(from)));
  return parts;
}

export const SPLIT: ScalarFunction = scalar(
  'SPLIT',
  {
    category: 'STRING',
    description:
      'Takes a string, or bytes, apart at each occurrence of a delimiter. Nothing before, after or between delimiters ' +
      'gives empty parts; without the delimiter the input is the only part; an empty delimiter splits into single ' +
      'characters or bytes.',
  },
  signature(
    [
      param('string', P_STRING, 'The string to split; NULL gives NULL'),
      param('delimiter', P_STRING, 'Where to split; NULL gives NULL'),
    ],
    arrayOf(P_STRING),
    nullSafe2(splitText),
    'The parts of a string',
  ),
  signature(
    [
      param('bytes', P_BYTES, 'The bytes to split; NULL gives NULL'),
      param('delimiter', P_BYTES, 'Where to split; NULL gives NULL'),
    ],
    arrayOf(P_BYTES),
    nullSafe2(splitBytes),
    'The parts of bytes',
  ),
);

function splitToMap(input: string, entryDelimiter: string, kvDelimiter: string) {
  if (entryDelimiter === '' || kvDelimiter === '' || entryDelimiter === kvDelimiter) return null;
  const map = new Map<Value, Value>();
  for (const entry of input.split(entryDelimiter)) {
    const parts = entry.split(kvDelimiter);
    if (parts.length > 1) map.set(parts[0]!, parts[1]!);
  }
  return map;
}

export const SPLIT_TO_MAP: ScalarFunction = scalar(
  'SPLIT_TO_MAP',
  {
    category: 'STRING',
    description:
      'Makes a map of the entries in a string, whose keys and values are divided by a delimiter of their own. ' +
      'Of several entries with one key the last stays. NULL if any argument is NULL.',
    author: '',
  },
  signature(
    [
      param('input', P_STRING, 'The string with the entries'),
      param('entryDelimiter', P_STRING, 'What divides the entries'),
      param('kvDelimiter', P_STRING, 'What divides key and value'),
    ],
    mapOf(P_STRING, P_STRING),
    nullSafe3(splitToMap),
  ),
);
