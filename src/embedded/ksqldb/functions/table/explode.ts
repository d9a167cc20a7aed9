import type { Value } from '../../types/value.js';
import { arrayOf, P_DECIMAL, P_T, param, sqlTypeOf, table } from '../define.js';
import type { ArgumentValue, TableFunction } from '../function.js';

function explode(list: ArgumentValue | undefined): readonly Value[] {
  return (list ?? []) as readonly Value[];
}

export const EXPLODE: TableFunction = table(
  'EXPLODE',
  { description: 'Makes a row of each item of an array.' },
  { parameters: [param('list', arrayOf(P_T))], returns: P_T, bind: () => explode },
  {
    parameters: [param('input', arrayOf(P_DECIMAL))],
    returns: (args) => {
      const type = sqlTypeOf(args[0]);
      return type.base === 'ARRAY' ? type.element : type;
    },
    documentedReturns: P_DECIMAL,
    bind: () => explode,
  },
);
