import { expect, it } from 'vitest';
import { Random } from './random.js';
import { RandomCluster } from './random-cluster.js';
import { runRound } from './random-round.js';

/**
 * The same seeds every time, so that a change that broke nothing passes. PAYSTREAM_FUZZ_SECONDS tries new seeds for so
 * long, PAYSTREAM_FUZZ_SEED runs one seed again.
 */
const seconds = Number(process.env.PAYSTREAM_FUZZ_SECONDS ?? 60);
const oneSeed = process.env.PAYSTREAM_FUZZ_SEED;
const triesNew = process.env.PAYSTREAM_FUZZ_SECONDS !== undefined;
const usualSeeds = 200;
const firstSeed = oneSeed !== undefined ? Number(oneSeed) : triesNew ? Date.now() % 1_000_000_000 : 1;
const lastSeed = oneSeed !== undefined ? firstSeed : triesNew ? Number.POSITIVE_INFINITY : usualSeeds;

/** A NULL in a list, which Protobuf cannot write, and TOPK of 0. */
const ksqlDbDiesOf = /Protobuf does not support NULL in an array|Index -1 out of bounds for length 0/;

it(
  'runs random statements over random records, or refuses them as ksqlDB does',
  async () => {
    const end = performance.now() + seconds * 1_000;
    let statements = 0;
    let refused = 0;
    let seed = firstSeed;
    let slowest = { milliseconds: 0, sql: '' };
    const problems: string[] = [];
    do {
      const random = new Random(seed);
      const cluster = new RandomCluster(random);
      try {
        await runRound(random, cluster);
      } finally {
        await cluster.close();
      }
      statements += cluster.statements.length;
      refused += cluster.refusals.length;
      if (cluster.slowest.milliseconds > slowest.milliseconds) slowest = cluster.slowest;
      const deaths = cluster.deaths.filter((death) => !ksqlDbDiesOf.test(death));
      problems.push(...[...cluster.problems, ...deaths].map((problem) => `seed ${seed}: ${problem}`));
      seed++;
    } while (seed <= lastSeed && problems.length < 20 && performance.now() < end);
    console.log(
      `seeds ${firstSeed} to ${seed - 1}: ${statements} statements, ${refused} of them refused; ` +
        `the slowest took ${Math.round(slowest.milliseconds)} ms: ${slowest.sql.slice(0, 200)}`,
    );
    expect(problems).toEqual([]);
    // Else the generator would test next to nothing.
    expect(statements - refused).toBeGreaterThan(statements / 10);
  },
  seconds * 1_000 + 120_000,
);
