import { describe, expect, test } from 'vitest';
import { parseStatement } from '../../../sql/parse.js';
import { specifyRefusals } from '../plan/refusals.test-util.js';
import { SourceProperties } from './with-properties.js';

function propertiesOf(clause: string): SourceProperties {
  const statement = parseStatement(`CREATE STREAM S (ID STRING KEY) WITH (KAFKA_TOPIC='s', ${clause});`);
  if (statement.kind !== 'CreateSource') throw new Error('Not a CREATE STREAM');
  return new SourceProperties(statement.with, false);
}

describe('WITH properties', () => {
  test('FORMAT sets both formats; names are case-insensitive', () => {
    const properties = propertiesOf("format='json'");
    expect([properties.keyFormat, properties.valueFormat]).toEqual(['JSON', 'JSON']);
  });
  test('numbers may be written as text', () => {
    expect(propertiesOf("VALUE_FORMAT='JSON', PARTITIONS='4'").partitions).toBe(4);
  });
  test('TIMESTAMP is upper-cased unless it is quoted', () => {
    expect(propertiesOf("VALUE_FORMAT='JSON', TIMESTAMP='ts'").timestampColumn).toBe('TS');
    expect(propertiesOf("VALUE_FORMAT='JSON', TIMESTAMP='`ts`'").timestampColumn).toBe('ts');
  });
  test('WINDOW_SIZE is a duration', () => {
    expect(
      propertiesOf("VALUE_FORMAT='JSON', WINDOW_TYPE='hopping', WINDOW_SIZE='10 SECONDS'").window,
    ).toEqual({
      type: 'HOPPING',
      sizeMs: 10_000,
    });
  });
});

const stream = (columns: string, clause: string): string => `CREATE STREAM S (${columns}) WITH (${clause});`;
const id = 'ID STRING KEY, N INT, B BOOLEAN';
const valid = "KAFKA_TOPIC='s', VALUE_FORMAT='JSON', PARTITIONS=1";

specifyRefusals('WITH clauses that are refused', '', [
  [
    'KAFKA_TOPIC is required',
    stream(id, "VALUE_FORMAT='JSON'"),
    'Missing required property "KAFKA_TOPIC" which has no default value.',
  ],
  [
    'KAFKA_TOPIC is not empty',
    stream(id, "KAFKA_TOPIC='', VALUE_FORMAT='JSON'"),
    'Invalid value  for property KAFKA_TOPIC: String must be non-empty',
  ],
  [
    'VALUE_FORMAT is required',
    stream(id, "KAFKA_TOPIC='s', PARTITIONS=1"),
    "Statement is missing the 'VALUE_FORMAT' property from the WITH clause.",
  ],
  [
    'unknown properties are named',
    stream(id, `${valid}, SPEED=9, X='y'`),
    'Invalid config variable(s) in the WITH clause: SPEED,X',
  ],
  [
    'FORMAT excludes VALUE_FORMAT',
    stream(id, `${valid}, FORMAT='JSON'`),
    "Cannot supply both 'VALUE_FORMAT' and 'FORMAT' properties",
  ],
  [
    'PARTITIONS is a number',
    stream(id, "KAFKA_TOPIC='s', VALUE_FORMAT='JSON', PARTITIONS='x'"),
    'Invalid value x for property PARTITIONS: Not a number of type INT',
  ],
  [
    'PARTITIONS is at least 1',
    stream(id, "KAFKA_TOPIC='s', VALUE_FORMAT='JSON', PARTITIONS=0"),
    'Invalid number of partitions: 0',
  ],
  [
    'CLEANUP_POLICY is not set by users',
    stream(id, `${valid}, CLEANUP_POLICY='compact'`),
    'Invalid config variable in the WITH clause: CLEANUP_POLICY.',
  ],
  [
    'WINDOW_TYPE is one of three',
    stream(id, `${valid}, WINDOW_TYPE='x'`),
    'Invalid value x for property WINDOW_TYPE: String must be one of: SESSION, HOPPING, TUMBLING, null',
  ],
  [
    'HOPPING and TUMBLING need WINDOW_SIZE',
    stream(id, `${valid}, WINDOW_TYPE='TUMBLING'`),
    "TUMBLING windows require 'WINDOW_SIZE' to be provided in the WITH clause.",
  ],
  [
    'SESSION has no WINDOW_SIZE',
    stream(id, `${valid}, WINDOW_TYPE='SESSION', WINDOW_SIZE='1 HOUR'`),
    "'WINDOW_SIZE' should not be set for SESSION windows.",
  ],
  [
    'a windowed source has a key',
    stream('N INT', `${valid}, WINDOW_TYPE='SESSION'`),
    'Windowed sources require a key column.',
  ],
  [
    'TIMESTAMP is a number, a timestamp or a text with a format',
    stream(id, `${valid}, TIMESTAMP='B'`),
    'Timestamp column, `B`, should be LONG(INT64), TIMESTAMP, or a String with a timestamp_format specified.',
  ],
  [
    'TIMESTAMP_FORMAT is a pattern',
    stream(id, `${valid}, TIMESTAMP='ID', TIMESTAMP_FORMAT='bb'`),
    'Invalid datetime format for config:TIMESTAMP_FORMAT, reason:',
  ],
  [
    'a topic that does not exist needs PARTITIONS',
    stream(id, "KAFKA_TOPIC='s', VALUE_FORMAT='JSON'"),
    "Topic 's' does not exist.",
  ],
]);

specifyRefusals('columns that are refused', '', [
  [
    'a stream has KEY columns',
    stream('ID STRING PRIMARY KEY, N INT', valid),
    "Column `ID` is a 'PRIMARY KEY' column: please use 'KEY' for streams.",
  ],
  [
    'a table has PRIMARY KEY columns',
    `CREATE TABLE S (ID STRING KEY, N INT) WITH (${valid});`,
    "Column `ID` is a 'KEY' column: please use 'PRIMARY KEY' for tables.",
  ],
  [
    'a table has a primary key',
    `CREATE TABLE S (N INT) WITH (${valid});`,
    'Tables require a PRIMARY KEY. Please define the PRIMARY KEY.',
  ],
  ['a column name is used once', stream('ID STRING KEY, N INT, N INT', valid), 'Duplicate column names: `N`'],
  [
    'system columns are reserved',
    stream('ID STRING KEY, ROWTIME BIGINT', valid),
    "'ROWTIME' is a reserved column name. You cannot use it as a name for a column.",
  ],
  [
    'a HEADERS column has one type',
    stream('ID STRING KEY, H STRING HEADERS', valid),
    'Invalid type for HEADERS column: expected ARRAY<STRUCT<`KEY` STRING, `VALUE` BYTES>>, got STRING',
  ],
  [
    'a HEADER column is BYTES',
    stream("ID STRING KEY, H STRING HEADER('h')", valid),
    "Invalid type for HEADER('h') column: expected BYTES, got STRING",
  ],
  [
    'a name is taken once',
    `${stream(id, valid)} ${stream(id, valid)}`,
    "Cannot add stream 'S': A stream with the same name already exists",
  ],
]);
