import { afterEach, describe, expect, it, vi } from 'vitest';
import { Partitions } from './partitions.js';

const claim = { group: 'g', topic: 't', partition: 0, claim: 'c' };

describe('Partitions', () => {
  afterEach(() => vi.useRealTimers());

  it('reports only partitions that have lag and make no progress', () => {
    vi.useFakeTimers();
    const partitions = new Partitions();
    for (const id of [0, 1, 2]) {
      const at = {
        claim,
        topicId: null,
        stored: 5n,
        next: 5n,
        high: 5n,
        committed: -1n,
        progressAt: Date.now(),
      };
      partitions.own(id, at);
    }
    partitions.heard(new Map([0, 1, 2].map((id) => [id, { low: 0n, high: id === 2 ? 5n : 9n }])));
    vi.advanceTimersByTime(61_000);
    partitions.get(1)!.next = 6n;
    partitions.get(1)!.progressAt = Date.now();
    expect(partitions.stalled(60_000)).toEqual([0]);
    expect([...partitions.lag()]).toEqual([
      [0, 4n],
      [1, 3n],
      [2, 0n],
    ]);
  });

  it('does not count time without lag as a stall', () => {
    vi.useFakeTimers();
    const partitions = new Partitions();
    partitions.own(0, {
      claim,
      topicId: null,
      stored: 5n,
      next: 5n,
      high: 5n,
      committed: -1n,
      progressAt: Date.now(),
    });
    vi.advanceTimersByTime(600_000);
    partitions.heard(new Map([[0, { low: 0n, high: 5n }]]));
    vi.advanceTimersByTime(30_000);
    partitions.heard(new Map([[0, { low: 0n, high: 6n }]]));
    expect(partitions.stalled(60_000)).toEqual([]);
    vi.advanceTimersByTime(31_000);
    expect(partitions.stalled(60_000)).toEqual([0]);
  });
});
