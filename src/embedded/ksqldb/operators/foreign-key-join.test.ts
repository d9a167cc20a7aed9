import { specify } from './topology.test-util.js';

/**
 * A left row names a right row by a column, its foreign key. Each change of a left row subscribes it to its right row
 * and is answered once; each change of a right row is sent to all left rows subscribed to it.
 *
 * Sources: KIP-213 (the join), KIP-962 (NULL foreign keys in a LEFT join), and the later fixes of
 * the subscription rules, which avoid superfluous and missing results (KAFKA-16394, KAFKA-16407, KAFKA-16434).
 */
const sources = `
  CREATE TABLE O (ID STRING PRIMARY KEY, C INT, N STRING) WITH (KAFKA_TOPIC='O', $);
  CREATE TABLE C (ID INT PRIMARY KEY, CITY STRING) WITH (KAFKA_TOPIC='C', $);`;
const select = 'CREATE TABLE J AS SELECT O.ID, O.N, C.CITY FROM O';

specify({
  of: 'INNER JOIN by a foreign key',
  sources,
  query: `${select} JOIN C ON O.C = C.ID;`,
  rules: [
    [
      'a new left row joins the right row that it names; the result has the later of both times',
      ['C@5 7: Rome'],
      ['O@3 a: 7, x', '@5 a: x, Rome'],
      ['O@9 b: 7, y', '@9 b: y, Rome'],
    ],
    ['a new left row without a partner gives no result', ['O@1 a: 7, x']],
    [
      'a new right row joins each left row that names it, at its own time',
      ['O@1 a: 7, x'],
      ['O@9 b: 7, y'],
      ['O@3 c: 8, z'],
      ['C@5 7: Rome', '@5 a: x, Rome', '@5 b: y, Rome'],
    ],
    [
      'a changed right row is joined again with each left row that names it',
      ['C@1 7: Rome'],
      ['O@2 a: 7, x', '@2 a: x, Rome'],
      ['C@3 7: Oslo', '@3 a: x, Oslo'],
    ],
    [
      'a deleted right row deletes the results of all left rows that name it',
      ['C@1 7: Rome'],
      ['O@2 a: 7, x', '@2 a: x, Rome'],
      ['C@3 7: (none)', '@3 a: (none)'],
    ],
    [
      'a deleted left row deletes its result, and the right row no longer finds it',
      ['C@1 7: Rome'],
      ['O@2 a: 7, x', '@2 a: x, Rome'],
      ['O@3 a: (none)', '@3 a: (none)'],
      ['C@4 7: Oslo'],
    ],
    [
      'deleting a left row that never joined sends a tombstone all the same: the sender does not know',
      ['O@2 a: 7, x'],
      ['O@3 a: (none)', '@3 a: (none)'],
    ],
    ['deleting a left row that does not exist does nothing', ['O@3 a: (none)']],
    [
      'a changed foreign key joins the new right row only, and leaves the old one',
      ['C@1 7: Rome'],
      ['C@1 8: Oslo'],
      ['O@2 a: 7, x', '@2 a: x, Rome'],
      ['O@3 a: 8, x', '@3 a: x, Oslo'],
      ['C@4 7: Bonn'],
      ['C@5 8: Bern', '@5 a: x, Bern'],
    ],
    [
      'a foreign key changed to one without a partner deletes the result',
      ['C@1 7: Rome'],
      ['O@2 a: 7, x', '@2 a: x, Rome'],
      ['O@3 a: 8, x', '@3 a: (none)'],
    ],
    [
      'an unchanged foreign key with a partner gives the changed row',
      ['C@1 7: Rome'],
      ['O@2 a: 7, x', '@2 a: x, Rome'],
      ['O@3 a: 7, y', '@3 a: y, Rome'],
    ],
    [
      'an unchanged foreign key without a partner sends no tombstone: there was no result before',
      ['O@2 a: 7, x'],
      ['O@3 a: 7, y'],
    ],
    ['a NULL foreign key joins nothing', ['C@1 7: Rome'], ['O@2 a: -, x']],
    [
      'a foreign key that was NULL and now names a partner joins it',
      ['C@1 7: Rome'],
      ['O@2 a: -, x'],
      ['O@3 a: 7, x', '@3 a: x, Rome'],
    ],
    [
      'a foreign key that was NULL and now names nobody gives no result',
      ['O@2 a: -, x'],
      ['O@3 a: 7, x'],
      ['C@4 7: Rome', '@4 a: x, Rome'],
    ],
    [
      'a foreign key that becomes NULL deletes the result and leaves the right row',
      ['C@1 7: Rome'],
      ['O@2 a: 7, x', '@2 a: x, Rome'],
      ['O@3 a: -, x', '@3 a: (none)'],
      ['C@4 7: Oslo'],
    ],
    ['a foreign key that stays NULL gives nothing', ['O@2 a: -, x'], ['O@3 a: -, y'], ['O@4 a: (none)']],
    ['records without a key are dropped on both sides', ['C@1 -: Rome'], ['O@2 -: 7, x'], ['C@3 7: Rome']],
  ],
});

specify({
  of: 'LEFT JOIN by a foreign key',
  sources,
  query: `${select} LEFT JOIN C ON O.C = C.ID;`,
  rules: [
    ['a left row without a partner is padded with NULLs', ['O@2 a: 7, x', '@2 a: x, -']],
    [
      'a left row with a NULL foreign key is padded with NULLs (KIP-962)',
      ['O@2 a: -, x', '@2 a: x, -'],
      ['O@3 a: -, y', '@3 a: y, -'],
    ],
    [
      'a right row that arrives later replaces the NULLs, and one that is deleted restores them',
      ['O@2 a: 7, x', '@2 a: x, -'],
      ['C@3 7: Rome', '@3 a: x, Rome'],
      ['C@4 7: (none)', '@4 a: x, -'],
    ],
    [
      'a changed foreign key gives one result, not a padded one in between',
      ['C@1 7: Rome'],
      ['C@1 8: Oslo'],
      ['O@2 a: 7, x', '@2 a: x, Rome'],
      ['O@3 a: 8, x', '@3 a: x, Oslo'],
      ['C@4 7: Bonn'],
    ],
    [
      'a foreign key changed to one without a partner gives one padded result',
      ['C@1 7: Rome'],
      ['O@2 a: 7, x', '@2 a: x, Rome'],
      ['O@3 a: 8, x', '@3 a: x, -'],
    ],
    [
      'a foreign key that becomes NULL gives one padded result and leaves the right row',
      ['C@1 7: Rome'],
      ['O@2 a: 7, x', '@2 a: x, Rome'],
      ['O@3 a: -, x', '@3 a: x, -'],
      ['C@4 7: Oslo'],
    ],
    [
      'an unchanged foreign key without a partner gives the changed row, padded',
      ['O@2 a: 7, x', '@2 a: x, -'],
      ['O@3 a: 7, y', '@3 a: y, -'],
    ],
    [
      'a deleted left row gives one tombstone',
      ['C@1 7: Rome'],
      ['O@2 a: 7, x', '@2 a: x, Rome'],
      ['O@3 a: (none)', '@3 a: (none)'],
      ['C@4 7: Oslo'],
    ],
    ['deleting a left row that does not exist does nothing', ['O@3 a: (none)']],
  ],
});

specify({
  of: 'a foreign-key join over several partitions',
  sources,
  query: `${select} JOIN C ON O.C = C.ID;`,
  partitions: 4,
  rules: [
    [
      'finds the right row wherever its key is; results stay in the partition of the left row',
      ['C@1 0: Rome'],
      ['C@1 1: Oslo'],
      ['O/2@2 a: 0, x', '/2@2 a: x, Rome'],
      ['O/0@3 b: 1, y', '/0@3 b: y, Oslo'],
      ['C@4 1: Bern', '/0@4 b: y, Bern'],
    ],
  ],
});
