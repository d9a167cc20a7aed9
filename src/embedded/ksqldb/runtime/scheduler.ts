/** Does work after it has been woken. */
export interface Worker {
  /** Works for about `budgetMs` milliseconds at most. Returns true if there is more to do. */
  run(budgetMs: number): boolean;
}

const sliceMs = 5;
const turnMs = 10;

/** Schedules queries on the event loop in short slices, so that I/O can happen in between. */
export class Scheduler {
  readonly #ready = new Set<Worker>();
  #isScheduled = false;
  #isStopped = false;
  #idle: (() => void)[] = [];

  wake(worker: Worker): void {
    if (this.#isStopped) return;
    this.#ready.add(worker);
    this.#schedule();
  }

  forget(worker: Worker): void {
    this.#ready.delete(worker);
    this.#tellIdle();
  }

  /** Resolves when no worker has anything left to do. */
  settled(): Promise<void> {
    if (this.#ready.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#idle.push(resolve));
  }

  stop(): void {
    this.#isStopped = true;
    this.#ready.clear();
    this.#tellIdle();
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      this.#turn();
    });
  }

  #turn(): void {
    const end = performance.now() + turnMs;
    for (const worker of this.#ready) {
      // A worker that has more to do goes to the end of the queue.
      this.#ready.delete(worker);
      if (worker.run(sliceMs)) this.#ready.add(worker);
      if (performance.now() >= end) break;
    }
    if (this.#ready.size > 0) this.#schedule();
    else this.#tellIdle();
  }

  #tellIdle(): void {
    if (this.#ready.size > 0) return;
    const waiting = this.#idle;
    this.#idle = [];
    for (const resolve of waiting) resolve();
  }
}
