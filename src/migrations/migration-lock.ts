import { randomUUID } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname, userInfo } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { PaystreamError } from '../errors/paystream-error.js';
import type { KsqldbClient } from '../ksqldb/ksqldb-client.js';
import { isOvertaken, KsqldbError } from '../ksqldb/ksqldb-error.js';

export interface LockHolder {
  /** `user@host, process 123` */
  readonly holder: string;
  /** ISO 8601. */
  readonly since: string;
  /** Which process, and in which space of process numbers. */
  readonly process: string;
  readonly token: string;
}

export interface LockOptions {
  /** How long to wait for another holder; 0 fails at once. */
  readonly timeoutMs: number;
  /** The server's service id: the lock's topic is named after it, as the books' are. */
  readonly serviceId: string;
  readonly replicas?: number;
  /** Called once when the lock is found taken. */
  readonly onWait?: (holder: LockHolder) => void;
  readonly signal?: AbortSignal;
}

export interface HeldLock {
  readonly holder: LockHolder;
  /** Throws MIGRATION_LOCK_LOST if somebody took the lock away meanwhile. */
  check(): Promise<void>;
  /** With `deleteTopic` nothing is left of it on the cluster. */
  release(deleteTopic?: boolean): Promise<void>;
}

/** The lock is a stream of this name: the command topic puts all CREATEs in one order, so that one of two fails. */
export const LOCK_STREAM = 'MIGRATION_LOCK';

/**
 * Takes the lock of a cluster's migrations, by the REST API alone. Who holds it and since when stands in the names of
 * the stream's columns, so that one statement, which the server runs as a whole or not at all, says everything. A lock
 * whose process has died on this machine is taken over; any other dead holder's needs `paystream migrate unlock`.
 * The stream is dropped at the end; its topic stays, empty: topics that are deleted and made again collide.
 * Throws MIGRATION_LOCKED.
 */
export async function takeLock(client: KsqldbClient, options: LockOptions): Promise<HeldLock> {
  const deadline = Date.now() + options.timeoutMs;
  let told = false;
  for (let delay = 100; ; delay = Math.min(delay * 2, 1_000)) {
    const mine = describeMyself();
    if (await create(client, mine, options)) return held(client, mine);
    const holder = await readLock(client);
    if (holder === undefined) {
      // Released between the two requests, or nobody has it, since all who tried at once were overtaken.
      await sleep(20 + Math.random() * 80);
      continue;
    }
    if (isDeadHere(holder)) {
      await removeLock(client, holder);
      continue;
    }
    if (Date.now() + delay > deadline) throw lockedError(holder, options.timeoutMs);
    if (!told) options.onWait?.(holder);
    told = true;
    await sleep(delay, undefined, options.signal === undefined ? {} : { signal: options.signal });
  }
}

/** Who holds the lock; undefined if nobody does. */
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

/** Takes a lock away from whoever `holder` is; false if it was no longer theirs. */
export async function removeLock(
  client: KsqldbClient,
  holder: LockHolder,
  deleteTopic = false,
): Promise<boolean> {
  for (let delay = 20; ; delay = Math.min(delay * 2, 1_000)) {
    const now = await readLock(client);
    if (now?.token !== holder.token) return false;
    try {
      await client.executeAndWait(`DROP STREAM ${LOCK_STREAM}${deleteTopic ? ' DELETE TOPIC' : ''};`);
      return true;
    } catch (error) {
      // The lock must not stay because somebody else's statement came at the same moment.
      if (isOvertaken(error)) {
        await sleep(delay * (1 + Math.random()));
        continue;
      }
      // Two may take it away at once.
      if (error instanceof KsqldbError && error.code === 'KSQLDB_STATEMENT') return false;
      throw error;
    }
  }
}

async function create(client: KsqldbClient, mine: LockHolder, options: LockOptions): Promise<boolean> {
  const columns = Object.entries(mine).map(
    ([label, value]) => `\`${label}: ${String(value).replaceAll('`', "'")}\` STRING`,
  );
  const topic = `${options.serviceId}ksql_${LOCK_STREAM}`.replaceAll("'", "''");
  try {
    await client.executeAndWait(
      `CREATE STREAM ${LOCK_STREAM} (${columns.join(', ')}) WITH (KAFKA_TOPIC='${topic}', VALUE_FORMAT='JSON', PARTITIONS=1, REPLICAS=${options.replicas ?? 1});`,
    );
    return true;
  } catch (error) {
    // Refused because it is there, or because another statement was faster to the command topic; anything else (no
    // permission, a broker that is down) is an error.
    const refused = error instanceof KsqldbError && error.httpStatus !== undefined;
    if (refused && error.code !== 'KSQLDB_UNAUTHORIZED') {
      const holder = await readLock(client);
      if (holder !== undefined) return holder.token === mine.token;
      if (isOvertaken(error) || /already exists/i.test(error.message)) return false;
    }
    throw error;
  }
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
          ? 'The lock was taken away while this run held it.'
          : `The lock was taken away while this run held it, and is held by ${now.holder} since ${now.since}.`,
        { where: client.url, hint: 'Look at `paystream migrate status` before the next run.' },
      );
    },
    release: async (deleteTopic = false) => {
      await removeLock(client, holder, deleteTopic);
    },
  };
}

function lockedError(holder: LockHolder, timeoutMs: number): PaystreamError {
  const waited = timeoutMs === 0 ? '' : `, still after ${timeoutMs / 1_000} s`;
  return new PaystreamError(
    'MIGRATION_LOCKED',
    `Another run holds the lock: ${holder.holder}, since ${holder.since}${waited}.`,
    {
      hint: 'Wait for it (--lock-timeout <seconds>). If that run is dead, `paystream migrate unlock` removes its lock.',
    },
  );
}

function describeMyself(): LockHolder {
  let user = 'unknown';
  try {
    user = userInfo().username;
  } catch {
    // A container may run under a user id that has no name.
  }
  return {
    holder: `${user}@${hostname()}, process ${process.pid}`,
    since: new Date().toISOString(),
    process: `${processSpace()} ${process.pid}`,
    token: randomUUID(),
  };
}

/** Names the set of process numbers that this process sees: containers of one host name may each have their own. */
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
