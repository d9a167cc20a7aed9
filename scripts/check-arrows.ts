/**
 * Checks that imports follow the arrows of docs/architecture.md: a room imports only the rooms below it.
 * Run by `npm run lint`; prints each wrong import and exits 1.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';

/** Who may import whom. A room may always import itself. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  cli: [
    'config',
    'kafka',
    'sql',
    'ksqldb',
    'migrations',
    'pipeline',
    'testing',
    'sink',
    'console',
    'store',
    'embedded',
    'errors',
  ],
  config: ['errors'],
  kafka: ['config', 'errors'],
  errors: [],
  sql: ['errors'],
  ksqldb: ['config', 'sql', 'errors'],
  migrations: ['ksqldb', 'sql', 'errors'],
  pipeline: ['ksqldb', 'kafka', 'sql', 'store', 'errors'],
  testing: ['migrations', 'sql', 'ksqldb', 'pipeline', 'embedded', 'errors'],
  sink: ['kafka', 'store', 'pipeline', 'errors'],
  console: ['ksqldb', 'migrations', 'pipeline', 'testing', 'store', 'sql', 'errors'],
  store: ['errors'],
  embedded: [
    'embedded/kafka',
    'embedded/ksqldb',
    'embedded/schema-registry',
    'embedded/store',
    'store',
    'errors',
  ],
  'embedded/kafka': ['errors'],
  'embedded/ksqldb': ['sql', 'embedded/kafka', 'embedded/schema-registry', 'errors'],
  'embedded/schema-registry': ['errors'],
  'embedded/store': ['store', 'errors'],
};

/** The doors through which a room may be entered from outside, where it has only some. */
const doors: Readonly<Record<string, readonly string[]>> = {
  embedded: ['embedded/cluster.ts'],
};

const root = resolve(import.meta.dirname, '..', 'src');

function* files(dir: string): Generator<string> {
  for (const entry of readdirSync(dir)) {
    const path = join(dir, entry);
    if (statSync(path).isDirectory()) yield* files(path);
    else if (/\.tsx?$/.test(path)) yield path;
  }
}

function roomOf(file: string): string {
  const parts = relative(root, file).split(sep);
  if (parts[0] === 'embedded' && parts.length > 2) return `embedded/${parts[1]}`;
  return parts.length === 1 ? parts[0]!.replace(/\.ts$/, '') : parts[0]!;
}

const importPattern = /(?:^|\n)\s*(?:import|export)\b[^'";]*?from\s+'([^']+)'|import\(\s*'([^']+)'\s*\)/g;
const wrong: string[] = [];
for (const file of files(root)) {
  const from = roomOf(file);
  const isTest = file.endsWith('.test.ts') || file.endsWith('.test-util.ts');
  for (const match of readFileSync(file, 'utf8').matchAll(importPattern)) {
    const target = match[1] ?? match[2];
    if (!target?.startsWith('.')) continue;
    const path = resolve(dirname(file), target).replace(/\.js$/, '.ts');
    const to = roomOf(path);
    if (from === to) continue;
    const door = doors[to];
    const name = relative(root, path).split(sep).join('/');
    // Tests may enter the embedded cluster by its door from any room: they run against it.
    if (isTest && name === 'embedded/cluster.ts') continue;
    if (!(allowed[from] ?? []).includes(to) || (door !== undefined && !door.includes(name))) {
      wrong.push(`${relative(root, file)} imports ${name}: ${from} may not import ${to}`);
    }
  }
}
if (wrong.length > 0) {
  console.error(wrong.join('\n'));
  process.exit(1);
}
