import type { ILookaheadStrategy } from 'chevrotain';
import { LLkLookaheadStrategy } from './chevrotain.js';

type BuildAlternation = ILookaheadStrategy['buildLookaheadForAlternation'];
type BuildOptional = ILookaheadStrategy['buildLookaheadForOptional'];

/**
 * Computes the lookahead of an alternative when a text first reaches it. Computing it for the whole grammar would take
 * half the time of creating a parser, and most texts need only a small part of it.
 */
export class LazyLookahead extends LLkLookaheadStrategy {
  override buildLookaheadForAlternation(
    options: Parameters<BuildAlternation>[0],
  ): ReturnType<BuildAlternation> {
    const build = (): ReturnType<BuildAlternation> => super.buildLookaheadForAlternation(options);
    let decide: ReturnType<BuildAlternation> | undefined;
    // chevrotain calls it as a method of the parser
    return function (this: unknown, alternatives): number | undefined {
      decide ??= build();
      return decide.call(this, alternatives);
    };
  }

  override buildLookaheadForOptional(options: Parameters<BuildOptional>[0]): ReturnType<BuildOptional> {
    const build = (): ReturnType<BuildOptional> => super.buildLookaheadForOptional(options);
    let decide: ReturnType<BuildOptional> | undefined;
    return function (this: unknown): boolean {
      decide ??= build();
      return decide.call(this);
    };
  }
}
