import type { Cell } from '../../wire.js';

/** A tail keeps this many rows and discards the oldest. */
export const TAIL_ROWS = 5_000;
/** The result of a pull query is truncated to this many rows. */
export const TABLE_ROWS = 100_000;

/** Holds the rows of a result. Its size is bounded, so a tail can run for days. */
export class RowBuffer {
  rows: (readonly Cell[])[] = [];
  /** Number of rows received. */
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
      // Trim only now and then, because each trim copies the remaining rows.
      if (this.rows.length > this.#limit * 1.2) this.rows = this.rows.slice(-this.#limit);
    } else if (this.rows.length < this.#limit) {
      this.rows.push(...rows.slice(0, this.#limit - this.rows.length));
    }
  }

  get dropped(): number {
    return this.total - this.rows.length;
  }
}
