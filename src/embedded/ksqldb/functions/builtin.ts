/** All built-in functions of ksqlDB 7.9. */

import { ATTR } from './aggregate/attr.js';
import { EARLIEST_BY_OFFSET, LATEST_BY_OFFSET } from './aggregate/by-offset.js';
import { COLLECT_LIST, COLLECT_SET } from './aggregate/collect.js';
import { COUNT } from './aggregate/count.js';
import { COUNT_DISTINCT } from './aggregate/count-distinct.js';
import { HISTOGRAM } from './aggregate/histogram.js';
import { MAX, MIN } from './aggregate/min-max.js';
import { AVG, CORRELATION, STDDEV_SAMP, STDDEV_SAMPLE } from './aggregate/statistics.js';
import { SUM, SUM_LIST } from './aggregate/sum.js';
import { TOPK } from './aggregate/topk.js';
import { TOPKDISTINCT } from './aggregate/topk-distinct.js';
import type { SqlFunction } from './function.js';
import { FunctionRegistry } from './registry.js';
import { ARRAY_JOIN, ARRAY_LENGTH, GENERATE_SERIES, SLICE } from './scalar/array/array.js';
import { ARRAY_MAX, ARRAY_MIN, ARRAY_SORT } from './scalar/array/order.js';
import {
  ARRAY_CONCAT,
  ARRAY_CONTAINS,
  ARRAY_DISTINCT,
  ARRAY_EXCEPT,
  ARRAY_INTERSECT,
  ARRAY_REMOVE,
  ARRAY_UNION,
} from './scalar/array/sets.js';
import { AS_VALUE } from './scalar/as-value.js';
import { BIGINT_FROM_BYTES, DOUBLE_FROM_BYTES, INT_FROM_BYTES } from './scalar/conversion/from-bytes.js';
import {
  CONVERT_TZ,
  DATEADD,
  DATESUB,
  FROM_DAYS,
  FROM_UNIXTIME,
  TIMEADD,
  TIMESTAMPADD,
  TIMESTAMPSUB,
  TIMESUB,
  UNIX_DATE,
  UNIX_TIMESTAMP,
} from './scalar/datetime/arithmetic.js';
import { PARSE_DATE } from './scalar/datetime/parse-date.js';
import {
  DATETOSTRING,
  FORMAT_DATE,
  FORMAT_TIME,
  FORMAT_TIMESTAMP,
  PARSE_TIME,
  PARSE_TIMESTAMP,
  STRINGTODATE,
  STRINGTOTIMESTAMP,
  TIMESTAMPTOSTRING,
} from './scalar/datetime/parse-format.js';
import { GEO_DISTANCE } from './scalar/geo/geo-distance.js';
import { EXTRACTJSONFIELD } from './scalar/json/extract.js';
import {
  IS_JSON_STRING,
  JSON_ARRAY_CONTAINS,
  JSON_ARRAY_LENGTH,
  JSON_CONCAT,
  JSON_ITEMS,
  JSON_KEYS,
  JSON_RECORDS,
} from './scalar/json/parts.js';
import { TO_JSON_STRING } from './scalar/json/to-json.js';
import { FILTER, REDUCE, TRANSFORM } from './scalar/lambda/lambda.js';
import { AS_MAP, ENTRIES, MAP_KEYS, MAP_UNION, MAP_VALUES } from './scalar/map/map.js';
import { ATAN2, LOG, PI, POWER, RANDOM } from './scalar/math/binary.js';
import { GREATEST, LEAST } from './scalar/math/extremes.js';
import { ABS, CEIL, FLOOR, ROUND, SIGN, TRUNC } from './scalar/math/rounding.js';
import { UNARY_MATH } from './scalar/math/unary.js';
import { COALESCE, IFNULL, NULLIF } from './scalar/nulls/nulls.js';
import { INITCAP, LCASE, UCASE } from './scalar/string/case.js';
import { CHR } from './scalar/string/chr.js';
import { CONCAT, CONCAT_WS } from './scalar/string/concat.js';
import { ELT, FIELD } from './scalar/string/elt-field.js';
import { ENCODE, FROM_BYTES, TO_BYTES } from './scalar/string/encode.js';
import { MD5, UUID } from './scalar/string/hash.js';
import { INSTR } from './scalar/string/instr.js';
import { LEN } from './scalar/string/len.js';
import { MASK, MASK_KEEP_LEFT, MASK_KEEP_RIGHT, MASK_LEFT, MASK_RIGHT } from './scalar/string/mask.js';
import { LPAD, RPAD } from './scalar/string/pad.js';
import {
  REGEXP_EXTRACT,
  REGEXP_EXTRACT_ALL,
  REGEXP_REPLACE,
  REGEXP_SPLIT_TO_ARRAY,
} from './scalar/string/regexp.js';
import { REPLACE } from './scalar/string/replace.js';
import { SPLIT, SPLIT_TO_MAP } from './scalar/string/split.js';
import { SUBSTRING } from './scalar/string/substring.js';
import { TRIM } from './scalar/string/trim.js';
import {
  URL_DECODE_PARAM,
  URL_ENCODE_PARAM,
  URL_EXTRACT_FRAGMENT,
  URL_EXTRACT_HOST,
  URL_EXTRACT_PARAMETER,
  URL_EXTRACT_PATH,
  URL_EXTRACT_PORT,
  URL_EXTRACT_PROTOCOL,
  URL_EXTRACT_QUERY,
} from './scalar/url/url.js';
import { CUBE_EXPLODE } from './table/cube-explode.js';
import { EXPLODE } from './table/explode.js';

const SCALAR: readonly SqlFunction[] = [
  ...[AS_VALUE, COALESCE, IFNULL, NULLIF, FILTER, REDUCE, TRANSFORM],
  ...[CHR, CONCAT, CONCAT_WS, ELT, ENCODE, FIELD, FROM_BYTES, INITCAP, INSTR, LCASE, LEN, LPAD, MASK],
  ...[MASK_KEEP_LEFT, MASK_KEEP_RIGHT, MASK_LEFT, MASK_RIGHT, MD5, REPLACE, RPAD, SPLIT, SPLIT_TO_MAP],
  ...[SUBSTRING, TO_BYTES, TRIM, UCASE, UUID],
  ...[REGEXP_EXTRACT, REGEXP_EXTRACT_ALL, REGEXP_REPLACE, REGEXP_SPLIT_TO_ARRAY],
  ...[ARRAY_CONCAT, ARRAY_CONTAINS, ARRAY_DISTINCT, ARRAY_EXCEPT, ARRAY_INTERSECT, ARRAY_JOIN, ARRAY_LENGTH],
  ...[ARRAY_MAX, ARRAY_MIN, ARRAY_REMOVE, ARRAY_SORT, ARRAY_UNION, GENERATE_SERIES, SLICE],
  ...[AS_MAP, ENTRIES, MAP_KEYS, MAP_UNION, MAP_VALUES],
  ...UNARY_MATH,
  ...[ABS, ATAN2, CEIL, FLOOR, GREATEST, LEAST, LOG, PI, POWER, RANDOM, ROUND, SIGN, TRUNC],
  ...[CONVERT_TZ, DATEADD, DATESUB, DATETOSTRING, FORMAT_DATE, FORMAT_TIME, FORMAT_TIMESTAMP, FROM_DAYS],
  ...[FROM_UNIXTIME, PARSE_DATE, PARSE_TIME, PARSE_TIMESTAMP, STRINGTODATE, STRINGTOTIMESTAMP, TIMEADD],
  ...[TIMESTAMPADD, TIMESTAMPSUB, TIMESTAMPTOSTRING, TIMESUB, UNIX_DATE, UNIX_TIMESTAMP],
  ...[EXTRACTJSONFIELD, IS_JSON_STRING, JSON_ARRAY_CONTAINS, JSON_ARRAY_LENGTH, JSON_CONCAT, JSON_ITEMS],
  ...[JSON_KEYS, JSON_RECORDS, TO_JSON_STRING],
  ...[URL_DECODE_PARAM, URL_ENCODE_PARAM, URL_EXTRACT_FRAGMENT, URL_EXTRACT_HOST, URL_EXTRACT_PARAMETER],
  ...[URL_EXTRACT_PATH, URL_EXTRACT_PORT, URL_EXTRACT_PROTOCOL, URL_EXTRACT_QUERY],
  ...[BIGINT_FROM_BYTES, DOUBLE_FROM_BYTES, INT_FROM_BYTES, GEO_DISTANCE],
];

const AGGREGATE: readonly SqlFunction[] = [
  ...[ATTR, AVG, COLLECT_LIST, COLLECT_SET, CORRELATION, COUNT, COUNT_DISTINCT, EARLIEST_BY_OFFSET],
  ...[HISTOGRAM, LATEST_BY_OFFSET, MAX, MIN, STDDEV_SAMP, STDDEV_SAMPLE, SUM, SUM_LIST, TOPK, TOPKDISTINCT],
];

const TABLE: readonly SqlFunction[] = [CUBE_EXPLODE, EXPLODE];

const ALL: readonly SqlFunction[] = [...SCALAR, ...AGGREGATE, ...TABLE];

export function builtinFunctions(): readonly SqlFunction[] {
  return ALL;
}

/**
 * Creates a registry of the built-in functions and additional ones.
 *
 * A user-defined function is a `SqlFunction`: its documentation, its signatures, and `bind`, which creates the
 * implementation for one call.
 *
 * @example
 * createRegistry([
 *   {
 *     kind: 'scalar',
 *     name: 'TWICE',
 *     description: 'A string, twice.',
 *     author: 'me',
 *     category: 'STRING',
 *     signatures: [
 *       {
 *         parameters: [{ name: 'text', type: { kind: 'exact', type: STRING } }],
 *         returns: { kind: 'exact', type: STRING },
 *         bind: () => (text) => (text === null ? null : `${text}${text}`),
 *       },
 *     ],
 *   },
 * ]);
 *
 * @throws KsqlException if a name occurs twice
 */
export function createRegistry(own: readonly SqlFunction[] = []): FunctionRegistry {
  const registry = new FunctionRegistry();
  for (const fn of ALL) registry.register(fn);
  for (const fn of own) registry.register(fn);
  return registry;
}
