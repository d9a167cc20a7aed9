import { describe, expect, test } from 'vitest';
import { PlannerUnderTest } from './planner.test-util.js';
import { specifyRefusals } from './refusals.test-util.js';

/** What CREATE OR REPLACE may change: KLIP-28, klip-28-create-or-replace.md in ksqlDB's design proposals. */
const source =
  "CREATE STREAM S (ID STRING KEY, G STRING, N INT) WITH (KAFKA_TOPIC='s', VALUE_FORMAT='JSON', PARTITIONS=1);";

describe('CREATE OR REPLACE that is accepted', () => {
  test.each([
    [
      'adds a column to a source',
      '',
      "CREATE OR REPLACE STREAM S (ID STRING KEY, G STRING, N INT, X INT) WITH (KAFKA_TOPIC='s', VALUE_FORMAT='JSON');",
    ],
    [
      'adds a filter',
      'CREATE STREAM O AS SELECT * FROM S;',
      'CREATE OR REPLACE STREAM O AS SELECT * FROM S WHERE N > 1;',
    ],
    [
      'changes a filter',
      'CREATE STREAM O AS SELECT * FROM S WHERE N > 1;',
      'CREATE OR REPLACE STREAM O AS SELECT * FROM S WHERE N > 2;',
    ],
    [
      'removes a filter',
      'CREATE STREAM O AS SELECT * FROM S WHERE N > 1;',
      'CREATE OR REPLACE STREAM O AS SELECT * FROM S;',
    ],
    [
      'adds a column at the end',
      'CREATE STREAM O AS SELECT ID, G FROM S;',
      'CREATE OR REPLACE STREAM O AS SELECT ID, G, N FROM S;',
    ],
    [
      'changes how a column is computed',
      'CREATE STREAM O AS SELECT ID, N + 1 AS M FROM S;',
      'CREATE OR REPLACE STREAM O AS SELECT ID, N + 2 AS M FROM S;',
    ],
  ])('%s', (_rule, before, replacement) => {
    const planner = new PlannerUnderTest();
    planner.run(source + before);
    expect(() => planner.run(replacement)).not.toThrow();
  });

  test('keeps the id of the query, and says that it replaces it', () => {
    const planner = new PlannerUnderTest();
    planner.run(`${source} CREATE STREAM O AS SELECT * FROM S;`);
    const { id, replaces } = planner.query('CREATE OR REPLACE STREAM O AS SELECT * FROM S WHERE N > 1;');
    expect({ id, replaces }).toEqual({ id: 'CSAS_O_0', replaces: true });
  });
});

specifyRefusals('CREATE OR REPLACE that is refused', source, [
  [
    'a column is not removed',
    "CREATE OR REPLACE STREAM S (ID STRING KEY, G STRING) WITH (KAFKA_TOPIC='s', VALUE_FORMAT='JSON');",
    'The following columns are changed, missing or reordered: [`N` INTEGER]',
  ],
  [
    'a column does not change its type',
    "CREATE OR REPLACE STREAM S (ID STRING KEY, G STRING, N BIGINT) WITH (KAFKA_TOPIC='s', VALUE_FORMAT='JSON');",
    'The following columns are changed, missing or reordered: [`N` INTEGER]',
  ],
  [
    'columns keep their order',
    "CREATE OR REPLACE STREAM S (ID STRING KEY, N INT, G STRING) WITH (KAFKA_TOPIC='s', VALUE_FORMAT='JSON');",
    'The following columns are changed, missing or reordered: [`G` STRING, `N` INTEGER]',
  ],
  [
    'the key stays',
    "CREATE OR REPLACE STREAM S (ID INT KEY, G STRING, N INT) WITH (KAFKA_TOPIC='s', VALUE_FORMAT='JSON');",
    'Key columns must be identical. The following key columns are changed, missing or reordered: [`ID` STRING KEY]',
  ],
  [
    'the topic stays',
    "CREATE OR REPLACE STREAM S (ID STRING KEY, G STRING, N INT) WITH (KAFKA_TOPIC='z', VALUE_FORMAT='JSON', PARTITIONS=1);",
    "has topic = KsqlTopic{kafkaTopicName='s', keyFormat=KAFKA, valueFormat=JSON} which is not upgradeable to KsqlTopic{kafkaTopicName='z'",
  ],
  [
    'a stream stays a stream',
    "CREATE OR REPLACE TABLE S (ID STRING PRIMARY KEY, G STRING, N INT) WITH (KAFKA_TOPIC='s', VALUE_FORMAT='JSON');",
    'has type = KSTREAM which is not upgradeable to KTABLE',
  ],
  [
    'GROUP BY stays',
    'CREATE TABLE O AS SELECT G, COUNT(*) AS C FROM S GROUP BY G; CREATE OR REPLACE TABLE O AS SELECT UCASE(G) AS G, COUNT(*) AS C FROM S GROUP BY UCASE(G);',
    'Plan step of type StreamGroupBy must have matching groupByExpressions. Values differ: [G] vs. [UCASE(G)]',
  ],
  [
    'aggregate functions stay',
    'CREATE TABLE O AS SELECT G, SUM(N) AS C FROM S GROUP BY G; CREATE OR REPLACE TABLE O AS SELECT G, MAX(N) AS C FROM S GROUP BY G;',
    'must have matching aggregate functions. Values differ: [SUM(N)] vs. [MAX(N)]',
  ],
  [
    'a windowed aggregation is not replaced',
    'CREATE TABLE O AS SELECT G, COUNT(*) AS C FROM S WINDOW TUMBLING (SIZE 1 HOUR) GROUP BY G; CREATE OR REPLACE TABLE O AS SELECT G, COUNT(*) AS C FROM S WINDOW TUMBLING (SIZE 1 HOUR) WHERE N > 1 GROUP BY G;',
    'Upgrades not yet supported for StreamWindowedAggregate',
  ],
  [
    'the source of a query stays',
    "CREATE STREAM S2 (ID STRING KEY, G STRING, N INT) WITH (KAFKA_TOPIC='s2', VALUE_FORMAT='JSON', PARTITIONS=1); CREATE STREAM O AS SELECT * FROM S; CREATE OR REPLACE STREAM O AS SELECT * FROM S2;",
    'Plan step of type StreamSource must have matching topicName. Values differ: s vs. s2',
  ],
  [
    'a sink with several writers is not replaced',
    'CREATE STREAM O AS SELECT * FROM S; INSERT INTO O SELECT * FROM S; CREATE OR REPLACE STREAM O AS SELECT * FROM S WHERE N > 1;',
    'REPLACE for sink `O` is not supported because there are multiple queries writing into it: [CSAS_O_0, INSERTQUERY_1]',
  ],
  [
    'a query does not read its own sink',
    'CREATE STREAM O AS SELECT * FROM S; CREATE OR REPLACE STREAM O AS SELECT * FROM O;',
    'matching topicName. Values differ: s vs. O',
  ],
]);
