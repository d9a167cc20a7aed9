import { getEventListeners } from 'node:events';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { KafkaConsumer } from '../kafka/consumer.js';
import type { Store } from '../store/index.js';
import { silentLogger } from './logger.js';
import type { SinkContext } from './sink-context.js';
import { createSinkMetrics } from './sink-metrics.js';
import { SinkState } from './sink-state.js';
import { createStoreRetry } from './store-retry.js';
import { superviseConsumers } from './supervise-consumers.js';

const createKafkaConsumer = vi.hoisted(() => vi.fn());
vi.mock('../kafka/consumer.js', () => ({ createKafkaConsumer }));
vi.mock('./backoff.js', () => ({ backoffMs: () => 0 }));

/** A consumer that runs until it is stopped, unless `start` rejects. */
function fakeConsumer(start: () => Promise<void>): KafkaConsumer {
  return {
    start,
    seek() {},
    commit: async () => {},
    offsets: async () => new Map(),
    topicId: async () => null,
    send: async () => {},
    silence: () => ({ ms: 0, allowedMs: 1_000 }),
    stop: async () => {},
  };
}

const settings = {
  brokers: ['b:9092'],
  clientId: 'c',
  groupId: 'g',
  topic: 't',
  concurrency: 1,
  sessionTimeoutMs: 1_000,
  logger: silentLogger,
};

describe('superviseConsumers', () => {
  let state: SinkState;
  let context: SinkContext;

  const supervise = (maxRestarts: number) =>
    superviseConsumers(context, settings, { stalledAfterMs: 60_000, maxRestarts });
  const failWith = (...errors: readonly Error[]) => {
    let started = 0;
    createKafkaConsumer.mockImplementation(() =>
      fakeConsumer(async () => {
        const error = errors[started++ % errors.length];
        if (error !== undefined) throw error;
      }),
    );
  };

  beforeEach(() => {
    state = new SinkState(silentLogger);
    const metrics = createSinkMetrics(state.partitions);
    const store = { address: 'test' } as Store;
    context = {
      store,
      groupId: 'g',
      topic: 't',
      onGap: 'fail',
      onRecreated: 'fail',
      deadLetterTopic: undefined,
      logger: silentLogger,
      metrics,
      state,
      retry: createStoreRetry(store, silentLogger, metrics, state),
      rollbackSignal: new AbortController().signal,
    };
  });
  afterEach(() => vi.resetAllMocks());

  it('adds no abort listener per restart', async () => {
    const counts = new Set<number>();
    createKafkaConsumer.mockImplementation(() =>
      fakeConsumer(async () => {
        counts.add(getEventListeners(state.signal, 'abort').length);
        throw new Error('crashed');
      }),
    );
    await supervise(50);
    expect(state.totals.restarts).toBe(50);
    expect(counts).toEqual(new Set([1]));
    expect(getEventListeners(state.signal, 'abort')).toHaveLength(0);
  });

  it('ends with the sink after too many failures in a row', async () => {
    failWith(new Error('crashed'));
    await supervise(3);
    expect(state.failure).toMatchObject({ code: 'SINK_CONSUMER_CRASHED', where: 'b:9092, group g, topic t' });
    expect(createKafkaConsumer).toHaveBeenCalledTimes(4);
  });

  it('counts from zero after a stored batch', async () => {
    let started = 0;
    createKafkaConsumer.mockImplementation(() =>
      fakeConsumer(async () => {
        if (++started === 3) state.batchStored();
        throw new Error('crashed');
      }),
    );
    await supervise(3);
    expect(started).toBe(6);
  });

  it.each([
    ['the topic is missing', { type: 'UNKNOWN_TOPIC_OR_PARTITION' }],
    ['no broker is reachable', { name: 'KafkaJSConnectionError' }],
  ])('does not count failures while %s', async (_, fields) => {
    let started = 0;
    createKafkaConsumer.mockImplementation(() =>
      fakeConsumer(async () => {
        if (++started === 20) state.stop();
        throw Object.assign(new Error('not there yet'), fields);
      }),
    );
    await supervise(3);
    expect(started).toBe(20);
    expect(state.failure).toBeUndefined();
  });

  it.each([
    ['the credentials', { name: 'KafkaJSSASLAuthenticationError' }],
    ['access to the group', { type: 'GROUP_AUTHORIZATION_FAILED' }],
  ])('fails at once when Kafka refuses %s', async (_, fields) => {
    failWith(Object.assign(new Error('refused'), fields));
    await supervise(3);
    expect(state.failure).toMatchObject({ code: 'SINK_KAFKA_REFUSED' });
    expect(createKafkaConsumer).toHaveBeenCalledTimes(1);
  });

  it('ends a running consumer when the sink stops', async () => {
    createKafkaConsumer.mockImplementation(() =>
      fakeConsumer(async () => {
        setTimeout(() => state.stop(), 5);
      }),
    );
    await supervise(3);
    expect(state.problems(1)).toEqual(['stopping']);
    expect(createKafkaConsumer).toHaveBeenCalledTimes(1);
  });
});
