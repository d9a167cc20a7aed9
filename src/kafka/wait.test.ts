import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { delay, withDeadline, withTimeout } from './wait.js';

const never = new Promise<never>(() => {});

describe('delay', () => {
  it('ends at once on abort and removes its listener either way', async () => {
    const abort = new AbortController();
    await delay(1, abort.signal);
    expect(getEventListeners(abort.signal, 'abort')).toHaveLength(0);
    const waiting = delay(60_000, abort.signal);
    abort.abort();
    await waiting;
    await delay(60_000, abort.signal);
    expect(getEventListeners(abort.signal, 'abort')).toHaveLength(0);
  });
});

describe('withTimeout', () => {
  it('ends when the work succeeds, fails or takes too long', async () => {
    await withTimeout(Promise.resolve(), 60_000);
    await withTimeout(Promise.reject(new Error('failed')), 60_000);
    await withTimeout(never, 1);
  });
});

describe('withDeadline', () => {
  it('returns the result, or rejects with the failure or with the message', async () => {
    expect(await withDeadline(Promise.resolve(7), 60_000, 'late')).toBe(7);
    await expect(withDeadline(Promise.reject(new Error('failed')), 60_000, 'late')).rejects.toThrow('failed');
    await expect(withDeadline(never, 1, 'late')).rejects.toThrow('late');
  });
});
