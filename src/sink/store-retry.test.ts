import { expect, it } from 'vitest';
import { openStore } from '../store/open-store.js';
import { silentLogger } from './logger.js';
import { BatchAbandoned } from './sink-context.js';
import { createSinkMetrics } from './sink-metrics.js';
import { createStoreRetry } from './store-retry.js';

it('does not take a batch whose partition has gone to another sink for a failure of the store', async () => {
  const store = await openStore('postgres://127.0.0.1:1/never_asked');
  const metrics = createSinkMetrics(
    () => new Map(),
    () => new Map(),
  );
  const retry = createStoreRetry(store, silentLogger, metrics, new AbortController().signal);
  let tries = 0;
  const work = async () => {
    tries += 1;
    if (tries === 1) throw Object.assign(new Error('connect ECONNREFUSED'), { syscall: 'connect' });
    throw new BatchAbandoned();
  };
  const outcome = await retry.run('storing partition 0', work, () => true).catch((error: unknown) => error);
  expect(outcome).toBeInstanceOf(BatchAbandoned);
  expect(retry.troubles).toEqual(new Map());
  await store.close();
});
