import { describe, expect, it } from 'vitest';
import { KsqldbError } from './ksqldb-error.js';
import { retryFenced } from './retry-fenced.js';

const fenced = () =>
  new KsqldbError(
    'KSQLDB_SERVER',
    'Could not write the statement into the command topic: fenced by another producer',
  );

describe('retryFenced', () => {
  it('ends with advice if the server never accepts the statement', async () => {
    let attempts = 0;
    const attempt = async () => {
      attempts += 1;
      throw fenced();
    };
    await expect(retryFenced(attempt, { timeoutMs: 500 })).rejects.toMatchObject({
      code: 'KSQLDB_SERVER',
      hint: expect.stringContaining('may write to its command topic'),
    });
    expect(attempts).toBeGreaterThan(1);
  });

  it('ends at once when the signal aborts', async () => {
    const stop = new AbortController();
    const attempt = async () => {
      stop.abort();
      throw fenced();
    };
    await expect(retryFenced(attempt, { signal: stop.signal })).rejects.toMatchObject({ name: 'AbortError' });
  });

  it('does not retry other errors', async () => {
    const other = new KsqldbError('KSQLDB_STATEMENT', 'Stream already exists');
    let attempts = 0;
    const attempt = async () => {
      attempts += 1;
      throw other;
    };
    await expect(retryFenced(attempt)).rejects.toBe(other);
    expect(attempts).toBe(1);
  });
});
