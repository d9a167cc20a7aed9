import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, copyFileSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { startPostgresServer } from '../../sink/support/postgres-server.js';
import type { Certificate, Certificates } from './certificates.js';

export const STORE_PASSWORD = 'st0re-pa55word';

export interface SecuredPostgres {
  /** A folder for a test's own files. */
  readonly folder: string;
  /** From now on it shows this certificate. */
  serveWith(certificate: Certificate): Promise<void>;
  /** alice logs in with her password, bob with his and a certificate, both over TLS alone. */
  url(user: 'alice' | 'bob', password?: string): string;
  stop(): Promise<void>;
}

/** A PostgreSQL that wants TLS, passwords by SCRAM, and of bob a certificate. */
export async function startSecuredPostgres(certificates: Certificates): Promise<SecuredPostgres> {
  const folder = mkdtempSync(join(tmpdir(), 'paystream-store-tls-'));
  chmodSync(folder, 0o755);
  const hba = join(folder, 'pg_hba.conf');
  writeFileSync(
    hba,
    'hostssl all alice 127.0.0.1/32 scram-sha-256\nhostssl all bob 127.0.0.1/32 scram-sha-256 clientcert=verify-ca\nhost all postgres 127.0.0.1/32 trust\n',
  );
  copyFileSync(certificates.caFile, join(folder, 'ca.crt'));
  const postgres = await startPostgresServer([
    `hba_file = '${hba}'`,
    `ssl_ca_file = '${join(folder, 'ca.crt')}'`,
  ]);
  const { port } = new URL(postgres.url);
  const admin = new pg.Client({ connectionString: postgres.url });
  await admin.connect();
  for (const role of ['alice', 'bob']) {
    await admin.query(
      `CREATE ROLE ${role} LOGIN PASSWORD '${STORE_PASSWORD}'; GRANT ALL ON SCHEMA public TO ${role}`,
    );
  }

  /** PostgreSQL takes a key only of its own user, whom the data folder belongs to. */
  async function serveWith({ cert, key }: Certificate): Promise<void> {
    const { rows } = await admin.query<{ data_directory: string }>('SHOW data_directory');
    const { uid, gid } = statSync(rows[0]!.data_directory);
    const [certFile, keyFile] = [join(folder, 'server.crt'), join(folder, 'server.key')];
    rmSync(keyFile, { force: true });
    writeFileSync(certFile, cert);
    writeFileSync(keyFile, key, { mode: 0o600 });
    chownSync(keyFile, uid, gid);
    await admin.query(`ALTER SYSTEM SET ssl_cert_file = '${certFile}'`);
    await admin.query(`ALTER SYSTEM SET ssl_key_file = '${keyFile}'`);
    await admin.query('ALTER SYSTEM SET ssl = on');
    await admin.query('SELECT pg_reload_conf()');
    // The postmaster reads its settings a moment later; a connection then shows the certificate.
    const wanted = cert.trim();
    for (let tries = 0; tries < 200; tries++) {
      const shown = spawnSync(
        'openssl',
        ['s_client', '-starttls', 'postgres', '-connect', `127.0.0.1:${port}`],
        { input: '' },
      );
      if (shown.stdout.toString().includes(wanted)) return;
      await new Promise((next) => setTimeout(next, 25));
    }
    throw new Error('PostgreSQL does not show the certificate');
  }

  return {
    folder,
    serveWith,
    url: (user, password = STORE_PASSWORD) => `postgres://${user}:${password}@127.0.0.1:${port}/postgres`,
    async stop() {
      await admin.end();
      await postgres.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
