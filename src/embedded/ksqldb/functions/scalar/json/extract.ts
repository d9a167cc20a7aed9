import { boundSignature, P_STRING, param, scalar } from '../../define.js';
import type { ScalarFunction } from '../../function.js';
import { renderJson } from '../../json-text/render.js';
import { eachField, eachItem, rootOf, stringAt } from '../../json-text/scanner.js';
import { jsonPath, type PathStep } from './json-path.js';

interface Bounds {
  start: number;
  end: number;
}

/** Returns the value that a step leads to; the last one for duplicate fields. */
function follow(text: string, from: Bounds, step: PathStep): Bounds | null {
  let found: Bounds | null = null;
  if (text[from.start] === '{') {
    const { name } = step;
    eachField(text, from.start, (nameStart, nameEnd, start, end) => {
      // Most names differ in length and have no escapes, which can be checked without a copy.
      const same =
        nameEnd - nameStart - 2 === name.length
          ? text.startsWith(name, nameStart + 1) || stringAt(text, nameStart, nameEnd) === name
          : text.indexOf('\\', nameStart) < nameEnd && stringAt(text, nameStart, nameEnd) === name;
      if (same) found = { start, end };
    });
  } else if (text[from.start] === '[' && step.index !== null) {
    let index = 0;
    eachItem(text, from.start, (start, end) => {
      if (index++ === step.index) found = { start, end };
    });
  }
  return found;
}

function extract(text: string, steps: readonly PathStep[]): string | null {
  let at: Bounds | null = rootOf(text);
  if (at === null) return steps.length === 0 ? '' : null;
  for (const step of steps) {
    at = follow(text, at, step);
    if (at === null) return null;
  }
  return text[at.start] === '"'
    ? stringAt(text, at.start, at.end)
    : renderJson(text, at.start, at.end, false);
}

export const EXTRACTJSONFIELD: ScalarFunction = scalar(
  'EXTRACTJSONFIELD',
  {
    category: 'JSON',
    description:
      'The value at a JSONPath in a JSON text: a string as it is, others as JSON. NULL if there is none.',
    author: '',
  },
  boundSignature(
    [param('input', P_STRING, 'The JSON text'), param('path', P_STRING, 'The path, such as $.a.b[0]')],
    P_STRING,
    () => {
      let lastPath = '';
      let steps: readonly PathStep[] = [];
      return (input: string | null, path: string | null) => {
        if (input === null || path === null) return null;
        if (path !== lastPath || lastPath === '') {
          steps = jsonPath(path);
          lastPath = path;
        }
        return extract(input, steps);
      };
    },
  ),
);
