/** Something that has work to do when it is woken. */
export interface Worker {
  /** Works for at most about so many milliseconds; true: there is more to do. */
  run(budgetMs: number): boolean;
}

const sliceMs = 5;
const turnMs = 10;

/** Lets all queries take turns on the event loop: each gets a slice, and input and output go on in between. */
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

  /** Resolves when no worker has anything to do. */
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
      // A worker with more to do queues behind the others.
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
