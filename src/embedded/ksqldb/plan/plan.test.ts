import { describe, expect, test } from 'vitest';
import { PlannerUnderTest } from './planner.test-util.js';
import { specifyRefusals } from './refusals.test-util.js';
import { inputsOf, type Step } from './step.js';

const sources = `
  CREATE STREAM S (ID STRING KEY, G STRING, N INT) WITH (KAFKA_TOPIC='s', VALUE_FORMAT='JSON', PARTITIONS=4);
  CREATE STREAM S2 (ID STRING KEY, H STRING) WITH (KAFKA_TOPIC='s2', VALUE_FORMAT='DELIMITED', PARTITIONS=4);
  CREATE STREAM NK (G STRING, N INT) WITH (KAFKA_TOPIC='nk', VALUE_FORMAT='JSON', PARTITIONS=4);
  CREATE STREAM JK (ID STRING KEY, H STRING) WITH (KAFKA_TOPIC='jk', FORMAT='JSON', PARTITIONS=4);
  CREATE TABLE T (ID STRING PRIMARY KEY, G STRING) WITH (KAFKA_TOPIC='t', VALUE_FORMAT='JSON', PARTITIONS=4);
  CREATE TABLE T2 (ID STRING PRIMARY KEY, H STRING) WITH (KAFKA_TOPIC='t2', VALUE_FORMAT='JSON', PARTITIONS=4);
  CREATE TABLE JT (ID STRING PRIMARY KEY, H STRING) WITH (KAFKA_TOPIC='jt', FORMAT='JSON', PARTITIONS=4);
  CREATE STREAM P2 (ID STRING KEY, H STRING) WITH (KAFKA_TOPIC='p2', VALUE_FORMAT='JSON', PARTITIONS=2);`;

function planner(): PlannerUnderTest {
  const under = new PlannerUnderTest();
  under.run(sources);
  return under;
}

/** `select(filter(source S))` */
function shapeOf(step: Step): string {
  if (step.kind === 'source') return step.alias;
  return `${step.kind}(${inputsOf(step).map(shapeOf).join(', ')})`;
}

describe('the steps of a query', () => {
  test.each([
    ['a projection', 'CREATE STREAM O AS SELECT ID, N FROM S;', 'select(S)'],
    [
      'WHERE comes before the projection',
      'CREATE STREAM O AS SELECT ID, N FROM S WHERE N > 1;',
      'select(filter(S))',
    ],
    [
      'PARTITION BY comes after WHERE',
      'CREATE STREAM O AS SELECT * FROM S WHERE N > 1 PARTITION BY G;',
      'select(partitionBy(filter(S)))',
    ],
    ['PARTITION BY the key does nothing', 'CREATE STREAM O AS SELECT * FROM S PARTITION BY ID;', 'select(S)'],
    [
      'PARTITION BY NULL drops the key',
      'CREATE STREAM O AS SELECT * FROM S PARTITION BY NULL;',
      'select(partitionBy(S))',
    ],
    [
      'table functions come before the projection',
      'CREATE STREAM O AS SELECT ID, EXPLODE(ARRAY[N]) AS E FROM S;',
      'select(flatMap(S))',
    ],
    [
      'an aggregation selects its arguments, groups and aggregates',
      'CREATE TABLE O AS SELECT G, SUM(N) AS T FROM S GROUP BY G;',
      'select(aggregate(groupBy(select(S))))',
    ],
    [
      'HAVING filters the aggregate',
      'CREATE TABLE O AS SELECT G, SUM(N) AS T FROM S GROUP BY G HAVING SUM(N) > 1;',
      'select(filter(aggregate(groupBy(select(S)))))',
    ],
    [
      'streams joined by their keys are not repartitioned',
      'CREATE STREAM O AS SELECT S.ID, H FROM S JOIN S2 WITHIN 1 HOUR ON S.ID = S2.ID;',
      'select(streamStreamJoin(select(S), select(S2)))',
    ],
    [
      'a stream joined by another column is repartitioned',
      'CREATE STREAM O AS SELECT G, H FROM S JOIN S2 WITHIN 1 HOUR ON G = S2.ID;',
      'select(streamStreamJoin(select(partitionBy(S)), select(S2)))',
    ],
    [
      'a stream without a key is repartitioned',
      'CREATE STREAM O AS SELECT NK.G, T.G FROM NK JOIN T ON NK.G = T.ID;',
      'select(streamTableJoin(select(partitionBy(NK)), select(T)))',
    ],
    [
      'the right side takes the key format of the left',
      'CREATE STREAM O AS SELECT S.ID, H FROM S JOIN JK WITHIN 1 HOUR ON S.ID = JK.ID;',
      'select(streamStreamJoin(select(S), partitionBy(select(JK))))',
    ],
    [
      'a table with another key format is rekeyed',
      'CREATE TABLE O AS SELECT T.ID, H FROM T JOIN JT ON T.ID = JT.ID;',
      'select(tableTableJoin(select(T), rekeyTable(select(JT))))',
    ],
    [
      'tables joined by their keys',
      'CREATE TABLE O AS SELECT T.ID, H FROM T JOIN T2 ON T.ID = T2.ID;',
      'select(tableTableJoin(select(T), select(T2)))',
    ],
    [
      'tables joined by another column of the left one',
      'CREATE TABLE O AS SELECT T.ID, H FROM T JOIN T2 ON T.G = T2.ID;',
      'select(foreignKeyJoin(select(T), select(T2)))',
    ],
  ])('%s', (_rule, sql, shape) => {
    expect(shapeOf(planner().query(sql).plan.root)).toBe(shape);
  });
});

describe('the sink of a query', () => {
  const sinkOf = (sql: string) => {
    const { sink } = planner().query(sql).plan;
    return {
      key: sink!.keyFormat.format,
      value: sink!.valueFormat.format,
      topic: sink!.topic,
      kind: sink!.kind,
    };
  };
  test.each([
    [
      'inherits the formats of its first source',
      'CREATE STREAM O AS SELECT * FROM JK;',
      { key: 'JSON', value: 'JSON', topic: 'O', kind: 'STREAM' },
    ],
    [
      'takes those of the WITH clause',
      "CREATE STREAM O WITH (KAFKA_TOPIC='o', KEY_FORMAT='JSON', VALUE_FORMAT='DELIMITED') AS SELECT * FROM S;",
      { key: 'JSON', value: 'DELIMITED', topic: 'o', kind: 'STREAM' },
    ],
    [
      'of an aggregation is a table',
      'CREATE TABLE O AS SELECT G, COUNT(*) AS C FROM S GROUP BY G;',
      { key: 'KAFKA', value: 'JSON', topic: 'O', kind: 'TABLE' },
    ],
    [
      'without a key has the key format NONE',
      'CREATE STREAM O AS SELECT * FROM S PARTITION BY NULL;',
      { key: 'NONE', value: 'JSON', topic: 'O', kind: 'STREAM' },
    ],
  ])('%s', (_rule, sql, sink) => {
    expect(sinkOf(sql)).toEqual(sink);
  });
});

describe('the topic of a sink', () => {
  const topicOf = (sql: string) => {
    const change = planner()
      .run(sql)
      .changes.find(({ kind }) => kind === 'putSource');
    if (change?.kind !== 'putSource' || change.topic === undefined) throw new Error('No topic');
    return { partitions: change.topic.partitions, configs: change.topic.configs };
  };
  const week = '604800000';
  test.each([
    [
      'of a stream has the partitions of its source and deletes old records',
      'CREATE STREAM O AS SELECT * FROM S;',
      { partitions: 4, configs: { 'cleanup.policy': 'delete', 'retention.ms': week } },
    ],
    [
      'of a table is compacted',
      'CREATE TABLE O AS SELECT * FROM T;',
      { partitions: 4, configs: { 'cleanup.policy': 'compact' } },
    ],
    [
      'of a windowed table is compacted and deletes old windows',
      'CREATE TABLE O AS SELECT G, COUNT(*) AS C FROM S WINDOW TUMBLING (SIZE 1 HOUR) GROUP BY G;',
      { partitions: 4, configs: { 'cleanup.policy': 'compact,delete', 'retention.ms': week } },
    ],
    [
      'of a windowed table keeps windows as long as RETENTION says',
      'CREATE TABLE O AS SELECT G, COUNT(*) AS C FROM S WINDOW TUMBLING (SIZE 1 HOUR, RETENTION 30 DAYS) GROUP BY G;',
      { partitions: 4, configs: { 'cleanup.policy': 'compact,delete', 'retention.ms': '2592000000' } },
    ],
    [
      'takes PARTITIONS and RETENTION_MS from the WITH clause',
      'CREATE STREAM O WITH (PARTITIONS=2, RETENTION_MS=1000) AS SELECT * FROM S;',
      { partitions: 2, configs: { 'cleanup.policy': 'delete', 'retention.ms': '1000' } },
    ],
  ])('%s', (_rule, sql, topic) => {
    expect(topicOf(sql)).toEqual(topic);
  });

  test('has the prefix that the server is configured with', () => {
    const under = new PlannerUnderTest({ config: { 'ksql.output.topic.name.prefix': 'app-' } });
    under.run(sources);
    expect(under.query('CREATE STREAM O AS SELECT * FROM S;').plan.sink?.topic).toBe('app-O');
  });
});

describe('query ids', () => {
  test('name the kind of statement, the sink and the number', () => {
    const under = planner();
    expect(under.query('CREATE STREAM A AS SELECT * FROM S;').id).toBe('CSAS_A_0');
    expect(under.query('CREATE TABLE B AS SELECT G, COUNT(*) AS C FROM S GROUP BY G;').id).toBe('CTAS_B_1');
    expect(under.query('INSERT INTO A SELECT * FROM S;').id).toBe('INSERTQUERY_2');
  });
  test('are upper-cased when INSERT INTO gives one', () => {
    const under = planner();
    under.run('CREATE STREAM A AS SELECT * FROM S;');
    expect(under.query("INSERT INTO A WITH (QUERY_ID='mine') SELECT * FROM S;").id).toBe('MINE');
  });
});

specifyRefusals('persistent queries that are refused', sources, [
  [
    'joined streams have equally many partitions',
    'CREATE STREAM O AS SELECT S.ID FROM S JOIN P2 WITHIN 1 HOUR ON S.ID = P2.ID;',
    "Can't join `S` with `P2` since the number of partitions don't match.",
  ],
  [
    'the key is selected',
    'CREATE STREAM O AS SELECT N FROM S;',
    'Key missing from projection (ie, SELECT). \nThe query used to build `O` must include the key column ID in its projection (eg, SELECT ID...).',
  ],
  [
    'a table query makes a table',
    'CREATE STREAM O AS SELECT * FROM T;',
    'Invalid result type. Your SELECT query produces a TABLE.',
  ],
  [
    'a stream query makes a stream',
    'CREATE TABLE O AS SELECT * FROM S;',
    'Invalid result type. Your SELECT query produces a STREAM.',
  ],
  ['INSERT INTO needs a target', 'INSERT INTO NOPE SELECT * FROM S;', 'Source `NOPE` does not exist.'],
  [
    'INSERT INTO writes to streams',
    'INSERT INTO T SELECT * FROM S;',
    'INSERT INTO can only be used to insert into a stream. T is a table.',
  ],
  [
    'INSERT INTO needs the columns of its target',
    'INSERT INTO S SELECT ID, N FROM S;',
    'Incompatible schema between results and sink.',
  ],
  [
    'a query id has letters, digits and _ only',
    "INSERT INTO S WITH (QUERY_ID='a-b') SELECT * FROM S;",
    "Query IDs may contain only alphanumeric characters and '_'. Got: 'A-B'",
  ],
  [
    'a query id has no reserved prefix',
    "INSERT INTO S WITH (QUERY_ID='CSAS_1') SELECT * FROM S;",
    'Query IDs must not start with a reserved query ID prefix',
  ],
  [
    'RETENTION_MS does not go with a compacted topic',
    'CREATE TABLE O WITH (RETENTION_MS=1) AS SELECT * FROM T;',
    'Invalid config variable in the WITH clause: RETENTION_MS. Non-windowed tables do not support retention.',
  ],
]);
