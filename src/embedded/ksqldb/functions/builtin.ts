/** All functions of ksqlDB 7.9, and registries that hold them. */

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
import { AS_VALUE } from './scalar/as-value.js';
import { FILTER, REDUCE, TRANSFORM } from './scalar/lambda/lambda.js';
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
import { REPLACE } from './scalar/string/replace.js';
import { SPLIT, SPLIT_TO_MAP } from './scalar/string/split.js';
import { SUBSTRING } from './scalar/string/substring.js';
import { TRIM } from './scalar/string/trim.js';
import { CUBE_EXPLODE } from './table/cube-explode.js';
import { EXPLODE } from './table/explode.js';

const SCALAR: readonly SqlFunction[] = [
  ...[AS_VALUE, COALESCE, IFNULL, NULLIF, FILTER, REDUCE, TRANSFORM],
  ...[CHR, CONCAT, CONCAT_WS, ELT, ENCODE, FIELD, FROM_BYTES, INITCAP, INSTR, LCASE, LEN, LPAD, MASK],
  ...[MASK_KEEP_LEFT, MASK_KEEP_RIGHT, MASK_LEFT, MASK_RIGHT, MD5, REPLACE, RPAD, SPLIT, SPLIT_TO_MAP],
  ...[SUBSTRING, TO_BYTES, TRIM, UCASE, UUID],
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
 * A registry of the built-in functions and of the user's own.
 *
 * A user-defined function is a `SqlFunction`: its documentation, its signatures, and `bind`, which makes the
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
