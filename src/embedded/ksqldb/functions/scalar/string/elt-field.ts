import { NULL_OPERAND } from '../../../types/evaluation-error.js';
import { P_INT, P_STRING, param, scalar, signature, variadic } from '../../define.js';
import type { ScalarFunction } from '../../function.js';

export const ELT: ScalarFunction = scalar(
  'ELT',
  {
    category: 'STRING',
    description: 'The n-th of the strings, counted from 1; NULL if there is none. The counterpart of FIELD.',
  },
  signature(
    [param('n', P_INT, 'Which string to take'), variadic('args', P_STRING, 'The strings to take from')],
    P_STRING,
    (n: number | null, ...args: (string | null)[]) => {
      if (n === null) throw NULL_OPERAND;
      return args[n - 1] ?? null;
    },
  ),
);

export const FIELD: ScalarFunction = scalar(
  'FIELD',
  {
    category: 'STRING',
    description:
      'The place of the first argument among the others, counted from 1; 0 if it is not there or NULL. ' +
      'The counterpart of ELT.',
  },
  signature(
    [param('str', P_STRING), variadic('args', P_STRING)],
    P_INT,
    (str: string | null, ...args: (string | null)[]) => (str === null ? 0 : args.indexOf(str) + 1),
  ),
);
