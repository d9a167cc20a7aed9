/** Collects the problems that checks find. */
export class Problems {
  readonly list: string[] = [];
  #checked = 0;

  add(where: string, what: string): void {
    this.list.push(`${where}: ${what}`);
  }

  /** Counts a check, so that a check that covers nothing is visible. */
  looked(count = 1): void {
    this.#checked += count;
  }

  get checked(): number {
    return this.#checked;
  }
}
