import { expect, it } from 'vitest';
import { openStore } from '../store/open-store.js';
import { BatchAbandoned } from './batch-abandoned.js';
import { silentLogger } from './logger.js';
import { createSinkMetrics } from './sink-metrics.js';
import { SinkState } from './sink-state.js';
import { createStoreRetry } from './store-retry.js';

it('does not treat a reassigned partition as a failure of the store', async () => {
  const store = await openStore('postgres://127.0.0.1:1/never_asked');
  const state = new SinkState(silentLogger);
  const retry = createStoreRetry(store, silentLogger, createSinkMetrics(state.partitions), state);
  let tries = 0;
  const work = async () => {
    tries += 1;
    if (tries === 1) throw Object.assign(new Error('connect ECONNREFUSED'), { syscall: 'connect' });
    throw new BatchAbandoned();
  };
  const outcome = await retry.run('storing partition 0', work, () => true).catch((error: unknown) => error);
  expect(outcome).toBeInstanceOf(BatchAbandoned);
  expect(state.troubles).toEqual(new Map());
  await store.close();
});
