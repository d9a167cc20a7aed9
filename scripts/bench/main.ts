/** Runs a benchmark: `npm run bench -- <name> [options]`. Each benchmark is a file in this folder. */
const names = ['pipeline', 'latency', 'engine', 'broker', 'sink', 'migrate', 'console'] as const;

const [name, ...args] = process.argv.slice(2);
if (name === undefined || !(names as readonly string[]).includes(name)) {
  console.error(`usage: npm run bench -- ${names.join('|')} [options]`);
  process.exit(2);
}
const { run } = (await import(`./${name}.ts`)) as { run: (args: readonly string[]) => Promise<void> };
await run(args);
