import { randomUUID } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname, userInfo } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { PaystreamError } from '../errors/paystream-error.js';
import type { KsqldbClient } from '../ksqldb/ksqldb-client.js';
import { isFenced, KsqldbError } from '../ksqldb/ksqldb-error.js';
import { retryFenced } from '../ksqldb/retry-fenced.js';

export interface LockHolder {
  /** `user@host, process 123` */
  readonly holder: string;
  /** ISO 8601. */
  readonly since: string;
  /** The process id and the namespace that it belongs to. */
  readonly process: string;
  readonly token: string;
}

export interface LockOptions {
  /** Milliseconds to wait for another holder; 0 fails at once. */
  readonly timeoutMs: number;
  /** The replication factor of the lock's topic. */
  readonly replicas?: number | undefined;
  /** Called once if another run holds the lock. */
  readonly onWait?: ((holder: LockHolder) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface HeldLock {
  readonly holder: LockHolder;
  /** Throws MIGRATION_LOCK_LOST if somebody removed the lock. */
  check(): Promise<void>;
  /** Drops the lock, with `deleteTopic` its topic as well. */
  release(deleteTopic?: boolean): Promise<void>;
}

/** The name of the stream that is the lock. The command topic orders all CREATEs, so only one of two succeeds. */
export const LOCK_STREAM = 'MIGRATION_LOCK';

/**
 * Takes the lock of a cluster's migrations. It needs the REST API only.
 *
 * The names of the stream's columns record the holder and the time, so one atomic statement takes the lock and says
 * who has it. A lock whose process has died on this machine is removed; any other stale lock needs
 * `paystream migrate unlock`. The stream is dropped at the end. Its empty topic stays, because a topic that is
 * deleted and created again at once can collide with itself.
 *
 * Throws MIGRATION_LOCKED if another run still holds the lock after `timeoutMs`.
 */
export async function takeLock(client: KsqldbClient, options: LockOptions): Promise<HeldLock> {
  const { timeoutMs, signal, onWait } = options;
  const { ksqlServiceId } = await client.info();
  const deadline = Date.now() + timeoutMs;
  const removed = new Set<string>();
  let isWaiting = false;
  for (let delay = 100; ; delay = Math.min(delay * 2, 1_000)) {
    const mine = describeMyself();
    const holder = await createLock(client, mine, ksqlServiceId, options);
    if (holder.token === mine.token) return held(client, mine);
    if (isDeadHere(holder) && !removed.has(holder.token)) {
      removed.add(holder.token);
      await removeLock(client, holder);
      continue;
    }
    if (Date.now() + delay > deadline) throw lockedError(holder, timeoutMs);
    if (!isWaiting) onWait?.(holder);
    isWaiting = true;
    await sleep(delay, undefined, { signal });
  }
}

/** Reads who holds the lock; undefined if nobody does. */
export async function readLock(client: KsqldbClient): Promise<LockHolder | undefined> {
  const description = await client.describe(LOCK_STREAM);
  if (description === undefined) return undefined;
  const fields = new Map<string, string>();
  for (const { name } of description.fields) {
    const [label, ...rest] = name.split(': ');
    fields.set(label ?? '', rest.join(': '));
  }
  return {
    holder: fields.get('holder') ?? 'unknown',
    since: fields.get('since') ?? 'unknown',
    process: fields.get('process') ?? '',
    token: fields.get('token') ?? '',
  };
}

/** Removes the lock of `holder`. Returns false if that run no longer holds it. */
export async function removeLock(
  client: KsqldbClient,
  holder: LockHolder,
  deleteTopic = false,
): Promise<boolean> {
  const isTheirs = async () => (await readLock(client))?.token === holder.token;
  const drop = async () => {
    if (!(await isTheirs())) return false;
    await client.executeAndWait(`DROP STREAM ${LOCK_STREAM}${deleteTopic ? ' DELETE TOPIC' : ''};`);
    return true;
  };
  return await retryFenced(drop, {
    settle: async (error) => {
      // Another run may have removed it between the two requests.
      const isRefused = error instanceof KsqldbError && error.code === 'KSQLDB_STATEMENT';
      return isRefused && !(await isTheirs()) ? false : undefined;
    },
  });
}

/** Tries to create the lock. Returns its holder afterwards. */
async function createLock(
  client: KsqldbClient,
  mine: LockHolder,
  serviceId: string,
  { replicas = 1, signal }: LockOptions,
): Promise<LockHolder> {
  const columns = Object.entries(mine).map(
    ([label, value]) => `\`${label}: ${String(value).replaceAll('`', "'")}\` STRING`,
  );
  const topic = `${serviceId}ksql_${LOCK_STREAM}`.replaceAll("'", "''");
  const statement = `CREATE STREAM ${LOCK_STREAM} (${columns.join(', ')}) WITH (KAFKA_TOPIC='${topic}', VALUE_FORMAT='JSON', PARTITIONS=1, REPLICAS=${replicas});`;
  const create = async () => {
    // Without the signal: an aborted request could still create a lock that nobody then releases.
    await client.executeAndWait(statement);
    return mine;
  };
  return await retryFenced(create, {
    signal,
    settle: async (error) => (isRefused(error) ? await readLock(client) : undefined),
    // "Already exists" without a holder: that run released the lock between the two requests.
    isRetryable: (error) => isFenced(error) || (isRefused(error) && /already exists/i.test(error.message)),
  });
}

function isRefused(error: unknown): error is KsqldbError {
  return (
    error instanceof KsqldbError && error.httpStatus !== undefined && error.code !== 'KSQLDB_UNAUTHORIZED'
  );
}

function held(client: KsqldbClient, holder: LockHolder): HeldLock {
  return {
    holder,
    check: async () => {
      const now = await readLock(client);
      if (now?.token === holder.token) return;
      throw new PaystreamError(
        'MIGRATION_LOCK_LOST',
        now === undefined
          ? 'Somebody removed the lock during this run.'
          : `Somebody removed the lock during this run. Now ${now.holder} holds it, since ${now.since}.`,
        { where: client.url, hint: 'Check `paystream migrate status` before the next run.' },
      );
    },
    release: async (deleteTopic = false) => {
      await removeLock(client, holder, deleteTopic);
    },
  };
}

function lockedError(holder: LockHolder, timeoutMs: number): PaystreamError {
  const waited = timeoutMs === 0 ? '' : ` after ${timeoutMs / 1_000} s`;
  return new PaystreamError(
    'MIGRATION_LOCKED',
    `Another run still holds the lock${waited}: ${holder.holder}, since ${holder.since}.`,
    {
      hint: 'Wait longer with --lock-timeout. If that run is dead, remove its lock with `paystream migrate unlock`.',
    },
  );
}

function describeMyself(): LockHolder {
  let user = 'unknown';
  try {
    user = userInfo().username;
  } catch {
    // In a container, the user id may have no name.
  }
  return {
    holder: `${user}@${hostname()}, process ${process.pid}`,
    since: new Date().toISOString(),
    process: `${processSpace()} ${process.pid}`,
    token: randomUUID(),
  };
}

/** Identifies the namespace of process ids: containers with the same host name may have one each. */
function processSpace(): string {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return `${boot}/${readlinkSync('/proc/self/ns/pid')}`;
  } catch {
    return `${hostname()}/${process.platform}`;
  }
}

function isDeadHere(holder: LockHolder): boolean {
  const [space, pid] = holder.process.split(' ');
  if (space !== processSpace() || pid === undefined) return false;
  try {
    process.kill(Number(pid), 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}
