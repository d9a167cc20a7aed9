/** What a check found wrong: where, and what. */
export class Problems {
  readonly list: string[] = [];
  #checked = 0;

  add(where: string, what: string): void {
    this.list.push(`${where}: ${what}`);
  }

  /** Counts what was looked at, so that a check that looks at nothing shows. */
  looked(count = 1): void {
    this.#checked += count;
  }

  get checked(): number {
    return this.#checked;
  }
}
