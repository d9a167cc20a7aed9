import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { GroupCoordinator } from '../groups/group-coordinator.js';
import { LogStore } from '../log/log-store.js';
import type { PartitionLog } from '../log/partition-log.js';
import { encodeBatch } from '../records/encode-batch.js';
import { batches, type RecordBatch } from '../records/record-batch.js';
import { defaultTransactionSettings, TransactionCoordinator } from './transaction-coordinator.js';
import type { TransactionState } from './transaction-records.js';

const NEW = { producerId: -1, producerEpoch: -1 };
const T0 = { topic: 't', partition: 0 };
const T1 = { topic: 't', partition: 1 };

/** A coordinator with everything below it: what a broker process has, and loses when it ends. */
function startBroker(dataDir: string | null = null) {
  const store = LogStore.open({ dataDir });
  if (store.topic('t') === undefined) store.createTopic('t', { partitions: 2 });
  const groups = new GroupCoordinator(store);
  const log: string[] = [];
  const coordinator = new TransactionCoordinator(store, groups, (level, text) =>
    log.push(`${level} ${text}`),
  );
  return {
    store,
    groups,
    log,
    coordinator,
    close() {
      coordinator.close();
      groups.close();
      store.close();
    },
  };
}

let broker: ReturnType<typeof startBroker>;
let transactions: TransactionCoordinator;

beforeEach(() => {
  broker = startBroker();
  transactions = broker.coordinator;
});
afterEach(() => {
  broker.close();
  vi.useRealTimers();
});

function open(transactionalId: string) {
  const { producerId, producerEpoch } = transactions.initProducerId(transactionalId, 60_000, NEW);
  return {
    producerId,
    producerEpoch,
    add: (...partitions: (typeof T0)[]) =>
      transactions.addPartitions(transactionalId, producerId, producerEpoch, partitions),
    end: (isCommit: boolean) => transactions.end(transactionalId, producerId, producerEpoch, isCommit),
    write: (text: string, { topic, partition } = T0) => {
      const records = [{ key: null, value: Buffer.from(text), timestamp: 0 }];
      const options = { producerId, producerEpoch, isTransactional: true, baseSequence: -1 };
      broker.store.partition(topic, partition)!.append(encodeBatch(records, options));
    },
  };
}

/** All batches of a partition below `limit` (default: its end). */
function all(log: PartitionLog, limit = log.endOffset): RecordBatch[] {
  return log.readMany(0, 1_000_000, limit).flatMap((piece) => [...batches(piece)]);
}

/** What a read_committed consumer sees. */
function committed({ topic, partition } = T0): string[] {
  const log = broker.store.partition(topic, partition)!;
  const found: string[] = [];
  for (const batch of all(log, log.lastStableOffset)) {
    if (!log.isCommitted(batch)) continue;
    batch.forEachRecord((_offset, _timestamp, _key, value) => found.push(String(value)));
  }
  return found;
}

/** The control batches of a partition: which producer ended its transaction, how, and with which epoch. */
function markers({ topic, partition } = T0): string[] {
  const found: string[] = [];
  for (const batch of all(broker.store.partition(topic, partition)!)) {
    if (!batch.isControl) continue;
    batch.forEachRecord((_offset, _timestamp, key) => {
      const type = key?.readInt16BE(2) === 1 ? 'commit' : 'abort';
      found.push(`${type} ${batch.producerId}/${batch.producerEpoch}`);
    });
  }
  return found;
}

/** The outcome of a call: the error's name, or the transaction's state. */
function outcome(call: () => void): string {
  try {
    call();
    return transactions.transaction('tx')!.state;
  } catch (error) {
    return (error as { code: string }).code;
  }
}

describe('the states of a transaction', () => {
  const bringTo: Record<string, (producer: ReturnType<typeof open>) => void> = {
    Empty: () => {},
    Ongoing: (producer) => producer.add(T0),
    CompleteCommit: (producer) => {
      producer.add(T0);
      producer.end(true);
    },
    CompleteAbort: (producer) => {
      producer.add(T0);
      producer.end(false);
    },
  };
  // Each row: the state, and what follows from AddPartitionsToTxn, EndTxn (commit), EndTxn (abort), InitProducerId.
  it.each<[TransactionState, string, string, string, string]>([
    ['Empty', 'Ongoing', 'INVALID_TXN_STATE', 'INVALID_TXN_STATE', 'Empty'],
    ['Ongoing', 'Ongoing', 'CompleteCommit', 'CompleteAbort', 'Empty'],
    ['CompleteCommit', 'Ongoing', 'CompleteCommit', 'INVALID_TXN_STATE', 'Empty'],
    ['CompleteAbort', 'Ongoing', 'INVALID_TXN_STATE', 'CompleteAbort', 'Empty'],
  ])('%s: add %s, commit %s, abort %s, new instance %s', (state, ...expected) => {
    const events = [
      (producer: ReturnType<typeof open>) => producer.add(T1),
      (producer: ReturnType<typeof open>) => producer.end(true),
      (producer: ReturnType<typeof open>) => producer.end(false),
      () => void transactions.initProducerId('tx', 60_000, NEW),
    ];
    events.forEach((event, i) => {
      const producer = open('tx');
      bringTo[state]!(producer);
      expect(transactions.transaction('tx')!.state).toBe(state);
      expect(outcome(() => event(producer))).toBe(expected[i]);
    });
  });

  it('a retried EndTxn writes no second marker', () => {
    const producer = open('tx');
    producer.add(T0, T1);
    producer.end(true);
    producer.end(true);
    expect([markers(T0), markers(T1)]).toEqual([['commit 0/0'], ['commit 0/0']]);
  });

  it('the next transaction may start right after EndTxn', () => {
    const producer = open('tx');
    for (const text of ['a', 'b', 'c']) {
      producer.add(T0);
      producer.write(text);
      producer.end(text !== 'b');
    }
    expect(committed()).toEqual(['a', 'c']);
  });

  it('a partition of a deleted topic does not block the end', () => {
    broker.store.createTopic('gone', { partitions: 1 });
    const producer = open('tx');
    producer.add(T0, { topic: 'gone', partition: 0 });
    producer.write('a');
    broker.store.deleteTopic('gone');
    producer.end(true);
    expect(committed()).toEqual(['a']);
  });
});

describe('InitProducerId', () => {
  it.each([
    ['an empty transactional id', '', 1_000, 'INVALID_REQUEST'],
    ['a timeout of 0', 'tx', 0, 'INVALID_TRANSACTION_TIMEOUT'],
    [
      'a timeout over the limit',
      'tx',
      defaultTransactionSettings.maxTimeoutMs + 1,
      'INVALID_TRANSACTION_TIMEOUT',
    ],
  ])('rejects %s', (_what, id, timeoutMs, code) => {
    expect(() => transactions.initProducerId(id, timeoutMs, NEW)).toThrow(expect.objectContaining({ code }));
  });

  it('gives every idempotent producer an id of its own', () => {
    const ids = [1, 2, 3].map(() => transactions.initProducerId(null, 0, NEW).producerId);
    expect(new Set(ids).size).toBe(3);
  });

  it('aborts the open transaction of the previous instance with the next epoch, and hands out the one after', () => {
    const old = open('tx');
    old.add(T0);
    old.write('lost');
    const young = open('tx');
    expect(markers()).toEqual([`abort ${old.producerId}/1`]);
    expect(young).toMatchObject({ producerId: old.producerId, producerEpoch: 2 });
    expect(committed()).toEqual([]);
  });

  it('switches to a new producer id when the epochs are used up', () => {
    const first = open('tx');
    let last = first;
    for (let epoch = 1; epoch <= 32_766; epoch++) last = open('tx');
    expect(last).toMatchObject({ producerId: first.producerId, producerEpoch: 32_766 });
    const next = open('tx');
    expect(next.producerEpoch).toBe(0);
    expect(next.producerId).not.toBe(first.producerId);
    expect(outcome(() => last.add(T0))).toBe('INVALID_PRODUCER_ID_MAPPING');
  });
});

describe('fencing', () => {
  const calls: Record<string, (id: string, producerId: number, epoch: number) => void> = {
    AddPartitionsToTxn: (id, producerId, epoch) => transactions.addPartitions(id, producerId, epoch, [T0]),
    AddOffsetsToTxn: (id, producerId, epoch) => transactions.addOffsets(id, producerId, epoch),
    EndTxn: (id, producerId, epoch) => transactions.end(id, producerId, epoch, true),
    Produce: (id, producerId, epoch) => transactions.checkProduce(id, producerId, epoch, 't', 0),
    InitProducerId: (id, producerId, producerEpoch) =>
      void transactions.initProducerId(id, 1_000, { producerId, producerEpoch }),
  };
  // Produce reports fencing as INVALID_PRODUCER_EPOCH, the coordinator's own APIs as PRODUCER_FENCED (KIP-588).
  it.each([
    ['AddPartitionsToTxn', 'PRODUCER_FENCED', 'INVALID_PRODUCER_ID_MAPPING', 'INVALID_PRODUCER_ID_MAPPING'],
    ['AddOffsetsToTxn', 'PRODUCER_FENCED', 'INVALID_PRODUCER_ID_MAPPING', 'INVALID_PRODUCER_ID_MAPPING'],
    ['EndTxn', 'PRODUCER_FENCED', 'INVALID_PRODUCER_ID_MAPPING', 'INVALID_PRODUCER_ID_MAPPING'],
    ['Produce', 'INVALID_PRODUCER_EPOCH', 'INVALID_PRODUCER_ID_MAPPING', 'INVALID_PRODUCER_ID_MAPPING'],
    ['InitProducerId', 'PRODUCER_FENCED', 'PRODUCER_FENCED', 'Empty'],
  ])(
    '%s: another epoch %s, another producer id %s, unknown transactional id %s',
    (name, epoch, id, unknown) => {
      open('tx');
      const producer = open('tx');
      producer.add(T0);
      const call = calls[name]!;
      for (const other of [0, 2]) {
        expect(outcome(() => call('tx', producer.producerId, other))).toBe(epoch);
      }
      expect(outcome(() => call('tx', producer.producerId + 100, producer.producerEpoch))).toBe(id);
      expect(transactions.transaction('tx')!.state).toBe('Ongoing');
      const result = outcome(() => {
        call('unknown', producer.producerId, producer.producerEpoch);
        expect(transactions.transaction('unknown')!.state).toBe(unknown);
      });
      if (unknown !== 'Empty') expect(result).toBe(unknown);
    },
  );

  it('lets a client bump its own epoch, and repeat the request when the response was lost', () => {
    const { producerId, producerEpoch } = open('tx');
    const known = { producerId, producerEpoch };
    const bump = () => {
      const given = transactions.initProducerId('tx', 1_000, known);
      return { producerId: given.producerId, producerEpoch: given.producerEpoch };
    };
    expect(bump()).toEqual({ producerId, producerEpoch: 1 });
    expect(bump()).toEqual({ producerId, producerEpoch: 1 });
    open('tx');
    expect(outcome(bump)).toBe('PRODUCER_FENCED');
  });

  it.each([
    ['the open transaction does not include the partition', T1],
    ['the transaction has ended', T0],
  ])('refuses records if %s', (_when, partition) => {
    const producer = open('tx');
    producer.add(T0);
    if (partition === T0) producer.end(true);
    expect(
      outcome(() =>
        transactions.checkProduce('tx', producer.producerId, 0, partition.topic, partition.partition),
      ),
    ).toBe('INVALID_TXN_STATE');
  });
});

describe('concurrent transactions', () => {
  it('hide records from read_committed until the oldest one has ended, in any order of ends', () => {
    const [a, b, c] = [open('a'), open('b'), open('c')];
    for (const producer of [a, b, c]) producer.add(T0);
    a.write('a1');
    b.write('b1');
    c.write('c1');
    a.write('a2');
    b.end(true);
    expect(committed()).toEqual([]);
    c.end(false);
    expect(committed()).toEqual([]);
    a.end(true);
    expect(committed()).toEqual(['a1', 'b1', 'a2']);
  });

  it('in different partitions do not wait for each other', () => {
    const [a, b] = [open('a'), open('b')];
    a.add(T0);
    b.add(T1);
    a.write('a', T0);
    b.write('b', T1);
    b.end(true);
    expect([committed(T0), committed(T1)]).toEqual([[], ['b']]);
  });
});

describe('offsets of a transaction', () => {
  const member = { memberId: '', instanceId: null, generation: -1 };
  const offset = { topic: 't', partition: 0, offset: 7, leaderEpoch: -1, metadata: '' };
  const stored = () => broker.groups.fetch('g', [{ topic: 't', partitions: [0] }], false)[0]!.offset;

  it.each([
    [true, 7],
    [false, -1],
  ])('commit with it: %s leaves offset %i', (isCommit, expected) => {
    const producer = open('tx');
    expect(transactions.checkOffsetCommit('tx', producer.producerId, 0)).toBe('INVALID_TXN_STATE');
    transactions.addOffsets('tx', producer.producerId, 0);
    expect(transactions.checkOffsetCommit('tx', producer.producerId, 0)).toBeUndefined();
    broker.groups.commit('g', member, [offset], producer);
    expect(stored()).toBe(-1);
    const [stable] = broker.groups.fetch('g', [{ topic: 't', partitions: [0] }], true);
    expect(stable!.error).toBe('UNSTABLE_OFFSET_COMMIT');
    producer.end(isCommit);
    expect(stored()).toBe(expected);
  });
});

describe('the transaction timeout', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });

  it('aborts, fences the producer, and runs from the first partition on', () => {
    const producer = open('tx');
    vi.advanceTimersByTime(1_000_000);
    producer.add(T0);
    producer.write('a');
    vi.advanceTimersByTime(59_000);
    producer.add(T1);
    vi.advanceTimersByTime(999);
    expect(transactions.transaction('tx')!.state).toBe('Ongoing');
    vi.advanceTimersByTime(1);
    expect(transactions.transaction('tx')).toMatchObject({ state: 'CompleteAbort', producerEpoch: 1 });
    expect(markers()).toEqual([`abort ${producer.producerId}/1`]);
    expect(committed()).toEqual([]);
    expect(outcome(() => producer.end(true))).toBe('PRODUCER_FENCED');
    expect(broker.log).toEqual(['warn Transaction tx timed out and is aborted']);
  });

  it('does not hit a transaction that has ended, nor the next one early', () => {
    const producer = open('tx');
    producer.add(T0);
    vi.advanceTimersByTime(50_000);
    producer.end(true);
    producer.add(T0);
    vi.advanceTimersByTime(59_999);
    expect(transactions.transaction('tx')!.state).toBe('Ongoing');
    producer.end(true);
    vi.advanceTimersByTime(1_000_000);
    expect(transactions.transaction('tx')!.state).toBe('CompleteCommit');
  });

  it('is retried when the abort cannot be written', () => {
    const producer = open('tx');
    producer.add(T0);
    const append = vi.spyOn(broker.store, 'appendAtomically').mockImplementationOnce(() => {
      throw new Error('disk full');
    });
    vi.advanceTimersByTime(60_000);
    expect(transactions.transaction('tx')!.state).toBe('Ongoing');
    expect(broker.log.at(-1)).toBe('error Transaction tx could not be aborted: Error: disk full');
    vi.advanceTimersByTime(10_000);
    expect(transactions.transaction('tx')!.state).toBe('CompleteAbort');
    append.mockRestore();
  });
});

it('a failed write changes nothing, so that a retry is not taken for a repetition', () => {
  const producer = open('tx');
  vi.spyOn(broker.store, 'appendAtomically').mockImplementationOnce(() => {
    throw new Error('disk full');
  });
  expect(() => producer.add(T0)).toThrow('disk full');
  expect(transactions.transaction('tx')!.state).toBe('Empty');
  producer.add(T0);
  expect(transactions.transaction('tx')!.state).toBe('Ongoing');
});

it('a transactional id expires after a week without use, unless its transaction is open', () => {
  vi.useFakeTimers();
  for (const id of ['idle', 'open']) open(id);
  vi.advanceTimersByTime(defaultTransactionSettings.idExpirationMs + 1);
  const producer = open('open');
  producer.add(T0);
  transactions.maintain();
  expect(transactions.transactions().map(({ transactionalId }) => transactionalId)).toEqual(['open']);
});

describe('recovery from __transaction_state', () => {
  let folder: string;
  const folders: string[] = [];

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'paystream-transactions-'));
    folders.push(folder);
    restart();
  });
  afterAll(() => {
    for (const path of folders) rmSync(path, { recursive: true, force: true });
  });

  function restart(): void {
    broker.close();
    broker = startBroker(folder);
    transactions = broker.coordinator;
  }

  it.each<[string, TransactionState, string[]]>([
    ['Empty', 'Empty', []],
    ['Ongoing', 'Ongoing', []],
    ['committed', 'CompleteCommit', ['a']],
    ['aborted', 'CompleteAbort', []],
  ])('restores a transaction that is %s', (what, state, visible) => {
    const producer = open('tx');
    if (what !== 'Empty') {
      producer.add(T0);
      producer.write('a');
    }
    if (what === 'committed' || what === 'aborted') producer.end(what === 'committed');
    restart();
    expect(transactions.transaction('tx')).toMatchObject({
      state,
      producerId: producer.producerId,
      producerEpoch: 0,
      timeoutMs: 60_000,
    });
    expect(committed()).toEqual(visible);
    producer.add(T0, T1);
    producer.end(true);
    expect(committed()).toEqual(what === 'Ongoing' || what === 'committed' ? ['a'] : []);
    expect(markers(T1)).toEqual([`commit ${producer.producerId}/0`]);
  });

  it('aborts a transaction that timed out while the broker was down', async () => {
    const { producerId, producerEpoch } = transactions.initProducerId('tx', 50, NEW);
    transactions.addPartitions('tx', producerId, producerEpoch, [T0]);
    broker.close();
    await new Promise((resolve) => setTimeout(resolve, 60));
    restart();
    await vi.waitFor(() => expect(transactions.transaction('tx')!.state).toBe('CompleteAbort'));
    expect(markers()).toEqual([`abort ${producerId}/1`]);
  });

  it('never hands out a producer id twice', () => {
    const before = open('a').producerId;
    restart();
    expect(open('b').producerId).toBeGreaterThan(before);
    expect(open('a')).toMatchObject({ producerId: before, producerEpoch: 1 });
  });
});
