import type { SqlPosition } from './sql-syntax-error.js';
import type { Edit } from './variables.js';

/**
 * Maps an offset in a statement's text, after variables were replaced, to its position in the script. Offsets have to be
 * passed in ascending order.
 */
export class Relocation {
  private line: number;
  private lineStart: number;
  private seen = 0;
  private nextEdit = 0;

  /** `text` is the statement before its variables were replaced, and `origin` its position in the script. */
  constructor(
    private readonly text: string,
    private readonly origin: SqlPosition,
    private readonly edits: readonly Edit[],
  ) {
    this.line = origin.line;
    this.lineStart = -origin.column;
  }

  place(offset: number): SqlPosition {
    const before = this.original(offset);
    let i = this.text.indexOf('\n', this.seen);
    while (i !== -1 && i < before) {
      this.line++;
      this.lineStart = i + 1;
      i = this.text.indexOf('\n', i + 1);
    }
    this.seen = Math.max(this.seen, before);
    return { line: this.line, column: before - this.lineStart, offset: this.origin.offset + before };
  }

  private original(offset: number): number {
    while (this.nextEdit < this.edits.length && offset >= this.edits[this.nextEdit]!.newTo) this.nextEdit++;
    const inside = this.edits[this.nextEdit];
    if (inside !== undefined && offset >= inside.newFrom) return inside.from;
    const last = this.edits[this.nextEdit - 1];
    return last === undefined ? offset : offset + last.to - last.newTo;
  }
}
