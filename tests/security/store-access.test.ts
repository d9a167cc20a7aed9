import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { canRunPostgres } from '../sink/support/postgres-server.js';
import { type Certificates, makeCertificates } from './support/certificates.js';
import { configIn, startPaystream } from './support/paystream-process.js';
import { type SecuredPostgres, STORE_PASSWORD, startSecuredPostgres } from './support/secured-postgres.js';

const here = canRunPostgres && spawnSync('openssl', ['version']).status === 0;

describe.skipIf(!here)('the store over TLS', () => {
  let certificates: Certificates;
  let postgres: SecuredPostgres;

  beforeAll(async () => {
    certificates = makeCertificates();
    postgres = await startSecuredPostgres(certificates);
  });
  afterAll(async () => {
    await postgres?.stop();
    certificates?.remove();
  });

  async function migrate(user: 'alice' | 'bob', tls: object, password = STORE_PASSWORD) {
    const urlFile = join(postgres.folder, 'url');
    writeFileSync(urlFile, `${postgres.url(user, password)}\n`);
    const config = configIn(postgres.folder, { store: { urlFile, tls } });
    const ended = await startPaystream(['store', 'migrate', '--config', config]).refused();
    expect(ended.output).not.toContain(STORE_PASSWORD);
    return ended;
  }

  it('is reached with the right CA and password, and refuses a wrong one in words', async () => {
    await postgres.serveWith(certificates.server);
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
    await postgres.serveWith(certificates.server);
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
    await postgres.serveWith(certificates[name]);
    const ended = await migrate('alice', { ca: certificates.caFile });
    expect(ended.output).toMatch(message);
    expect(ended.code).not.toBe(0);
  });
});
