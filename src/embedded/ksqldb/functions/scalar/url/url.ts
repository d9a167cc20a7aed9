import type { Value } from '../../../types/value.js';
import { nullSafe, P_INT, P_STRING, param, scalar, signature } from '../../define.js';
import type { ScalarFunction } from '../../function.js';
import { KsqlFunctionException } from '../../function-error.js';
import { type JavaUri, parseJavaUri } from './java-uri.js';

const CATEGORY = 'URL';
const INPUT = param('input', P_STRING, 'A URL');

function uriOf(input: string): JavaUri {
  const uri = parseJavaUri(input);
  if (uri === null) throw new KsqlFunctionException(`URL input has invalid syntax: ${input}`);
  return uri;
}

function extractor(name: string, description: string, part: (uri: JavaUri) => Value, type = P_STRING) {
  return scalar(
    name,
    { category: CATEGORY, description },
    signature(
      [INPUT],
      type,
      nullSafe((input: string) => part(uriOf(input))),
    ),
  );
}

const ABSENT = 'NULL if there is none.';

export const URL_EXTRACT_FRAGMENT: ScalarFunction = extractor(
  'URL_EXTRACT_FRAGMENT',
  `The fragment of a URL, decoded. ${ABSENT}`,
  (uri) => uri.fragment,
);
export const URL_EXTRACT_HOST: ScalarFunction = extractor(
  'URL_EXTRACT_HOST',
  `The host of a URL. ${ABSENT}`,
  (uri) => uri.host,
);
export const URL_EXTRACT_PATH: ScalarFunction = extractor(
  'URL_EXTRACT_PATH',
  `The path of a URL, decoded. ${ABSENT}`,
  (uri) => uri.path,
);
export const URL_EXTRACT_PORT: ScalarFunction = extractor(
  'URL_EXTRACT_PORT',
  `The port of a URL. ${ABSENT}`,
  (uri) => (uri.port < 0 ? null : uri.port),
  P_INT,
);
export const URL_EXTRACT_PROTOCOL: ScalarFunction = extractor(
  'URL_EXTRACT_PROTOCOL',
  `The scheme of a URL. ${ABSENT}`,
  (uri) => uri.scheme,
);
export const URL_EXTRACT_QUERY: ScalarFunction = extractor(
  'URL_EXTRACT_QUERY',
  `The query of a URL, decoded. ${ABSENT}`,
  (uri) => uri.query,
);

function parameter(input: string | null, wanted: string | null): string | null {
  const query = input === null ? null : uriOf(input).query;
  if (query === null || wanted === null) return null;
  for (const pair of query.split('&')) {
    const equals = pair.indexOf('=');
    const name = equals < 0 ? pair : pair.slice(0, equals);
    if (name === wanted) return equals < 0 ? '' : pair.slice(equals + 1);
  }
  return null;
}

export const URL_EXTRACT_PARAMETER: ScalarFunction = scalar(
  'URL_EXTRACT_PARAMETER',
  { category: CATEGORY, description: `A parameter in the query of a URL, decoded. ${ABSENT}` },
  signature([INPUT, param('paramToFind', P_STRING, "The parameter's name")], P_STRING, parameter),
);

function encodeParam(input: string): string {
  let encoded = '';
  for (const byte of Buffer.from(input, 'utf8')) {
    const char = String.fromCharCode(byte);
    if (/[A-Za-z0-9\-_.*]/.test(char)) encoded += char;
    else if (byte === 32) encoded += '+';
    else encoded += `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return encoded;
}

function decodeParam(input: string): string {
  return input.replaceAll('+', ' ').replace(/(?:%.{0,2})+/gs, (escapes) => {
    if (!/^(?:%[0-9a-fA-F]{2})+$/.test(escapes)) {
      throw new KsqlFunctionException('URLDecoder: Illegal hex characters in escape (%) pattern');
    }
    return Buffer.from(escapes.replaceAll('%', ''), 'hex').toString('utf8');
  });
}

const FORM = 'application/x-www-form-urlencoded';

export const URL_ENCODE_PARAM: ScalarFunction = scalar(
  'URL_ENCODE_PARAM',
  { category: CATEGORY, description: `A string encoded as a parameter of a URL (${FORM}).` },
  signature([param('input', P_STRING, 'The string')], P_STRING, nullSafe(encodeParam)),
);

export const URL_DECODE_PARAM: ScalarFunction = scalar(
  'URL_DECODE_PARAM',
  { category: CATEGORY, description: `The string that was encoded as a parameter of a URL (${FORM}).` },
  signature([param('input', P_STRING, 'The encoded string')], P_STRING, nullSafe(decodeParam)),
);
