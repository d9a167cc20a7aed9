import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '../..');
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  readonly version: string;
};

/** npm without the project's own settings in its environment, as a user has it. */
function npm(args: readonly string[], cwd: string): string {
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^npm_(package|lifecycle|command)/.test(name)),
  );
  return execFileSync('npm', args, { cwd, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

describe('the npm package', () => {
  let folder: string;
  let files: readonly string[];
  let unpackedBytes: number;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'paystream-package-'));
    // dist/ is there: `npm test` builds before it runs the tests.
    const [packed] = JSON.parse(
      npm(['pack', '--json', '--ignore-scripts', '--pack-destination', folder], root),
    ) as readonly {
      readonly filename: string;
      readonly unpackedSize: number;
      readonly files: readonly { readonly path: string }[];
    }[];
    files = packed!.files.map(({ path }) => path);
    unpackedBytes = packed!.unpackedSize;
    writeFileSync(join(folder, 'package.json'), '{"private":true}');
    npm(['install', '--no-audit', '--no-fund', '--prefer-offline', join(folder, packed!.filename)], folder);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('holds the program, the pipeline and their papers, and nothing else', () => {
    const roots = new Set(files.map((path) => path.split('/')[0]));
    expect([...roots].sort()).toEqual([
      'CHANGELOG.md',
      'LICENSE',
      'README.md',
      'dist',
      'ksql',
      'package.json',
    ]);
    expect(files.filter((path) => /\.test\.|test-util|\.map$|\.env|tsbuildinfo/.test(path))).toEqual([]);
    expect(files.filter((path) => path.startsWith('ksql/migrations/')).length).toBeGreaterThanOrEqual(6);
    expect(unpackedBytes).toBeLessThan(8_000_000);
  });

  it('installs in an empty folder, without the tools that it was made with', () => {
    expect(existsSync(join(folder, 'node_modules/paystream/dist/cli/main.js'))).toBe(true);
    for (const tool of ['typescript', 'vitest', 'tsx', 'kubernetes-models']) {
      expect(existsSync(join(folder, 'node_modules', tool)), tool).toBe(false);
    }
    const said = execFileSync('npx', ['--no-install', 'paystream', '--version'], {
      cwd: folder,
      encoding: 'utf8',
    });
    expect(said.trim()).toBe(version);
  });

  it('runs the whole pipeline there', () => {
    const ports = ['--kafka-port', '0', '--ksqldb-port', '0', '--store-port', '0'];
    const { status, stdout, stderr } = spawnSync(
      'npx',
      ['--no-install', 'paystream', 'dev', '--demo', '--ephemeral', ...ports],
      {
        cwd: folder,
        encoding: 'utf8',
        timeout: 110_000,
      },
    );
    expect(`${stdout}${stderr}`).toContain('migrations');
    expect(status).toBe(0);
  });
});
