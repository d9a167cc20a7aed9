import type { PGlite } from '@electric-sql/pglite';
import { PaystreamError } from '../../errors/paystream-error.js';
import { Mutex } from './mutex.js';
import { preparePgliteFolder } from './pglite-folder.js';

/** PostgreSQL in this process: a single session that speaks PostgreSQL's wire protocol in memory. */
export interface PgliteEngine {
  /** Held by the connection whose statement or transaction is running. */
  readonly session: Mutex;
  /** Sends one frontend message and returns the backend's messages. The caller must hold `session`. */
  exec(message: Uint8Array): Uint8Array;
  inTransaction(): boolean;
  close(): Promise<void>;
}

// By default PGlite takes 128 MB of shared buffers, far more than a development store needs.
const settings = [
  'shared_buffers=16MB',
  'wal_buffers=1MB',
  'jit=off',
  'max_wal_size=64MB',
  'min_wal_size=32MB',
];

/**
 * Starts PGlite on a folder (`null`: a temporary one).
 *
 * @throws STORE_FOLDER_IN_USE, STORE_FOLDER_FOREIGN, STORE_START_FAILED
 */
export async function startPgliteEngine(dataDir: string | null): Promise<PgliteEngine> {
  const folder = await preparePgliteFolder(dataDir);
  let db: PGlite;
  try {
    const { PGlite } = await import('@electric-sql/pglite');
    db = await PGlite.create({
      dataDir: folder.path,
      startParams: [...PGlite.defaultStartParams, ...settings.flatMap((setting) => ['-c', setting])],
    });
  } catch (error) {
    folder.release();
    throw new PaystreamError('STORE_START_FAILED', 'The embedded store did not start.', {
      where: folder.path,
      hint: 'The folder may be damaged or from another version. Move it away and start again.',
      cause: error,
    });
  }
  const session = new Mutex();
  let closing: Promise<void> | undefined;
  return {
    session,
    exec: (message) => db.execProtocolRawSync(message),
    inTransaction: () => db.isInTransaction(),
    close() {
      closing ??= (async () => {
        const release = await session.acquire();
        try {
          await db.close();
        } finally {
          folder.release();
          release();
        }
      })();
      return closing;
    },
  };
}
