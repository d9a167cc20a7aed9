import { specifyRefusals } from '../plan/refusals.test-util.js';

/** What a query may not say, in ksqlDB's words. */
const sources = `
  CREATE STREAM S (ID STRING KEY, G STRING, N INT) WITH (KAFKA_TOPIC='s', VALUE_FORMAT='JSON', PARTITIONS=1);
  CREATE STREAM S2 (ID STRING KEY, H STRING) WITH (KAFKA_TOPIC='s2', VALUE_FORMAT='JSON', PARTITIONS=1);
  CREATE STREAM K (ID STRING KEY, N INT) WITH (KAFKA_TOPIC='k', VALUE_FORMAT='KAFKA', PARTITIONS=1);
  CREATE STREAM W (ID STRING KEY, N INT) WITH (KAFKA_TOPIC='w', VALUE_FORMAT='JSON', PARTITIONS=1,
    WINDOW_TYPE='TUMBLING', WINDOW_SIZE='1 HOUR');
  CREATE STREAM SW (ID STRING KEY, M INT) WITH (KAFKA_TOPIC='sw', VALUE_FORMAT='JSON', PARTITIONS=1,
    WINDOW_TYPE='SESSION');
  CREATE TABLE T (ID STRING PRIMARY KEY, G STRING, L ARRAY<INT>) WITH (KAFKA_TOPIC='t', VALUE_FORMAT='JSON', PARTITIONS=1);
  CREATE TABLE WT (ID STRING PRIMARY KEY, N INT) WITH (KAFKA_TOPIC='wt', VALUE_FORMAT='JSON', PARTITIONS=1,
    WINDOW_TYPE='TUMBLING', WINDOW_SIZE='1 HOUR');`;

specifyRefusals('names in a query', sources, [
  ['a source must exist', 'CREATE STREAM O AS SELECT * FROM NOPE;', 'NOPE does not exist.'],
  [
    'a selected column must exist',
    'CREATE STREAM O AS SELECT ID, X FROM S;',
    "SELECT column 'X' cannot be resolved.",
  ],
  ['the message says where the column is', 'CREATE STREAM O AS SELECT ID, X FROM S;', 'Line: 1, Col: 31: '],
  [
    'a column in WHERE must exist',
    'CREATE STREAM O AS SELECT * FROM S WHERE X = 1;',
    "WHERE column 'X' cannot be resolved.",
  ],
  [
    'a column in GROUP BY must exist',
    'CREATE TABLE O AS SELECT X, COUNT(*) FROM S GROUP BY X;',
    "GROUP BY column 'X' cannot be resolved.",
  ],
  [
    'PARTITION BY sees the columns of the source only',
    'CREATE STREAM O AS SELECT ID, N AS X FROM S PARTITION BY X;',
    "PARTITION BY column 'X' cannot be resolved. 'X' must be a column in the source schema since PARTITION BY is applied on the input.",
  ],
  [
    'a column of two sources is ambiguous',
    'CREATE STREAM O AS SELECT N FROM S JOIN T ON ID = G;',
    "Column 'ID' is ambiguous. Could be S.ID or T.ID.",
  ],
  [
    'a system column is no alias',
    'CREATE STREAM O AS SELECT ID, N AS ROWTIME FROM S;',
    '`ROWTIME` is a reserved column name. You cannot use it as an alias for a column.',
  ],
  [
    'a system column is not written to a sink',
    'CREATE STREAM O AS SELECT ID, ROWTIME FROM S;',
    'Reserved column name in select: `ROWTIME`. Please remove or alias the column.',
  ],
  [
    'a lambda argument is not named like a column',
    'CREATE TABLE O AS SELECT ID, TRANSFORM(L, G => 1) AS X FROM T;',
    "Lambda function argument can't be a column name: G",
  ],
]);

specifyRefusals('clauses of a query', sources, [
  [
    'GROUP BY names each expression once',
    'CREATE TABLE O AS SELECT G, COUNT(*) FROM S GROUP BY G, G;',
    'Duplicate GROUP BY expression: S.G',
  ],
  [
    'PARTITION BY names each expression once',
    'CREATE STREAM O AS SELECT * FROM S PARTITION BY G, G;',
    'Duplicate PARTITION BY expression: S.G',
  ],
  [
    'values in the KAFKA format cannot be grouped',
    'CREATE TABLE O AS SELECT ID, COUNT(*) FROM K GROUP BY ID;',
    "Source(s) K are using the 'KAFKA' value format. This format does not yet support GROUP BY.",
  ],
  [
    'values in the KAFKA format cannot be joined',
    'CREATE STREAM O AS SELECT S.ID FROM S JOIN K WITHIN 1 HOUR ON S.ID = K.ID;',
    'This format does not yet support JOIN.',
  ],
  [
    'a windowed table is not the source of a persistent query',
    'CREATE TABLE O AS SELECT * FROM WT;',
    'KSQL does not support persistent queries on windowed tables.',
  ],
  [
    'table functions need a stream',
    'CREATE TABLE O AS SELECT ID, EXPLODE(L) AS E FROM T;',
    'Table source is not supported with table functions',
  ],
  [
    'table functions do not go with aggregates',
    'CREATE TABLE O AS SELECT G, EXPLODE(ARRAY[1]), COUNT(*) FROM S GROUP BY G;',
    'Table functions cannot be used with aggregations.',
  ],
  [
    'table functions are not nested',
    'CREATE STREAM O AS SELECT ID, EXPLODE(ARRAY[EXPLODE(ARRAY[1])]) AS E FROM S;',
    'Table functions cannot be nested: `EXPLODE`(`EXPLODE`())',
  ],
  [
    'a window needs GROUP BY',
    'CREATE STREAM O AS SELECT * FROM S WINDOW TUMBLING (SIZE 1 HOUR);',
    'WINDOW clause requires a GROUP BY clause.',
  ],
]);

specifyRefusals('aggregations', sources, [
  [
    'need an aggregate function',
    'CREATE TABLE O AS SELECT G FROM S GROUP BY G;',
    'GROUP BY requires aggregate functions in either the SELECT or HAVING clause.',
  ],
  [
    'select only grouped columns beside the aggregates',
    'CREATE TABLE O AS SELECT G, N, COUNT(*) FROM S GROUP BY G;',
    'Non-aggregate SELECT expression(s) not part of GROUP BY: N\nEither add the column(s) to the GROUP BY or remove them from the SELECT.',
  ],
  [
    'HAVING names only grouped columns beside the aggregates',
    'CREATE TABLE O AS SELECT G, COUNT(*) FROM S GROUP BY G HAVING N > 1;',
    'Non-aggregate HAVING expression not part of GROUP BY: N\nConsider switching the HAVING clause to a WHERE clause before the GROUP BY.',
  ],
  [
    'are not nested',
    'CREATE TABLE O AS SELECT G, SUM(COUNT(*)) FROM S GROUP BY G;',
    'Aggregate functions can not be nested: SUM(COUNT())',
  ],
  [
    'do not group by an aggregate',
    'CREATE TABLE O AS SELECT COUNT(*) FROM S GROUP BY SUM(N);',
    'GROUP BY does not support aggregate functions: SUM is an aggregate function.',
  ],
  [
    'take no window bounds as arguments',
    'CREATE TABLE O AS SELECT G, MAX(WINDOWSTART) FROM S WINDOW TUMBLING (SIZE 1 HOUR) GROUP BY G;',
    'Window bounds column WINDOWSTART can only be used in the SELECT clause of windowed aggregations and can not be passed to aggregate functions.',
  ],
  [
    'over a table need functions that can be undone',
    'CREATE TABLE O AS SELECT G, MAX(ID) FROM T GROUP BY G;',
    'The aggregation function MAX cannot be applied to a table source, only to a stream source.',
  ],
]);

specifyRefusals('windows', sources, [
  [
    'have a size',
    'CREATE TABLE O AS SELECT G, COUNT(*) FROM S WINDOW TUMBLING (SIZE 0 SECONDS) GROUP BY G;',
    'Size must be positive',
  ],
  [
    'advance by no more than their size',
    'CREATE TABLE O AS SELECT G, COUNT(*) FROM S WINDOW HOPPING (SIZE 1 SECOND, ADVANCE BY 2 SECONDS) GROUP BY G;',
    'Window advancement interval should be more than zero and less than window duration which is 1000 ms, but given advancement interval is: 2000 ms',
  ],
  [
    'are kept for at least their size and grace period',
    'CREATE TABLE O AS SELECT G, COUNT(*) FROM S WINDOW TUMBLING (SIZE 1 HOUR, RETENTION 1 HOUR, GRACE PERIOD 1 HOUR) GROUP BY G;',
    'Got size=[3600000], grace=[3600000], retention=[3600000]',
  ],
]);

specifyRefusals('join conditions', sources, [
  [
    'are one comparison',
    'CREATE STREAM O AS SELECT S.ID FROM S JOIN T ON S.ID = T.ID AND S.G = T.G;',
    'Invalid join condition: joins on multiple conditions are not yet supported.',
  ],
  [
    'compare for equality',
    'CREATE STREAM O AS SELECT S.ID FROM S JOIN T ON S.ID > T.ID;',
    'Only equality join criteria is supported.',
  ],
  [
    'name one source on each side',
    'CREATE STREAM O AS SELECT S.ID FROM S JOIN T ON CONCAT(S.ID, T.G) = T.ID;',
    'Each side of the join comparision must contain references from exactly one source.',
  ],
  [
    'name another source on the other side',
    'CREATE STREAM O AS SELECT S.ID FROM S JOIN T ON S.ID = S.G;',
    'Each side of the join must reference exactly one source and not the same source. Left side references `S` and right references `S`',
  ],
  [
    'join a source once',
    'CREATE STREAM O AS SELECT A.ID FROM S A JOIN S B WITHIN 1 HOUR ON A.ID = B.ID;',
    "Can not join 'S' to 'S': self joins are not yet supported.",
  ],
  [
    'do not mix windowed sources with others',
    'CREATE STREAM O AS SELECT S.ID FROM S JOIN W WITHIN 1 HOUR ON S.ID = W.ID;',
    'Can not join windowed source to non-windowed source.\n`S` is not windowed\n`W` is TUMBLING windowed',
  ],
  [
    'do not mix session windows with others',
    'CREATE STREAM O AS SELECT W.ID FROM W JOIN SW WITHIN 1 HOUR ON W.ID = SW.ID;',
    'Incompatible windowed sources.\nLeft source: TUMBLING\nRight source: SESSION',
  ],
  [
    'of two streams have WITHIN',
    'CREATE STREAM O AS SELECT S.ID FROM S JOIN S2 ON S.ID = S2.ID;',
    'Stream-Stream joins must have a WITHIN clause specified. None was provided.',
  ],
  [
    'of a stream with a table use the key of the table',
    'CREATE STREAM O AS SELECT S.ID FROM S JOIN T ON S.ID = T.G;',
    "Invalid join condition: stream-table joins require to join on the table's primary key. Got S.ID = T.G.",
  ],
]);
