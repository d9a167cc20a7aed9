import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, copyFileSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { canRunPostgres, type PostgresServer, startPostgresServer } from '../sink/support/postgres-server.js';
import { type Certificate, type Certificates, makeCertificates } from './support/certificates.js';
import { configIn, startPaystream } from './support/paystream-process.js';

const PASSWORD = 'st0re-pa55word';
const here = canRunPostgres && spawnSync('openssl', ['version']).status === 0;

describe.skipIf(!here)('the store over TLS', () => {
  let certificates: Certificates;
  let postgres: PostgresServer;
  let folder: string;
  let admin: pg.Client;
  let port: string;

  beforeAll(async () => {
    certificates = makeCertificates();
    folder = mkdtempSync(join(tmpdir(), 'paystream-store-tls-'));
    chmodSync(folder, 0o755);
    const hba = join(folder, 'pg_hba.conf');
    writeFileSync(
      hba,
      'hostssl all alice 127.0.0.1/32 scram-sha-256\nhostssl all bob 127.0.0.1/32 scram-sha-256 clientcert=verify-ca\nhost all postgres 127.0.0.1/32 trust\n',
    );
    copyFileSync(certificates.caFile, join(folder, 'ca.crt'));
    postgres = await startPostgresServer([
      `hba_file = '${hba}'`,
      `ssl_ca_file = '${join(folder, 'ca.crt')}'`,
    ]);
    port = new URL(postgres.url).port;
    admin = new pg.Client({ connectionString: postgres.url });
    await admin.connect();
    for (const role of ['alice', 'bob']) {
      await admin.query(
        `CREATE ROLE ${role} LOGIN PASSWORD '${PASSWORD}'; GRANT ALL ON SCHEMA public TO ${role}`,
      );
    }
  });
  afterAll(async () => {
    await admin?.end();
    await postgres?.stop();
    certificates?.remove();
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  });

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

  async function migrate(user: string, tls: object, password = PASSWORD) {
    const urlFile = join(folder, 'url');
    writeFileSync(urlFile, `postgres://${user}:${password}@127.0.0.1:${port}/postgres\n`);
    const config = configIn(folder, { store: { urlFile, tls } });
    const ended = await startPaystream(['store', 'migrate', '--config', config]).refused();
    expect(ended.output).not.toContain(PASSWORD);
    return ended;
  }

  it('is reached with the right CA and password, and refuses a wrong one in words', async () => {
    await serveWith(certificates.server);
    const tls = { ca: certificates.caFile };
    const good = await migrate('alice', tls);
    expect(good.output).toContain('up to date');
    expect(good.code).toBe(0);
    const wrong = await migrate('alice', tls, 'wrong');
    expect(wrong.output).toContain('refused the credentials');
    expect(wrong.code).not.toBe(0);
    const other = await migrate('alice', { ca: certificates.otherCaFile });
    expect(other.output).toMatch(/error STORE_TLS: .*certificate/);
    expect(other.code).not.toBe(0);
  });

  it('wants the client certificate where the server does', async () => {
    await serveWith(certificates.server);
    const { caFile, client } = certificates;
    const good = await migrate('bob', { ca: caFile, cert: client.certFile, key: client.keyFile });
    // alice made the tables: the way in is what is tried here, not bob's rights.
    expect(good.output).not.toMatch(/certificate|credentials/);
    const bare = await migrate('bob', { ca: caFile });
    expect(bare.output).toContain('certificate');
    expect(bare.code).not.toBe(0);
  });

  it.each([
    ['expired', /error STORE_TLS: .*certificate has expired/],
    ['elsewhere', /error STORE_TLS: .*does not match certificate's altnames/],
  ] as const)('refuses a server whose certificate is %s', async (name, message) => {
    await serveWith(certificates[name]);
    const ended = await migrate('alice', { ca: certificates.caFile });
    expect(ended.output).toMatch(message);
    expect(ended.code).not.toBe(0);
  });
});
