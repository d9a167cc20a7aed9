import { arrayOf, nullSafe2, nullSafe3, P_INT, P_STRING, param, scalar, signature } from '../../define.js';
import type { ScalarFunction } from '../../function.js';
import { KsqlFunctionException } from '../../function-error.js';
import { javaRegex } from '../../java-regex/java-regex.js';

const CATEGORY = 'REGULAR EXPRESSION';
const PATTERN = param('pattern', P_STRING, 'The regular expression, in the syntax of java.util.regex');
const INPUT = param('input', P_STRING, 'The string to search');
const GROUP = param('group', P_INT, 'The number of the capturing group; 0 is all of the match');

function checkGroup(group: number): void {
  if (group < 0) throw new KsqlFunctionException(`No group ${group}`);
}

function extract(pattern: string, input: string, group: number): string | null {
  const regex = javaRegex(pattern);
  if (group > regex.groupCount) return null;
  const match = regex.find(input);
  if (match === null) return null;
  checkGroup(group);
  return match.group(group);
}

export const REGEXP_EXTRACT: ScalarFunction = scalar(
  'REGEXP_EXTRACT',
  { category: CATEGORY, description: 'The first part of a string that matches a regular expression.' },
  signature(
    [PATTERN, INPUT],
    P_STRING,
    nullSafe2((pattern: string, input: string) => extract(pattern, input, 0)),
    'The first match',
  ),
  signature([PATTERN, INPUT, GROUP], P_STRING, nullSafe3(extract), 'A group of the first match'),
);

function extractAll(pattern: string, input: string, group: number): readonly (string | null)[] | null {
  const regex = javaRegex(pattern);
  if (group > regex.groupCount) return null;
  return regex.findAll(input).map((match) => {
    checkGroup(group);
    return match.group(group);
  });
}

export const REGEXP_EXTRACT_ALL: ScalarFunction = scalar(
  'REGEXP_EXTRACT_ALL',
  { category: CATEGORY, description: 'All parts of a string that match a regular expression.' },
  signature(
    [PATTERN, INPUT],
    arrayOf(P_STRING),
    nullSafe2((pattern: string, input: string) => extractAll(pattern, input, 0)),
    'All matches',
  ),
  signature([PATTERN, INPUT, GROUP], arrayOf(P_STRING), nullSafe3(extractAll), 'A group of all matches'),
);

export const REGEXP_REPLACE: ScalarFunction = scalar(
  'REGEXP_REPLACE',
  { category: CATEGORY, description: 'Puts a string in the place of all matches of a regular expression.' },
  signature(
    [
      param('str', P_STRING, 'Where to replace; NULL gives NULL'),
      param('regexp', P_STRING, 'What to replace; NULL gives NULL'),
      param('newStr', P_STRING, 'What to put there, with $1 for a group; NULL gives NULL'),
    ],
    P_STRING,
    nullSafe3((str: string, regexp: string, replacement: string) =>
      javaRegex(regexp).replaceAll(str, replacement),
    ),
    'The string with all matches replaced',
  ),
);

export const REGEXP_SPLIT_TO_ARRAY: ScalarFunction = scalar(
  'REGEXP_SPLIT_TO_ARRAY',
  {
    category: CATEGORY,
    description:
      'Takes a string apart at each match of a regular expression. Nothing before, after or between matches gives ' +
      'empty parts; without a match the string is the only part; an empty expression splits into characters.',
  },
  signature(
    [
      param('string', P_STRING, 'The string to split; NULL gives NULL'),
      param('regexp', P_STRING, 'Where to split; NULL gives NULL'),
    ],
    arrayOf(P_STRING),
    nullSafe2((text: string, regexp: string) => {
      const regex = javaRegex(regexp);
      return regexp === '' || regex.matches('') ? regex.split(text) : regex.pieces(text);
    }),
    'The parts of the string',
  ),
);
