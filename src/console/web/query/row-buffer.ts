import type { Cell } from '../../wire.js';

/** Rows of a tail beyond this are let go, oldest first. */
export const TAIL_ROWS = 5_000;
/** A pull query's answer beyond this is cut, and says so. */
export const TABLE_ROWS = 100_000;

/** The rows that are shown of a result: bounded, so that a tail can run for days. */
export class RowBuffer {
  rows: (readonly Cell[])[] = [];
  /** All that came. */
  total = 0;
  readonly #limit: number;
  readonly #keepNewest: boolean;

  constructor(push: boolean) {
    this.#keepNewest = push;
    this.#limit = push ? TAIL_ROWS : TABLE_ROWS;
  }

  add(rows: readonly (readonly Cell[])[]): void {
    this.total += rows.length;
    if (this.#keepNewest) {
      this.rows.push(...rows);
      // Cut now and then only: each cut moves all that stay.
      if (this.rows.length > this.#limit * 1.2) this.rows = this.rows.slice(-this.#limit);
    } else if (this.rows.length < this.#limit) {
      this.rows.push(...rows.slice(0, this.#limit - this.rows.length));
    }
  }

  get dropped(): number {
    return this.total - this.rows.length;
  }
}
