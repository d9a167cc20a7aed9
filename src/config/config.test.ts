import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadConfig } from './config.js';

function fileWith(text: string): string {
  const dir = mkdtempSync(join(tmpdir(), 'paystream-config-'));
  writeFileSync(join(dir, 'secret'), 's3cret\n');
  const path = join(dir, 'paystream.yaml');
  writeFileSync(path, text);
  return path;
}

describe('loadConfig', () => {
  it('prefers flags over the environment, the environment over the file, the file over the defaults', async () => {
    const config = fileWith('ksqldb:\n  url: http://file:1\nkafka:\n  brokers: [a:1, b:2]\n');
    const env = { PAYSTREAM_KSQLDB_URL: 'env:2' };
    expect((await loadConfig({ config, ksqldbUrl: 'http://flag:3' }, env)).ksqldb.url).toBe('http://flag:3');
    expect((await loadConfig({ config }, env)).ksqldb.url).toBe('http://env:2');
    const fromFile = await loadConfig({ config }, {});
    expect(fromFile.ksqldb.url).toBe('http://file:1');
    expect(fromFile.kafka.brokers).toEqual(['a:1', 'b:2']);
    expect(fromFile.store.url).toBe('postgres://postgres@127.0.0.1:5433/postgres');
  });

  it('reads secrets from files and the environment', async () => {
    const config = fileWith(
      'ksqldb:\n  username: ops\n  passwordFile: secret\nstore:\n  url: postgres://u:${PW}@h/db\n',
    );
    const loaded = await loadConfig({ config }, { PW: 'x' });
    expect(loaded.ksqldb).toMatchObject({ username: 'ops', password: 's3cret' });
    expect(loaded.store.url).toBe('postgres://u:x@h/db');
  });

  it.each([
    ['ksqldb:\n  url: http://a\n  pasword: x\n', 'ksqldb.pasword: unknown key', 3],
    ['kafka:\n\n  sasl:\n    mechanism: magic\n', 'kafka.sasl.mechanism', 4],
    ['store:\n  url: ${NOPE}\n', 'the environment variable NOPE is not set', 2],
    [
      'kafka:\n  sasl:\n    mechanism: oauthbearer\n    oauth: { tokenEndpoint: x, clientId: y }\n',
      'set clientSecretFile',
      4,
    ],
    ['ksqldb: [', 'Flow sequence', 1],
    ['ksqldb:\n  passwordFile: absent\n', 'ksqldb.passwordFile: the file cannot be read (ENOENT)', 2],
  ])('reports the key and the line: %j', async (text, message, line) => {
    const config = fileWith(text);
    await expect(loadConfig({ config }, {})).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining(message),
      where: `${config}:${line}`,
    });
  });
});
