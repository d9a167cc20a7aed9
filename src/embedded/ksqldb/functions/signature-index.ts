/**
 * Finds the signature for a call with ksqlDB's search: a tree whose edges consume the arguments in pairs from both
 * ends, so that a variadic parameter may be anywhere. If several leaves match, the better signature wins: not variadic,
 * more parameters, fewer generics, no ANY..., a later variadic parameter. Ties are ambiguous.
 *
 * Source: the rules documented in ksqlDB's UdfIndex.
 */
import { KsqlException } from '../errors.js';
import type { Parameter, ParamType } from './function.js';
import {
  accepts,
  type CallArgument,
  formatArgument,
  formatParamType,
  type Generics,
  hasGenerics,
  normalise,
  reserveGenerics,
} from './generics.js';

interface SignatureLike {
  readonly parameters: readonly Parameter[];
}

/** A parameter with its normalized type. */
interface Slot {
  readonly type: ParamType;
  readonly variadic: boolean;
}

interface Edge<S> {
  readonly left: ParamType;
  readonly right: ParamType | null;
  readonly node: Node<S>;
}

interface Node<S> {
  readonly children: Map<string, Edge<S>>;
  entry: Entry<S> | undefined;
}

interface Entry<S> {
  readonly signature: S;
  readonly rank: readonly number[];
}

function newNode<S>(): Node<S> {
  return { children: new Map(), entry: undefined };
}

function compareEntries<S>(a: Entry<S>, b: Entry<S>): number {
  for (let i = 0; i < a.rank.length; i++) {
    const difference = a.rank[i]! - b.rank[i]!;
    if (difference !== 0) return difference;
  }
  return 0;
}

function rank(slots: readonly Slot[]): readonly number[] {
  const anyVariadic = slots.some(({ type, variadic }) => variadic && type.kind === 'any');
  return [
    slots.some(({ variadic }) => variadic) ? 0 : 1,
    slots.length,
    -slots.filter(({ type, variadic }) => hasGenerics(type) || (variadic && type.kind === 'any')).length,
    anyVariadic ? 0 : 1,
    slots.findIndex(({ variadic }) => variadic),
  ];
}

export class SignatureIndex<S extends SignatureLike> {
  readonly #root: Node<S> = newNode();
  readonly #signatures: readonly S[];
  readonly #writtenName: string;
  readonly #listedName: string;
  readonly #implicitCasts: boolean;

  /**
   * @param writtenName the name for the first line of messages
   * @param listedName the name for the lists of alternatives
   */
  constructor(
    signatures: readonly S[],
    names: { readonly written: string; readonly listed: string },
    implicitCasts: boolean,
  ) {
    this.#signatures = signatures;
    this.#writtenName = names.written;
    this.#listedName = names.listed;
    this.#implicitCasts = implicitCasts;
    for (const signature of signatures) this.#add(signature);
  }

  /** @throws KsqlException if none matches, or several match equally well */
  find(args: readonly CallArgument[]): S {
    const found = this.#match(args, false) ?? (this.#implicitCasts ? this.#match(args, true) : undefined);
    if (found !== undefined) return found;
    throw new KsqlException(
      `Function '${this.#writtenName}' does not accept parameters ${formatArguments(args)}.\n` +
        `Valid alternatives are:\n${this.#alternatives()}\n` +
        'For detailed information on a function run: DESCRIBE FUNCTION <Function-Name>;',
    );
  }

  #match(args: readonly CallArgument[], allowCasts: boolean): S | undefined {
    const candidates: Entry<S>[] = [];
    collect(this.#root, args, 0, new Map(), allowCasts, candidates);
    candidates.sort(compareEntries);
    const best = candidates.at(-1);
    const second = candidates.at(-2);
    if (best === undefined) return undefined;
    if (second === undefined || compareEntries(best, second) > 0) return best.signature;
    throw new KsqlException(
      `Function '${this.#writtenName}' cannot be resolved due to ambiguous method parameters ` +
        `${formatArguments(args)}.\n` +
        'Use CAST() to explicitly cast your parameters to one of the supported function calls.\n' +
        `Valid function calls are:\n${this.#alternatives()}\n` +
        'For detailed information on a function run: DESCRIBE FUNCTION <Function-Name>;',
    );
  }

  #alternatives(): string {
    return this.#signatures
      .map(({ parameters }) => {
        const shown = parameters.map(
          ({ name, type, variadic }) =>
            formatParamType(normalise(type)) + (variadic ? '...' : '') + (name === '' ? '' : ` ${name}`),
        );
        return `${this.#listedName}(${shown.join(', ')})`;
      })
      .join('\n');
  }

  #add(signature: S): void {
    const slots = signature.parameters.map(({ type, variadic }) => ({
      type: normalise(type),
      variadic: variadic ?? false,
    }));
    const entry: Entry<S> = { signature, rank: rank(slots) };
    const built = build(this.#root, slots, entry, false, false);
    if (built.parent === undefined) return;
    const { parent, offset } = built;
    // The variadic parameter, passed as one array.
    build(parent, slots, entry, true, false);

    // Parameters that are always paired with another fixed one are above the variadic edge.
    const isLeft = slots[offset]!.variadic;
    const others = isLeft
      ? slots.slice(offset + 1, slots.length - offset)
      : slots.slice(offset, slots.length - offset - 1);
    build(parent, others, entry, false, false);

    const repeated = isLeft ? slots[offset]! : slots[slots.length - offset - 1]!;
    const copies = Array<Slot>(others.length + 1).fill(repeated);
    const all = isLeft ? [...copies, ...others] : [...others, ...copies];
    for (let extra = 1; extra <= copies.length; extra++) {
      const count = others.length + extra;
      const part = isLeft ? all.slice(all.length - count) : all.slice(0, count);
      // After the longest branch, arguments repeat in a loop.
      build(parent, part, entry, false, count === all.length);
    }
  }
}

function formatArguments(args: readonly CallArgument[]): string {
  return `(${args.map(formatArgument).join(', ')})`;
}

function edgeKey(left: ParamType, right: ParamType | null, loop: boolean): string {
  return `${loop ? 'loop ' : ''}${formatParamType(left)}|${right === null ? '' : formatParamType(right)}`;
}

function child<S>(node: Node<S>, left: ParamType, right: ParamType | null, loop = false): Node<S> {
  const key = edgeKey(left, right, loop);
  const existing = node.children.get(key);
  if (existing !== undefined) return existing.node;
  const created: Node<S> = newNode();
  node.children.set(key, { left, right, node: created });
  return created;
}

function offer<S>(node: Node<S>, entry: Entry<S>): void {
  if (node.entry === undefined || compareEntries(entry, node.entry) > 0) node.entry = entry;
}

function build<S>(
  root: Node<S>,
  slots: readonly Slot[],
  entry: Entry<S>,
  asArray: boolean,
  loop: boolean,
): { parent: Node<S> | undefined; offset: number } {
  const typeOf = ({ type, variadic }: Slot): ParamType =>
    variadic && asArray ? { kind: 'array', element: type } : type;
  const last = slots.length - 1;
  let current = root;
  let parent = root;
  let variadicParent: Node<S> | undefined;
  let variadicOffset = -1;
  for (let offset = 0; offset * 2 <= last; offset++) {
    const left = slots[offset]!;
    const right = slots[last - offset]!;
    parent = current;
    current = child(current, typeOf(left), offset === last - offset ? null : typeOf(right));
    if (left.variadic || right.variadic) {
      variadicParent = parent;
      variadicOffset = offset;
    }
  }
  if (loop) {
    const repeated = typeOf(slots[variadicOffset]!);
    const circle = child(parent, repeated, repeated, true);
    offer(circle, entry);
    const key = edgeKey(repeated, repeated, true);
    if (!circle.children.has(key))
      circle.children.set(key, { left: repeated, right: repeated, node: circle });
    offer(child(circle, repeated, null, true), entry);
  }
  offer(current, entry);
  return { parent: variadicParent, offset: variadicOffset };
}

function collect<S>(
  node: Node<S>,
  args: readonly CallArgument[],
  offset: number,
  generics: Generics,
  allowCasts: boolean,
  candidates: Entry<S>[],
): void {
  const rightIndex = args.length - 1 - offset;
  if (offset > rightIndex) {
    if (node.entry !== undefined) candidates.push(node.entry);
    return;
  }
  const single = rightIndex === offset;
  for (const { left, right, node: next } of node.children.values()) {
    const reserved: Generics = new Map(generics);
    const leftFits = fits(left, args[offset]!, reserved, allowCasts);
    const rightFits = single
      ? right === null
      : right !== null && fits(right, args[rightIndex]!, reserved, allowCasts);
    if (leftFits && rightFits) collect(next, args, offset + 1, reserved, allowCasts, candidates);
  }
}

function fits(type: ParamType, argument: CallArgument, reserved: Generics, allowCasts: boolean): boolean {
  if (argument === null || argument.base === 'INTERVALUNIT') return true;
  return hasGenerics(type)
    ? reserveGenerics(type, argument, reserved) === undefined
    : accepts(type, argument, allowCasts);
}
