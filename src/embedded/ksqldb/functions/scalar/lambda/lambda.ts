import { NULL_OPERAND } from '../../../types/evaluation-error.js';
import { javaMapOrder } from '../../../types/java-hash.js';
import type { Value } from '../../../types/value.js';
import {
  arrayOf,
  boundSignature,
  generic,
  lambdaOf,
  mapOf,
  P_BOOLEAN,
  param,
  scalar,
  signature,
  sqlTypeOf,
} from '../../define.js';
import type { CallSite, LambdaFunction, ScalarFunction } from '../../function.js';
import { KsqlFunctionException } from '../../function-error.js';

type Items = readonly Value[] | null;
type Entries = ReadonlyMap<Value, Value> | null;
/** NULL is allowed instead of a lambda. */
type Lambda = LambdaFunction | null;

const CATEGORY = 'LAMBDA';
const K = generic('K');
const V = generic('V');
const T = generic('T');
const R = generic('R');
const S = generic('S');

/** Returns the entries of a map in the order in which ksqlDB visits them. */
function entriesOf(site: CallSite): (map: ReadonlyMap<Value, Value>) => readonly (readonly [Value, Value])[] {
  const type = sqlTypeOf(site.argumentTypes[0]);
  if (type.base !== 'MAP') return (map) => [...map];
  return (map) => javaMapOrder(type.key, map);
}

/** Converts like unboxing Java's Boolean: NULL fails. */
function isTrue(answer: Value): boolean {
  if (answer === null) throw NULL_OPERAND;
  return answer === true;
}

export const TRANSFORM: ScalarFunction = scalar(
  'TRANSFORM',
  {
    category: CATEGORY,
    description: 'Applies a lambda to each item of an array, or two to each entry of a map.',
  },
  signature(
    [param('array', arrayOf(T), 'The array'), param('function', lambdaOf([T], R), 'Makes the new item')],
    arrayOf(R),
    (array: Items, fn: Lambda) => {
      if (array === null || fn === null) return null;
      const result = new Array<Value>(array.length);
      for (let i = 0; i < array.length; i++) result[i] = fn(array[i]!);
      return result;
    },
    'The array of what the lambda makes of each item',
  ),
  boundSignature(
    [
      param('map', mapOf(K, V), 'The map'),
      param('biFunction1', lambdaOf([K, V], R), 'Makes the new key from key and value'),
      param('biFunction2', lambdaOf([K, V], T), 'Makes the new value from key and value'),
    ],
    mapOf(R, T),
    (site) => {
      const entries = entriesOf(site);
      return (map: Entries, newKey: Lambda, newValue: Lambda) => {
        if (map === null || newKey === null || newValue === null) return null;
        const result = new Map<Value, Value>();
        for (const [key, value] of entries(map)) {
          const made = newKey(key, value);
          if (result.has(made)) throw new KsqlFunctionException(`Duplicate key ${String(made)}`);
          const item = newValue(key, value);
          if (item === null) throw NULL_OPERAND;
          result.set(made, item);
        }
        return result;
      };
    },
    'The map of the keys that the first lambda makes and the values that the second makes',
  ),
);

export const FILTER: ScalarFunction = scalar(
  'FILTER',
  {
    category: CATEGORY,
    description: 'Keeps the items of an array, or entries of a map, for which a lambda is true.',
  },
  signature(
    [
      param('array', arrayOf(T), 'The array'),
      param('function', lambdaOf([T], P_BOOLEAN), 'Decides for an item'),
    ],
    arrayOf(T),
    (array: Items, fn: Lambda) =>
      array === null || fn === null ? null : array.filter((item) => isTrue(fn(item))),
    'The items that the lambda accepts',
  ),
  signature(
    [
      param('map', mapOf(K, V), 'The map'),
      param('biFunction', lambdaOf([K, V], P_BOOLEAN), 'Decides by key and value'),
    ],
    mapOf(K, V),
    (map: Entries, fn: Lambda) => {
      if (map === null || fn === null) return null;
      const result = new Map<Value, Value>();
      for (const [key, value] of map) {
        if (!isTrue(fn(key, value))) continue;
        if (value === null) throw NULL_OPERAND;
        result.set(key, value);
      }
      return result;
    },
    'The entries that the lambda accepts',
  ),
);

export const REDUCE: ScalarFunction = scalar(
  'REDUCE',
  {
    category: CATEGORY,
    description:
      'Folds an array or a map into one value: a lambda makes the next state from the state and an item.',
  },
  signature(
    [
      param('list', arrayOf(T), 'The array'),
      param('initialState', S, 'The state to start with'),
      param('biFunction', lambdaOf([S, T], S), 'Makes the next state from state and item'),
    ],
    S,
    (list: Items, initial: Value, fn: Lambda) => {
      if (initial === null || fn === null) return null;
      if (list === null) return initial;
      let state: Value = initial;
      for (const item of list) state = fn(state, item);
      return state;
    },
    'The state after the last item of an array',
  ),
  boundSignature(
    [
      param('map', mapOf(K, V), 'The map'),
      param('initialState', S, 'The state to start with'),
      param('triFunction', lambdaOf([S, K, V], S), 'Makes the next state from state, key and value'),
    ],
    S,
    (site) => {
      const entries = entriesOf(site);
      return (map: Entries, initial: Value, fn: Lambda) => {
        if (initial === null || fn === null) return null;
        if (map === null) return initial;
        let state: Value = initial;
        for (const [key, value] of entries(map)) state = fn(state, key, value);
        return state;
      };
    },
    'The state after the last entry of a map',
  ),
);
