/** Parses JSON to a tree that keeps the digits of numbers. Not for the hot path. */
import { CODED_STRING, FALSE, JsonScanner, JsonSyntaxError, NULL, PLAIN_STRING, TRUE } from './scanner.js';

/** A number with its original text. */
export class JsonNumber {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export type JsonTree =
  | null
  | boolean
  | string
  | JsonNumber
  | readonly JsonTree[]
  | ReadonlyMap<string, JsonTree>;

/** @throws JsonSyntaxError unless the bytes from `from` on are a single JSON value */
export function parseJsonTree(bytes: Buffer, from = 0): JsonTree {
  const json = new JsonScanner();
  const at = json.start(bytes, from);
  if (at < 0) throw new JsonSyntaxError('No content to map due to end-of-input');
  // Checks the whole syntax and bounds the depth, so that the recursion below is safe.
  json.scanValue(at, 0);
  return treeAt(json, at).node;
}

function treeAt(json: JsonScanner, at: number): { node: JsonTree; end: number } {
  const first = json.bytes[at];
  if (first === 0x7b) {
    const members = new Map<string, JsonTree>();
    let i = json.firstMember(at);
    while (i >= 0) {
      const nameEnd = json.scanString(i);
      const name = json.stringAt(i, nameEnd, json.kind);
      const { node, end } = treeAt(json, json.scanColon(nameEnd));
      members.set(name, node);
      i = json.nextMember(end);
    }
    return { node: members, end: -1 - i };
  }
  if (first === 0x5b) {
    const elements: JsonTree[] = [];
    let i = json.firstElement(at);
    while (i >= 0) {
      const { node, end } = treeAt(json, i);
      elements.push(node);
      i = json.nextElement(end);
    }
    return { node: elements, end: -1 - i };
  }
  const end = json.scanValue(at, 1);
  switch (json.kind) {
    case PLAIN_STRING:
    case CODED_STRING:
      return { node: json.stringAt(at, end, json.kind), end };
    case TRUE:
      return { node: true, end };
    case FALSE:
      return { node: false, end };
    case NULL:
      return { node: null, end };
    default:
      return { node: new JsonNumber(json.text.slice(at, end)), end };
  }
}
