/** Push queries that clients may end with POST /close-query. */
export class RunningQueries {
  readonly #queries = new Map<string, () => void>();

  add(queryId: string, close: () => void): void {
    this.#queries.set(queryId, close);
  }

  remove(queryId: string): void {
    this.#queries.delete(queryId);
  }

  /** Returns false if there is no such query. */
  close(queryId: string): boolean {
    const close = this.#queries.get(queryId);
    if (close === undefined) return false;
    this.#queries.delete(queryId);
    close();
    return true;
  }
}
