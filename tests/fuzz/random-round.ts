import type { Random } from './random.js';
import type { RandomCluster } from './random-cluster.js';
import { aggregateText, derivedText, joinText, selectText } from './random-statements.js';

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
  await cluster.settled();
  for (const name of ['D0', 'D1', 'D2', 'D3', 'D4', 'D5', 'AGG0', 'AGG1', 'AGG2']) {
    const topic = cluster.topicOf(name);
    if (topic === undefined) continue;
    cluster.feedDamaged(topic, 8);
    await cluster.select(`SELECT * FROM ${name} EMIT CHANGES;`);
  }
  cluster.judge();
}
