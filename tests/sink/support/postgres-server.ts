import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  chownSync,
  existsSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { freePort } from '../../support/free-port.js';

const DEBIAN = '/usr/lib/postgresql';

/** The folder of a PostgreSQL's programs: PAYSTREAM_TEST_POSTGRES_BIN, else the newest one that Debian installed. */
function findPrograms(): string | undefined {
  const versions = existsSync(DEBIAN) ? readdirSync(DEBIAN).sort((a, b) => Number(b) - Number(a)) : [];
  return [
    process.env.PAYSTREAM_TEST_POSTGRES_BIN,
    ...versions.map((version) => join(DEBIAN, version, 'bin')),
    '/usr/local/pgsql/bin',
    '/opt/homebrew/bin',
  ].find((folder) => folder !== undefined && existsSync(join(folder, 'initdb')));
}

const programs = findPrograms();

/** False where no PostgreSQL is installed; tests that need to kill one skip then. */
export const canRunPostgres = programs !== undefined;

/** PostgreSQL refuses to run as root: there it gets the user that its package made, or nobody. */
function userToRunAs(): { readonly uid: number; readonly gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  for (const name of ['postgres', 'nobody']) {
    const line = readFileSync('/etc/passwd', 'utf8')
      .split('\n')
      .find((entry) => entry.startsWith(`${name}:`));
    const [, , uid, gid] = line?.split(':') ?? [];
    if (uid !== undefined && gid !== undefined) return { uid: Number(uid), gid: Number(gid) };
  }
  throw new Error('PostgreSQL does not run as root, and there is no other user to run it as');
}

export interface PostgresServer {
  readonly url: string;
  /** All that the server has logged. */
  log(): string;
  /** kill -9 of the whole server, and a new one on its data. */
  killAndRestart(): Promise<void>;
  /** kill -9 of one session; the server then ends all others and recovers, as after a crash. */
  killSession(choose: (count: number) => number): Promise<void>;
  stop(): Promise<void>;
}

/**
 * A PostgreSQL of the test's own, in a temporary folder, to be killed. It ends with this process, however that ends.
 *
 * @param settings lines of postgresql.conf
 * @param from the folder of the programs
 */
export async function startPostgresServer(
  settings: readonly string[] = [],
  from = programs,
): Promise<PostgresServer> {
  if (from === undefined) throw new Error('no PostgreSQL is installed here');
  const program = (name: string) => join(from, name);
  const user = userToRunAs();
  const folder = mkdtempSync(join(tmpdir(), 'paystream-postgres-'));
  if (user !== undefined) chownSync(folder, user.uid, user.gid);
  const [data, logFile] = [join(folder, 'data'), join(folder, 'log')];
  const options = { cwd: folder, ...user };
  execFileSync(
    program('initdb'),
    ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--no-locale', '--no-sync'],
    { ...options, stdio: ['ignore', 'ignore', 'pipe'] },
  );
  const port = await freePort();
  appendFileSync(
    join(data, 'postgresql.conf'),
    [
      "listen_addresses = '127.0.0.1'",
      `port = ${port}`,
      "unix_socket_directories = ''",
      'max_connections = 300',
      'shared_buffers = 32MB',
      // What a process wrote outlives its kill -9; only the machine's own end would ask for more.
      'fsync = off',
      ...settings,
      '',
    ].join('\n'),
  );
  const logTo = openSync(logFile, 'a');
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`;
  let server: ChildProcess;
  let watcher: ChildProcess;

  async function run(): Promise<void> {
    for (;;) {
      server = spawn(program('postgres'), ['-D', data], {
        ...options,
        stdio: ['ignore', logTo, logTo],
      });
      const ended = once(server, 'exit');
      // Its end of the pipe closes with this process: the only sign of a parent's end that PostgreSQL can be given.
      watcher = spawn('sh', ['-c', `read line; kill -QUIT ${server.pid}`], {
        stdio: ['pipe', 'ignore', 'ignore'],
        detached: true,
      });
      const up = (async () => {
        for (;;) {
          if (await answers()) return true;
          await new Promise((resolve) => setTimeout(resolve, 20));
          if (server.exitCode !== null || server.signalCode !== null) return false;
        }
      })();
      if (await Promise.race([up, ended.then(() => false)])) return;
      // The sessions of the one that was killed may still hold its memory.
      watcher.kill('SIGKILL');
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  async function answers(): Promise<boolean> {
    const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 1_000 });
    client.on('error', () => {});
    try {
      await client.connect();
      return true;
    } catch {
      return false;
    } finally {
      await client.end().catch(() => {});
    }
  }

  async function end(signal: NodeJS.Signals): Promise<void> {
    watcher.kill('SIGKILL');
    if (server.exitCode !== null || server.signalCode !== null) return;
    const exited = once(server, 'exit');
    server.kill(signal);
    await exited;
  }

  await run();
  return {
    url,
    log: () => readFileSync(logFile, 'utf8'),
    async killAndRestart() {
      await end('SIGKILL');
      await run();
    },
    async killSession(choose) {
      const client = new pg.Client({ connectionString: url });
      client.on('error', () => {});
      await client.connect();
      const { rows } = await client.query<{ pid: number }>(
        "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()",
      );
      const victim = rows[choose(rows.length)];
      if (victim !== undefined) {
        try {
          process.kill(victim.pid, 'SIGKILL');
        } catch {
          // It has left by itself, or is another user's where this one is not root.
        }
      }
      await client.end().catch(() => {});
      while (!(await answers())) await new Promise((resolve) => setTimeout(resolve, 20));
    },
    async stop() {
      await end('SIGQUIT');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
