/** A process that writes numbered rows into a PGlite folder until it is killed, telling each commit. */
import { openEmbeddedStore } from '../../../src/embedded/cluster.js';

const store = await openEmbeddedStore(`pglite:${process.argv[2]}`);
await store.script('CREATE TABLE IF NOT EXISTS written (n bigint PRIMARY KEY, filler text)');
const { rows } = await store.query<{ n: string }>('SELECT coalesce(max(n), 0) AS n FROM written');
for (let n = BigInt(rows[0]!.n) + 1n; ; n++) {
  await store.transaction(async (tx) => {
    await tx.query('INSERT INTO written VALUES ($1, repeat($2, 200))', [n, 'x']);
  });
  process.stdout.write(`${n}\n`);
}
