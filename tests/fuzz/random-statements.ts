import type { AggregateFunction, TableFunction } from '../../src/embedded/ksqldb/functions/function.js';
import { sameType } from '../../src/sql/sql-type.js';
import type { Random } from './random.js';
import type { RandomCluster, Source } from './random-cluster.js';
import type { TypedColumn } from './random-expressions.js';
import { randomType } from './random-types.js';

const formats = ['JSON', 'AVRO', 'PROTOBUF', 'PROTOBUF_NOSR', 'JSON_SR', 'DELIMITED', 'KAFKA'] as const;
const keyFormats = ['KAFKA', 'JSON', 'DELIMITED', 'AVRO', 'PROTOBUF', 'JSON_SR'] as const;
const windows = [
  'TUMBLING (SIZE 10 MINUTES)',
  'TUMBLING (SIZE 1 HOUR, RETENTION 2 HOURS, GRACE PERIOD 5 MINUTES)',
  'HOPPING (SIZE 1 HOUR, ADVANCE BY 20 MINUTES)',
  'HOPPING (SIZE 10 MINUTES, ADVANCE BY 7 MINUTES, GRACE PERIOD 0 SECONDS)',
  'TUMBLING (SIZE 1 MILLISECONDS)',
  'SESSION (30 MINUTES)',
  'SESSION (5 MINUTES, GRACE PERIOD 1 MINUTE)',
] as const;

/** A SELECT over a stream or table: expressions, a condition, table functions. */
export function selectText(random: Random, cluster: RandomCluster, source: Source): string {
  const { expressions } = cluster;
  expressions.useColumns(source.columns);
  const items = random.some(4, (i) => `${expressions.any(2)} AS E${i}`, 1);
  if (source.kind === 'STREAM' && random.chance(0.2)) items.push(`${tableCall(random, cluster)} AS T0`);
  const where = random.chance(0.4) ? ` WHERE ${expressions.condition(2)}` : '';
  const system = random.pick(['', ', ROWTIME AS RT', ', ROWPARTITION AS RP, ROWOFFSET AS RO', ', *']);
  return `SELECT ${items.join(', ')}${system} FROM ${source.name}${where} EMIT CHANGES;`;
}

function tableCall(random: Random, cluster: RandomCluster): string {
  const fn = random.pick(cluster.functions.all().filter((f): f is TableFunction => f.kind === 'table'));
  return `${fn.name}(${cluster.expressions.args(random.pick(fn.signatures).parameters, 0, 0).join(', ')})`;
}

function aggregateCall(random: Random, cluster: RandomCluster): string {
  const fn = random.pick(
    cluster.functions.all().filter((f): f is AggregateFunction => f.kind === 'aggregate'),
  );
  const { parameters, constants = 0 } = random.pick(fn.signatures);
  const args = cluster.expressions.args(parameters, constants, random.below(2));
  const call = `${fn.name}(${args.join(', ')})`;
  return random.chance(0.1) ? 'COUNT(*)' : call;
}

/** CREATE TABLE AS SELECT ... GROUP BY, windowed or not, over a stream or a table. */
export function aggregateText(random: Random, cluster: RandomCluster, source: Source, name: string): string {
  const { expressions } = cluster;
  expressions.useColumns(source.columns);
  const keys = random.some(
    2,
    () => (random.chance(0.6) ? random.pick(source.columns).text : expressions.any(1)),
    1,
  );
  const calls = random.some(3, (i) => `${aggregateCall(random, cluster)} AS A${i}`, 1);
  const window = source.kind === 'STREAM' && random.chance(0.6) ? ` WINDOW ${random.pick(windows)}` : '';
  const where = random.chance(0.3) ? ` WHERE ${expressions.condition(1)}` : '';
  const having = random.chance(0.2) ? ` HAVING COUNT(*) ${random.pick(['>', '<', '='])} 2` : '';
  const bounds = window !== '' && random.chance(0.3) ? ', WINDOWSTART AS WS, WINDOWEND AS WE' : '';
  const emit = window !== '' && random.chance(0.25) ? 'FINAL' : 'CHANGES';
  const selected = keys.map((key, i) => `${key} AS G${i}`);
  return (
    `CREATE TABLE ${name}${withText(random)} AS SELECT ${[...selected, ...calls].join(', ')}${bounds} ` +
    `FROM ${source.name}${window}${where} GROUP BY ${keys.join(', ')}${having} EMIT ${emit};`
  );
}

/** CREATE STREAM or TABLE AS SELECT, with another format, key or partition count. */
export function derivedText(random: Random, cluster: RandomCluster, source: Source, name: string): string {
  const { expressions } = cluster;
  expressions.useColumns(source.columns);
  const items = random.chance(0.5)
    ? '*'
    : ['K', ...random.some(4, (i) => `${expressions.any(1)} AS E${i}`, 1)].join(', ');
  const where = random.chance(0.3) ? ` WHERE ${expressions.condition(1)}` : '';
  const by =
    source.kind === 'STREAM' && items === '*' && random.chance(0.3)
      ? ` PARTITION BY ${expressions.any(1)}`
      : '';
  return `CREATE ${source.kind} ${name}${withText(random)} AS SELECT ${items} FROM ${source.name}${where}${by} EMIT CHANGES;`;
}

/** A join of two sources, or three, on their keys or other columns. */
export function joinText(random: Random, cluster: RandomCluster, name: string): string {
  const left = random.pick(cluster.sources);
  const others = random.some(1, () => random.pick(cluster.sources), 1);
  const aliases = ['A', 'B', 'C'];
  const qualified = (source: Source, i: number): readonly TypedColumn[] =>
    source.columns.map(({ text, type }) => ({ text: `${aliases[i]}.${text}`, type }));
  const all = [left, ...others];
  const joins = others.map((right, i) => {
    const type = random.pick(['INNER', 'LEFT', 'RIGHT', 'FULL OUTER']);
    const within =
      left.kind === 'STREAM' && right.kind === 'STREAM'
        ? ` WITHIN ${random.pick(['10 MINUTES', '1 HOUR GRACE PERIOD 1 MINUTE', '(0 SECONDS, 30 MINUTES)'])}`
        : '';
    const fits = qualified(left, 0).filter(({ type: t }) => sameType(t, right.keyType));
    const leftSide = random.chance(0.7) || fits.length === 0 ? 'A.K' : random.pick(fits).text;
    const alias = aliases[i + 1]!;
    const rights = qualified(right, i + 1).filter(({ type: t }) => sameType(t, right.keyType));
    const rightSide = random.chance(0.8) ? `${alias}.K` : random.pick(rights).text;
    return `${type} JOIN ${right.name} ${alias}${within} ON ${leftSide} = ${rightSide}`;
  });
  cluster.expressions.useColumns(all.flatMap(qualified));
  const items = random.some(3, (i) => `${cluster.expressions.any(1)} AS E${i}`, 1);
  const kind = left.kind === 'TABLE' ? 'TABLE' : 'STREAM';
  const keys = aliases.slice(0, all.length).map((alias) => `${alias}.K AS K${alias}`);
  return (
    `CREATE ${kind} ${name}${withText(random)} AS SELECT ${[...keys, ...items].join(', ')} ` +
    `FROM ${left.name} A ${joins.join(' ')} EMIT CHANGES;`
  );
}

/** A pull query on a table that a query keeps, or on a stream. */
export function pullText(
  random: Random,
  cluster: RandomCluster,
  name: string,
  columns: readonly string[],
): string {
  cluster.expressions.useColumns([]);
  const column = random.pick(columns);
  const literal = cluster.expressions.literal(randomType(random, 0));
  const where = random.pick([
    '',
    ` WHERE ${column} = ${literal}`,
    ` WHERE ${column} IN (${literal}, ${literal})`,
    ` WHERE ${column} ${random.pick(['<', '<=', '>', '>='])} ${literal}`,
    ` WHERE ${column} = ${literal} AND WINDOWSTART > ${random.pick(['0', '1700000000000', "'2023-11-14T22:13:20'"])}`,
    ` WHERE ${column} IS NOT NULL OR NOT (${column} = ${literal})`,
    ` WHERE ${cluster.expressions.condition(2)}`,
  ]);
  const items = random.pick(['*', column, `${column}, ROWTIME`, cluster.expressions.any(2)]);
  return `SELECT ${items} FROM ${name}${where}${random.pick(['', ' LIMIT 2'])};`;
}

/** INSERT INTO ... VALUES with expressions of the columns' types, now and then of others. */
export function insertText(random: Random, cluster: RandomCluster, source: Source): string {
  cluster.expressions.useColumns([]);
  const chosen = source.columns.filter(() => random.chance(0.6));
  const columns = chosen.length === 0 ? source.columns : chosen;
  const values = columns.map(({ type }) => {
    const wanted = random.chance(0.95) ? type : randomType(random, 1);
    return random.chance(0.1) ? 'NULL' : cluster.expressions.of(wanted, 1);
  });
  return `INSERT INTO ${source.name} (${columns.map(({ text }) => text).join(', ')}) VALUES (${values.join(', ')});`;
}

function withText(random: Random): string {
  const parts: string[] = [];
  if (random.chance(0.4)) parts.push(`VALUE_FORMAT='${random.pick(formats)}'`);
  if (random.chance(0.25)) parts.push(`KEY_FORMAT='${random.pick(keyFormats)}'`);
  if (random.chance(0.2)) parts.push(`PARTITIONS=${random.pick([1, 3])}`);
  return parts.length === 0 ? '' : ` WITH (${parts.join(', ')})`;
}
