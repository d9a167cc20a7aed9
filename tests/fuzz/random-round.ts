import type { Random } from './random.js';
import type { RandomCluster } from './random-cluster.js';
import {
  aggregateText,
  derivedText,
  insertText,
  joinText,
  pullText,
  selectText,
} from './random-statements.js';

/** One seed's statements and records. */
export async function runRound(random: Random, cluster: RandomCluster): Promise<void> {
  const keyType = random.pick([undefined, undefined, { base: 'STRING' as const }]);
  const first = [
    cluster.createSource('STREAM', keyType),
    cluster.createSource('TABLE', keyType),
    cluster.createSource('STREAM', keyType),
    cluster.createSource('TABLE', keyType),
  ];
  for (const source of first) cluster.feed(source, 12);
  for (let i = 0; i < 12; i++) await cluster.select(selectText(random, cluster, random.pick(first)));
  for (let i = 0; i < 6; i++) cluster.execute(aggregateText(random, cluster, random.pick(first), `AGG${i}`));
  for (let i = 0; i < 6; i++) cluster.execute(derivedText(random, cluster, random.pick(first), `D${i}`));
  for (let i = 0; i < 5; i++) cluster.execute(joinText(random, cluster, `J${i}`));
  await cluster.settled();
  for (const source of first) cluster.feed(source, 8);
  for (let i = 0; i < 6; i++) cluster.insert(insertText(random, cluster, random.pick(first)));
  await cluster.settled();
  for (const name of ['AGG0', 'AGG1', 'AGG2', 'AGG3', 'D0', 'D1', 'J0', 'J1']) {
    if (cluster.topicOf(name) === undefined) continue;
    const columns = name.startsWith('AGG') ? ['G0', 'G0', 'A0'] : ['K', 'E0'];
    for (let i = 0; i < 4; i++) await cluster.query(pullText(random, cluster, name, columns));
  }
  for (const name of ['D0', 'D1', 'D2', 'D3', 'D4', 'D5', 'AGG0', 'AGG1', 'AGG2']) {
    const topic = cluster.topicOf(name);
    if (topic === undefined) continue;
    cluster.feedDamaged(topic, 8);
    await cluster.select(`SELECT * FROM ${name} EMIT CHANGES;`);
  }
  cluster.judge();
}
