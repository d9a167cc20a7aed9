import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EMBEDDED_ROOMS, ROOMS } from '../../scripts/architecture/rooms.mjs';
import { countThinLines, documentedTotal } from '../../scripts/architecture/thin-lines.js';

const root = resolve(import.meta.dirname, '..', '..');
let project: string;

/** A small project under the rules of this one. */
beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), 'paystream-arrows-'));
  for (const name of ['.dependency-cruiser.mjs', 'biome.json', 'scripts/architecture', 'package.json']) {
    cpSync(join(root, name), join(project, name), { recursive: true });
  }
  symlinkSync(join(root, 'node_modules'), join(project, 'node_modules'));
  plant('src/errors/error.ts', 'export const error = 1;\n');
  plant('src/store/store.ts', "import { error } from '../errors/error.js';\n\nexport const store = error;\n");
  plant('src/sink/sink.ts', "import { store } from '../store/store.js';\n\nexport const sink = store;\n");
});

afterEach(() => rmSync(project, { recursive: true, force: true }));

function plant(path: string, text: string): void {
  mkdirSync(dirname(join(project, path)), { recursive: true });
  writeFileSync(join(project, path), text);
}

function checkArrows(): { status: number | null; output: string } {
  const run = spawnSync(
    process.execPath,
    [
      'node_modules/dependency-cruiser/bin/dependency-cruise.mjs',
      '--config',
      '.dependency-cruiser.mjs',
      'src',
    ],
    { cwd: project, encoding: 'utf8', timeout: 60_000 },
  );
  return { status: run.status, output: run.stdout + run.stderr };
}

function checkCircles(): { status: number | null; output: string } {
  const run = spawnSync(
    process.execPath,
    ['node_modules/@biomejs/biome/bin/biome', 'lint', '--vcs-enabled=false', 'src'],
    { cwd: project, encoding: 'utf8', timeout: 60_000 },
  );
  return { status: run.status, output: run.stdout + run.stderr };
}

describe('the import check', () => {
  it('accepts arrows that go down', () => {
    expect(checkArrows()).toMatchObject({ status: 0 });
    expect(checkCircles()).toMatchObject({ status: 0 });
  });

  it.each([
    ['an arrow up', 'src/store/up.ts', "export { sink } from '../sink/sink.js';\n", 'arrow-src-store'],
    [
      'a type-only arrow up',
      'src/store/up.ts',
      "export type { sink } from '../sink/sink.js';\n",
      'arrow-src-store',
    ],
    [
      'kafkajs outside its room',
      'src/sink/k.ts',
      "import { Kafka } from 'kafkajs';\n\nexport const k = Kafka;\n",
      'kafkajs-in-one-room',
    ],
    [
      'a side door of the embedded cluster',
      'src/cli/x.ts',
      "export { a } from '../embedded/kafka/a.js';\n",
      'arrow-src-cli',
    ],
    [
      'the embedded cluster in the customer store',
      'src/store/x.ts',
      "export { cluster } from '../embedded/cluster.js';\n",
      'arrow-src-store',
    ],
    [
      'the engine in the broker',
      'src/embedded/kafka/x.ts',
      "export { a } from '../ksqldb/a.js';\n",
      'arrow-src-embedded-kafka',
    ],
    [
      'a floor that looks up',
      'src/embedded/kafka/log/x.ts',
      "export { a } from '../network/a.js';\n",
      'floor-embedded-kafka-log',
    ],
  ])('refuses %s', (_title, path, text, rule) => {
    plant('src/embedded/cluster.ts', 'export const cluster = 1;\n');
    plant('src/embedded/kafka/a.ts', 'export const a = 1;\n');
    plant('src/embedded/kafka/network/a.ts', 'export const a = 1;\n');
    plant('src/embedded/ksqldb/a.ts', 'export const a = 1;\n');
    plant(path, text);
    const { status, output } = checkArrows();
    expect(output).toContain(`${rule}: ${path}`);
    expect(status).not.toBe(0);
  });

  it('lets the tests of any room start the embedded cluster', () => {
    plant('src/embedded/cluster.ts', 'export const cluster = 1;\n');
    plant('src/store/x.test.ts', "export { cluster } from '../embedded/cluster.js';\n");
    expect(checkArrows()).toMatchObject({ status: 0 });
  });

  it.each([
    ['values', "import { b } from './b.js';\n\nexport const a = () => b;\n"],
    ['types', "import type { B } from './b.js';\n\nexport const a = 1;\nexport type A = B;\n"],
  ])('refuses a circle of files through %s', (_title, a) => {
    plant('src/store/a.ts', a);
    plant(
      'src/store/b.ts',
      "import { a } from './a.js';\n\nexport const b = 1;\nexport type B = typeof a;\n",
    );
    expect(checkArrows().output).toContain('no-circle');
    const { status, output } = checkCircles();
    expect(output).toContain('noImportCycles');
    expect(status).not.toBe(0);
  });

  it("refuses a circle in the console's TSX", () => {
    plant(
      'src/console/web/app.tsx',
      "import { Page } from './page.js';\n\nexport const App = () => <Page />;\n",
    );
    plant(
      'src/console/web/page.tsx',
      "import type { App } from './app.js';\n\nexport const Page = () => <p />;\nexport type P = typeof App;\n",
    );
    const { status, output } = checkCircles();
    expect(output).toContain('noImportCycles');
    expect(status).not.toBe(0);
  });

  it('has a plan without circles', () => {
    for (const plan of [ROOMS, EMBEDDED_ROOMS] as Readonly<Record<string, readonly string[]>>[]) {
      const done = new Set<string>();
      const visit = (room: string, path: readonly string[]): void => {
        expect(path).not.toContain(room);
        if (done.has(room)) return;
        for (const next of plan[room] ?? []) visit(next, [...path, room]);
        done.add(room);
      };
      for (const room of Object.keys(plan)) visit(room, []);
    }
  });
});

describe('the thin half', () => {
  it('has about the lines that docs/architecture.md states', () => {
    const total = countThinLines().reduce((sum, { lines }) => sum + lines, 0);
    const documented = documentedTotal();
    expect(documented).toBeDefined();
    expect(Math.abs(total - documented!) / total).toBeLessThan(0.02);
  });

  it('alone imports kafkajs, in src/kafka', () => {
    const files = execFileSync('grep', ['-rl', 'kafkajs', 'src', '--include=*.ts'], {
      cwd: root,
      encoding: 'utf8',
    })
      .trim()
      .split('\n');
    expect(files.filter((path) => !path.startsWith('src/kafka/'))).toEqual([]);
  });
});
