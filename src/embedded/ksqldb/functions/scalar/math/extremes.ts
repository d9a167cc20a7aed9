/** GREATEST and LEAST. */
import type { SqlType } from '../../../../../sql/sql-type.js';
import { comparatorOf } from '../../../types/compare.js';
import { asDecimalType, widestDecimalType } from '../../../types/decimal-type.js';
import type { Value } from '../../../types/value.js';
import {
  boundSignature,
  P_BIGINT,
  P_BYTES,
  P_DATE,
  P_DECIMAL,
  P_DOUBLE,
  P_INT,
  P_STRING,
  P_TIME,
  P_TIMESTAMP,
  param,
  scalar,
  variadic,
} from '../../define.js';
import type { ArgumentType, ReturnType, ScalarFunction } from '../../function.js';
import { KsqlFunctionException } from '../../function-error.js';

const ORDERED = [P_INT, P_BIGINT, P_DOUBLE, P_STRING, P_BYTES, P_DATE, P_TIME, P_TIMESTAMP];

function isSqlType(type: ArgumentType): type is SqlType {
  return type !== null && type.base !== 'LAMBDA' && type.base !== 'INTERVALUNIT';
}

const widest: ReturnType = (args) => {
  const types = args.filter(isSqlType);
  const first = types[0];
  if (first === undefined)
    throw new KsqlFunctionException('The first argument has no type. Cast NULL to the intended type.');
  return types.slice(1).reduce<SqlType>(widestDecimalType, asDecimalType(first));
};

function choose(type: SqlType, wanted: 1 | -1) {
  const compare = comparatorOf(type)!;
  return (...values: Value[]): Value => {
    let best: Value = null;
    for (const value of values) {
      if (value !== null && (best === null || compare(value, best) * wanted > 0)) best = value;
    }
    // As in ksqlDB, a decimal keeps its own scale, although the result has the widest type.
    return best;
  };
}

function extreme(name: string, description: string, wanted: 1 | -1): ScalarFunction {
  return scalar(
    name,
    { category: 'MATHEMATICAL', description },
    ...ORDERED.map((type) =>
      boundSignature([param('val', type), variadic('vals', type)], type, (site) =>
        choose(site.returnType, wanted),
      ),
    ),
    boundSignature(
      [param('val', P_DECIMAL), variadic('vals', P_DECIMAL)],
      widest,
      (site) => choose(site.returnType, wanted),
      { documented: P_DECIMAL },
    ),
  );
}

export const GREATEST: ScalarFunction = extreme(
  'GREATEST',
  'The largest of the arguments that are not NULL.',
  1,
);
export const LEAST: ScalarFunction = extreme('LEAST', 'The smallest of the arguments that are not NULL.', -1);
