import { nullSafe3, P_STRING, param, scalar, signature } from '../../define.js';
import type { ScalarFunction } from '../../function.js';

export const REPLACE: ScalarFunction = scalar(
  'REPLACE',
  { category: 'STRING', description: 'Puts another string in the place of each occurrence of a string.' },
  signature(
    [
      param('str', P_STRING, 'Where to replace; NULL gives NULL'),
      param('oldStr', P_STRING, 'What to replace; NULL gives NULL'),
      param('newStr', P_STRING, 'What to put there; NULL gives NULL'),
    ],
    P_STRING,
    nullSafe3((str: string, old: string, replacement: string) =>
      // Most rows have nothing to replace. The replacement is a function so that `$` stays literal.
      old !== '' && str.indexOf(old) < 0 ? str : str.replaceAll(old, () => replacement),
    ),
    'The string with every occurrence of oldStr replaced by newStr',
  ),
);
