import { parseBase64 } from '../../../types/text.js';
import { nullSafe2, nullSafe3, P_BYTES, P_STRING, param, scalar, signature } from '../../define.js';
import type { ScalarFunction } from '../../function.js';
import { KsqlFunctionException } from '../../function-error.js';

/** Bytes from 0x80 on are not ASCII; Java decodes each as U+FFFD. */
function decodeAscii(bytes: Buffer): string {
  return bytes.toString('latin1').replace(/[\x80-\xff]/g, '\ufffd');
}

/** Non-ASCII characters become question marks, as in Java. */
function encodeAscii(text: string): Buffer {
  return Buffer.from(text.replace(/[\u{80}-\u{10ffff}]/gu, '?'), 'latin1');
}

function decodeHex(text: string): Buffer {
  if (text.length % 2 !== 0) throw new KsqlFunctionException('Odd number of characters.');
  const wrong = text.search(/[^0-9a-fA-F]/);
  if (wrong >= 0) {
    throw new KsqlFunctionException(`Illegal hexadecimal character ${text[wrong]} at index ${wrong}`);
  }
  return Buffer.from(text, 'hex');
}

/** Strips `0x` or `X'...'`. After `0x`, an odd number of digits is padded with a zero. */
function stripHexMarks(text: string): string {
  if (/^0x.*$/.test(text)) return text.length % 2 === 0 ? text.slice(2) : `0${text.slice(2)}`;
  return /^[xX]'.*'$/.test(text) ? text.slice(2, -1) : text;
}

type Encoding = 'hex' | 'utf8' | 'ascii' | 'base64';

const READ: Readonly<Record<Encoding, (text: string) => Buffer>> = {
  hex: (text) => decodeHex(stripHexMarks(text)),
  utf8: (text) => Buffer.from(text, 'utf8'),
  ascii: encodeAscii,
  base64: (text) => Buffer.from(text, 'base64'),
};

const WRITE: Readonly<Record<Encoding, (bytes: Buffer) => string>> = {
  hex: (bytes) => bytes.toString('hex'),
  utf8: (bytes) => bytes.toString('utf8'),
  ascii: decodeAscii,
  base64: (bytes) => bytes.toString('base64'),
};

function encodingOf(name: string): Encoding | undefined {
  const lower = name.toLowerCase();
  return lower in READ ? (lower as Encoding) : undefined;
}

function encode(str: string, inputEncoding: string, outputEncoding: string): string {
  const from = encodingOf(inputEncoding);
  const to = encodingOf(outputEncoding);
  if (from === undefined || to === undefined || from === to) {
    throw new KsqlFunctionException('Supported input and output encodings are: hex, utf8, ascii and base64');
  }
  return WRITE[to](READ[from](str));
}

function checkedEncoding(name: string): Encoding {
  const encoding = encodingOf(name);
  if (encoding === undefined) {
    throw new KsqlFunctionException(
      `Unknown encoding type '${name}'. Supported formats are 'hex', 'utf8', 'ascii', and 'base64'.`,
    );
  }
  return encoding;
}

function toBytes(value: string, name: string): Buffer {
  const encoding = checkedEncoding(name);
  if (encoding === 'hex') return decodeHex(value);
  if (encoding !== 'base64') return READ[encoding](value);
  const bytes = parseBase64(value);
  if (bytes === null) throw new KsqlFunctionException('Illegal base64 character or length');
  return bytes;
}

function fromBytes(value: Buffer, name: string): string {
  const encoding = checkedEncoding(name);
  return encoding === 'hex' ? value.toString('hex').toUpperCase() : WRITE[encoding](value);
}

const ENCODINGS = 'hex, utf8, ascii or base64';

export const ENCODE: ScalarFunction = scalar(
  'ENCODE',
  {
    category: 'STRING',
    description: `Reads a string in one encoding and writes it in another; each is ${ENCODINGS}.`,
  },
  signature(
    [
      param('str', P_STRING, 'The string; NULL gives NULL'),
      param('inputEncoding', P_STRING, `How it is encoded: ${ENCODINGS}; NULL gives NULL`),
      param('outputEncoding', P_STRING, `How to encode it: ${ENCODINGS}; NULL gives NULL`),
    ],
    P_STRING,
    nullSafe3(encode),
    'The string in the other encoding',
  ),
);

export const TO_BYTES: ScalarFunction = scalar(
  'TO_BYTES',
  { category: 'STRING', description: `The bytes of a string in an encoding: ${ENCODINGS}.` },
  signature(
    [param('value', P_STRING, 'The string'), param('encoding', P_STRING, 'The encoding of the string')],
    P_BYTES,
    nullSafe2(toBytes),
    'The bytes that the string stands for',
  ),
);

export const FROM_BYTES: ScalarFunction = scalar(
  'FROM_BYTES',
  { category: 'STRING', description: `Bytes as a string in an encoding: ${ENCODINGS}.` },
  signature(
    [param('value', P_BYTES, 'The bytes'), param('encoding', P_STRING, 'The encoding of the string')],
    P_STRING,
    nullSafe2(fromBytes),
    'The string that stands for the bytes',
  ),
);
