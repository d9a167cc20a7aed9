/**
 * One server that many runs share and all want to see killed. Runs that ask while it is being killed, or shortly
 * after, have been struck with the others: else a hundred of them would leave no time to work in between.
 */
export class Strikes {
  readonly #kill: () => Promise<void>;
  readonly #restMs: number;
  #current: Promise<void> | undefined;
  #endedAt = Number.NEGATIVE_INFINITY;
  count = 0;

  constructor(kill: () => Promise<void>, restMs: number) {
    this.#kill = kill;
    this.#restMs = restMs;
  }

  /** @param since when the run began to work (`performance.now()`): a kill before that does not count for it */
  async strike(since: number): Promise<void> {
    if (
      this.#current === undefined &&
      this.#endedAt + this.#restMs > performance.now() &&
      this.#endedAt > since
    ) {
      return;
    }
    this.#current ??= this.#kill().finally(() => {
      this.count += 1;
      this.#endedAt = performance.now();
      this.#current = undefined;
    });
    await this.#current;
  }
}
