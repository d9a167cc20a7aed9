import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '../..');
const real = (process.env.PATH ?? '')
  .split(delimiter)
  .map((folder) => join(folder, 'kubectl'))
  .find((path) => existsSync(path));
const needed = process.env.PAYSTREAM_REQUIRE_TOOLS === '1';

/**
 * The scripts of the operations guide for Kubernetes, run as they are. There is no cluster: in kubectl's place stands a
 * script that renders with the real one, writes down what it is asked, and answers as a cluster would.
 */
describe.skipIf(real === undefined && !needed)('the scripts for a cluster', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'paystream-kubectl-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  /** Answers are lines of a shell's `case`; everything else is taken well. */
  function run(script: string, args: readonly string[], answers = '', env: Record<string, string> = {}) {
    const stub = (name: string, body: string) => {
      writeFileSync(join(folder, name), `#!/usr/bin/env bash\n${body}\n`);
      chmodSync(join(folder, name), 0o755);
    };
    stub(
      'kubectl',
      `[ "$1" = kustomize ] && exec '${real}' "$@"
echo "$*" | sed 's#/[^ ]*/tmp[^ ]*#RENDERED#; s#-f [^ ]*#-f RENDERED#' >>'${folder}/calls'
case "$*" in
${answers}
esac`,
    );
    stub('npx', `echo "npx $*" >>'${folder}/calls'`);
    const { status, stdout, stderr } = spawnSync(join(root, 'scripts/ops', script), args, {
      encoding: 'utf8',
      env: { ...process.env, ...env, PATH: `${folder}${delimiter}${process.env.PATH}` },
    });
    const calls = existsSync(join(folder, 'calls'))
      ? readFileSync(join(folder, 'calls'), 'utf8').trim().split('\n')
      : [];
    return { status, stdout, stderr, calls };
  }

  const jobIs = (state: string) => `*'get job'*) echo ${state} ;;`;

  it('rollout.sh: ksqlDB, then the migrations, then the sinks', () => {
    const { status, calls } = run('rollout.sh', ['production', 'blue'], jobIs('SuccessCriteriaMet Complete'));
    expect(status).toBe(0);
    expect(calls.every((call) => call.startsWith('--context blue '))).toBe(true);
    expect(calls.map((call) => call.replace('--context blue ', ''))).toEqual([
      '-n paystream delete job paystream-migrate --ignore-not-found --wait',
      'apply -f RENDERED -l app.kubernetes.io/name notin (paystream-sink, paystream-migrate)',
      '-n paystream rollout status statefulset/ksqldb --timeout=20m',
      'apply -f RENDERED -l app.kubernetes.io/name=paystream-migrate',
      '-n paystream get job paystream-migrate -o jsonpath={.status.conditions[?(@.status=="True")].type}',
      '-n paystream logs job/paystream-migrate --tail=20',
      'apply -f RENDERED',
      '-n paystream rollout status deployment/paystream-sink --timeout=10m',
    ]);
  });

  it('rollout.sh: migrations that fail leave the sinks as they are', () => {
    const { status, stderr, calls } = run('rollout.sh', ['staging'], jobIs('FailureTarget Failed'));
    expect(status).toBe(1);
    expect(stderr).toContain('The migrations failed');
    expect(calls.at(-1)).toContain('logs job/paystream-migrate');
    expect(calls).not.toContain('apply -f RENDERED');
  });

  it('rollout.sh: no migrations before ksqlDB is there', () => {
    const { status, calls } = run('rollout.sh', ['staging'], "*'status statefulset'*) exit 1 ;;");
    expect(status).not.toBe(0);
    expect(calls.at(-1)).toContain('rollout status statefulset/ksqldb');
  });

  it('roll-back.sh: the sinks first, then the migrations above the version, shown before they are done', () => {
    const { status, calls } = run('roll-back.sh', ['production', '6']);
    expect(status).toBe(0);
    expect(calls).toEqual([
      '-n paystream rollout undo deployment/paystream-sink',
      '-n paystream rollout status deployment/paystream-sink --timeout=10m',
      'npx paystream migrate undo --to 6 --dry-run',
      'npx paystream migrate undo --to 6',
    ]);
  });

  it('lose-ksqldb-server.sh: counts the seconds without an answer, and shows no password', () => {
    const password = join(folder, 'password');
    writeFileSync(password, 'dr1ll-pa55word\n');
    // The first two pull queries after the loss go unanswered; the login comes by standard input.
    const answers = `*'exec -i ksqldb-0'*)
  grep -q 'user = "ops:dr1ll-pa55word"' || exit 9
  n=$(grep -c 'exec -i' '${folder}/calls')
  if [ "$n" -eq 2 ] || [ "$n" -eq 3 ]; then exit 22; fi ;;
*'get pod ksqldb-1'*) echo True ;;`;
    const { status, stdout, calls } = run('lose-ksqldb-server.sh', ['staging', '7', '30'], answers, {
      KSQLDB_USER: 'ops',
      KSQLDB_PASSWORD_FILE: password,
    });
    expect(stdout).toContain('both servers ready after 6 s; 2 s without an answer from the other one');
    expect(status).toBe(0);
    expect(calls.join('\n')).toContain('WHERE CUSTOMER_ID = 7;');
    expect(calls.join('\n')).not.toContain('dr1ll-pa55word');
    expect(calls.filter((call) => call.includes('delete pod'))).toEqual([
      '-n paystream-staging delete pod ksqldb-1 --wait=false',
    ]);
  });

  it('lose-ksqldb-server.sh: does not begin where pull queries do not work anyway', () => {
    const password = join(folder, 'password');
    writeFileSync(password, 'x\n');
    const { status, calls } = run('lose-ksqldb-server.sh', ['staging'], "*'exec -i'*) exit 7 ;;", {
      KSQLDB_USER: 'ops',
      KSQLDB_PASSWORD_FILE: password,
    });
    expect(status).toBe(1);
    expect(calls.some((call) => call.includes('delete pod'))).toBe(false);
  });
});
