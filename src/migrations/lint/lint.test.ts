import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { lintFiles, lintFolder } from './lint.js';

const codesAt = (sql: string, variables = {}) =>
  lintFiles([{ path: 'V000001__x.sql', sql }], { variables }).map(({ code, line }) => `${code}:${line}`);

const EARLIEST = "SET 'auto.offset.reset' = 'earliest';\n";
const ORDERS =
  "CREATE STREAM ORDERS (ID STRING KEY, V BIGINT) WITH (KAFKA_TOPIC='o', PARTITIONS=2, VALUE_FORMAT='JSON');\n";

describe('lint of a text', () => {
  it.each([
    ['SELECT *', `CREATE STREAM S AS\n  SELECT *\n  FROM ORDERS EMIT CHANGES;\n`, ['PL101:2']],
    ['no QUERY_ID', 'INSERT INTO S SELECT ID FROM ORDERS;\n', ['PL102:1']],
    ['a QUERY_ID', "INSERT INTO S WITH (QUERY_ID='Q') SELECT ID FROM ORDERS;\n", []],
    ['no earliest', 'CREATE TABLE T AS SELECT ID, COUNT(*) AS N FROM ORDERS GROUP BY ID;\n', ['PL103:1']],
    ['earliest', `${EARLIEST}CREATE TABLE T AS SELECT ID, COUNT(*) AS N FROM ORDERS GROUP BY ID;\n`, []],
    [
      'earliest taken back',
      `${EARLIEST}UNSET 'auto.offset.reset';\nCREATE TABLE T AS SELECT ID, COUNT(*) AS N FROM ORDERS GROUP BY ID;\n`,
      ['PL103:3'],
    ],
    [
      'a window without retention and grace',
      `${EARLIEST}CREATE TABLE T AS SELECT ID, COUNT(*) AS N FROM ORDERS WINDOW TUMBLING (SIZE 1 HOUR) GROUP BY ID;\n`,
      ['PL104:2', 'PL107:2'],
    ],
    [
      'partitions apart',
      `${ORDERS}CREATE STREAM B (ID STRING KEY) WITH (KAFKA_TOPIC='b', PARTITIONS=3, VALUE_FORMAT='JSON');
CREATE STREAM J AS SELECT O.ID FROM ORDERS O JOIN B WITHIN 1 HOUR GRACE PERIOD 1 HOUR ON O.ID = B.ID;\n`,
      ['PL105:3'],
    ],
    [
      'not upgradable',
      `${EARLIEST}CREATE OR REPLACE TABLE T AS SELECT ID, COUNT(*) AS N FROM ORDERS GROUP BY ID;\n`,
      ['PL106:2'],
    ],
    ['DELETE TOPIC', 'DROP STREAM S DELETE TOPIC;\n', ['PL108:1']],
    ['default format', "CREATE STREAM S (A STRING) WITH (KAFKA_TOPIC='s');\n", ['PL109:1']],
    [
      'money as DOUBLE',
      "CREATE STREAM S (A STRING,\n  totalAmount DOUBLE) WITH (KAFKA_TOPIC='s', VALUE_FORMAT='JSON');\n",
      ['PL110:2'],
    ],
    ['INSERT VALUES', 'INSERT INTO S (A) VALUES (1);\n', ['PL111:1']],
    ['a statement that changes nothing', 'SHOW STREAMS;\n', ['PL020:1']],
    ['an undefined variable', 'CREATE TYPE T AS STRUCT<A STRING>;\nDROP STREAM S_${x};\n', ['PL010:2']],
    ['an undefined variable in a text', "SET 'a' = '${x}';\n", ['PL021:1']],
    ['a syntax error', `${ORDERS}\nCREATE STREM X;\n`, ['PL010:3']],
    ['a final comment', `${ORDERS}-- done`, ['PL011:2']],
    ['no semicolon', 'DROP STREAM S\n', ['PL014:1']],
    ['a quoted semicolon', 'CREATE STREAM S AS SELECT ID AS `a;b` FROM O EMIT CHANGES;\n', ['PL016:1']],
    ['CRLF', 'DROP STREAM S;\r\n', ['PL013:1']],
    ['nothing at all', '-- nothing\n', ['PL015:1']],
  ])('%s', (_name, sql, expected) => {
    expect(codesAt(sql)).toEqual(expected);
  });

  it('knows variables', () => {
    expect(codesAt("SET 'a' = '${x}';\n", { x: '1' })).toEqual([]);
    expect(codesAt("DEFINE x = '1';\nSET 'a' = '${x}';\n")).toEqual([]);
  });

  it('is switched off for a file or a statement', () => {
    const two = 'INSERT INTO S SELECT ID FROM O;\n';
    expect(codesAt(`-- paystream-lint-disable PL102\n${two}${two}`)).toEqual([]);
    expect(codesAt(`-- paystream-lint-disable-next-statement PL102, PL101\n\n-- why\n${two}${two}`)).toEqual([
      'PL102:5',
    ]);
  });

  it('names what to write instead', () => {
    for (const { instead } of lintFiles([
      { path: 'V000001__x.sql', sql: 'INSERT INTO S SELECT * FROM O;' },
    ])) {
      expect(instead.length).toBeGreaterThan(3);
    }
  });
});

describe('lint of a folder', () => {
  it('finds duplicated, missing and misnamed versions and orphaned undo files', () => {
    const folder = mkdtempSync(join(tmpdir(), 'paystream-lint-'));
    for (const name of [
      'V000001__a.sql',
      'V000001__b.sql',
      'V000004__c.sql',
      'V5__d.sql',
      'V000000__e.sql',
      'U000001__a.sql',
      'U000009__z.sql',
    ]) {
      writeFileSync(join(folder, name), ORDERS);
    }
    const found = lintFolder(folder).map(
      ({ code, path, severity }) => `${severity} ${code} ${path.slice(-15)}`,
    );
    expect(found.sort()).toEqual([
      'error PL001 /V000000__e.sql',
      'error PL002 /V000001__b.sql',
      'warning PL001 /V5__d.sql'.replace('/V5__d.sql', `${folder.slice(-5)}/V5__d.sql`.slice(-15)),
      'warning PL003 /V000004__c.sql',
      'warning PL004 /U000009__z.sql',
    ]);
  });

  it("finds nothing in the pipeline's own migrations", () => {
    const own = resolve(import.meta.dirname, '../../../ksql/migrations');
    expect(readFileSync(join(own, 'V000001__payment_output.sql'), 'utf8')).not.toBe('');
    expect(lintFolder(own)).toEqual([]);
  });
});
