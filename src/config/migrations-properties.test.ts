import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadConfig } from './config.js';
import { parseProperties } from './java-properties.js';

describe("Java's properties", () => {
  it('are parsed with every separator, comment, escape and continued line', () => {
    const text = [
      '# a comment',
      '! another',
      'a=1',
      'b : 2 ',
      'c 3',
      'd\\ e = x\\ty\\u00e9',
      'f = one, \\',
      '    two',
      'g=',
      'h=a=b:c',
    ].join('\r\n');
    expect([...parseProperties(text)]).toEqual([
      ['a', '1'],
      ['b', '2 '],
      ['c', '3'],
      ['d e', 'x\tyé'],
      ['f', 'one, two'],
      ['g', ''],
      ['h', 'a=b:c'],
    ]);
  });
});

describe('ksql-migrations.properties', () => {
  const load = (text: string) => {
    const path = join(mkdtempSync(join(tmpdir(), 'paystream-properties-')), 'ksql-migrations.properties');
    writeFileSync(path, text);
    return { path, config: loadConfig({ config: path }, {}) };
  };

  it('sets the server, credentials, folder and names of the history', async () => {
    const { path, config } = load(`ksql.server.url=https://ksql.internal:8088
ksql.auth.basic.username=ops
ksql.auth.basic.password=p=w
ksql.migrations.topic.replicas=3
ksql.migrations.stream.topic.name=events
ssl.truststore.location=/etc/ca.pem
ssl.verify.host=false
`);
    expect(await config).toMatchObject({
      ksqldb: {
        url: 'https://ksql.internal:8088',
        username: 'ops',
        password: 'p=w',
        tls: { ca: '/etc/ca.pem', verifyHost: false },
      },
      migrations: {
        directory: join(path, '..', 'migrations'),
        metadata: { replicas: 3, streamTopic: 'events' },
      },
    });
  });

  it('reports what is missing, and stores that only Java can read', async () => {
    await expect(load('ksql.migrations.topic.replicas=1').config).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining('ksql.server.url'),
    });
    await expect(load('ksql.server.url=http://x\nssl.keystore.location=k.jks').config).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      hint: expect.stringContaining('PKCS12'),
    });
  });
});
