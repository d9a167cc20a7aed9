import { KsqlException } from '../../../errors.js';

export interface PathStep {
  readonly name: string;
  /** Converts the name to an array index; null if it is not a number. */
  readonly index: number | null;
}

const NAME = /[\p{L}\p{Nd}_:@]+/uy;
const SUBSCRIPT = /[\p{L}\p{Nd}_]+/uy;
const QUOTED = /"((?:[^"\\]|\\["\\])*)"/y;

/**
 * Parses a path to its steps: `$`, then `.name`, `[index]`, `[name]` or `["any name"]`.
 *
 * @throws KsqlException for anything else
 */
export function jsonPath(path: string): readonly PathStep[] {
  const invalid = () => new KsqlException(`Invalid JSON path: '${path}'`);
  let at = 0;
  const match = (pattern: RegExp): RegExpExecArray => {
    pattern.lastIndex = at;
    const found = pattern.exec(path);
    if (found === null) throw invalid();
    at += found[0].length;
    return found;
  };
  const expect = (char: string): void => {
    if (path[at] !== char) throw invalid();
    at++;
  };
  const steps: PathStep[] = [];
  expect('$');
  while (at < path.length) {
    let name: string;
    if (path[at] === '.') {
      at++;
      name = match(NAME)[0];
    } else {
      expect('[');
      name = path[at] === '"' ? match(QUOTED)[1]!.replace(/\\(.)/g, '$1') : match(SUBSCRIPT)[0];
      expect(']');
    }
    steps.push({ name, index: /^\+?[0-9]{1,10}$/.test(name) ? Number(name) : null });
  }
  return steps;
}
