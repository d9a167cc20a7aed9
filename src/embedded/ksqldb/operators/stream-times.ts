/** Tracks, for each partition, the largest time that an operator has seen and the time up to which it emitted windows. */
export class StreamTimes {
  readonly #observed = new Map<number, number>();
  readonly #closed = new Map<number, number>();

  /** Records the time of a record. Returns the stream time. */
  observe(partition: number, time: number): number {
    const before = this.#observed.get(partition) ?? Number.NEGATIVE_INFINITY;
    if (time <= before) return before;
    this.#observed.set(partition, time);
    return time;
  }

  observed(partition: number): number {
    return this.#observed.get(partition) ?? Number.NEGATIVE_INFINITY;
  }

  closed(partition: number): number {
    return this.#closed.get(partition) ?? Number.NEGATIVE_INFINITY;
  }

  close(partition: number, time: number): void {
    this.#closed.set(partition, time);
  }

  save(): Readonly<Record<string, number>> {
    return Object.fromEntries([
      ...[...this.#observed].map(([partition, time]) => [`o${partition}`, time] as const),
      ...[...this.#closed].map(([partition, time]) => [`c${partition}`, time] as const),
    ]);
  }

  restore(saved: Readonly<Record<string, number>>): void {
    for (const [name, time] of Object.entries(saved)) {
      const map = name.startsWith('o') ? this.#observed : this.#closed;
      map.set(Number(name.slice(1)), time);
    }
  }
}
