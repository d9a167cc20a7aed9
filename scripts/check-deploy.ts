/**
 * Checks everything that is deployed: `npm run check:deploy`. With `--write`, it first writes the generated files.
 *
 * - Renders each overlay with kustomize (or kubectl) and validates each object against the schema of its kind. Unknown
 *   fields are errors.
 * - Validates the compose file against the compose specification.
 * - Parses the queries of dashboards and alerts as PromQL. They may use only metrics that Paystream exports.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { checkCompose, readEnvFile } from './check-deploy/compose.js';
import { checkDockerfile } from './check-deploy/dockerfile.js';
import { exportedMetrics } from './check-deploy/exported-metrics.js';
import {
  aclCommands,
  configJsonSchema,
  current,
  monitoring,
  topicCommands,
} from './check-deploy/generated.js';
import { type Manifest, schemaProblems } from './check-deploy/kubernetes-schemas.js';
import { haveKustomize, render } from './check-deploy/kustomize.js';
import { checkLinks } from './check-deploy/manifest-links.js';
import { checkManifests } from './check-deploy/manifest-rules.js';
import { checkAlerts, checkDashboard } from './check-deploy/observability.js';
import { checkOverlays } from './check-deploy/overlays.js';
import { Problems } from './check-deploy/problems.js';
import { checkTopics, readAcls, readTopics } from './check-deploy/topics.js';

process.chdir(new URL('..', import.meta.url).pathname);
const write = process.argv.includes('--write');
const mustHaveTools = process.env.PAYSTREAM_REQUIRE_TOOLS === '1';
const problems = new Problems();
const say = (text: string) => process.stdout.write(`${text}\n`);

/** Runs a check and prints how many things it checked. */
async function part(name: string, check: () => void | Promise<void>): Promise<void> {
  const [before, found] = [problems.checked, problems.list.length];
  try {
    await check();
  } catch (error) {
    problems.add(name, error instanceof Error ? error.message : String(error));
  }
  const wrong = problems.list.length - found;
  say(
    `${wrong === 0 ? 'ok  ' : 'FAIL'} ${name}: ${problems.checked - before} checked${wrong === 0 ? '' : `, ${wrong} wrong`}`,
  );
}

const TOPICS = 'deploy/kafka/strimzi/topics.yaml';
const USERS = 'deploy/kafka/strimzi/users.yaml';
const ALERTS = 'deploy/alerts/paystream.rules.yaml';

await part('alerts and dashboards', async () => {
  const metrics = await exportedMetrics();
  const alerts = checkAlerts(ALERTS, metrics, problems);
  current('deploy/base/monitoring.yaml', monitoring(alerts), write, problems);
  for (const file of readdirSync('deploy/dashboards'))
    checkDashboard(`deploy/dashboards/${file}`, metrics, problems);
});

await part('topics and rights', () => {
  const topics = readTopics(TOPICS);
  checkTopics(topics, 'ksql/migrations', 'docs/topics.md', problems);
  current('deploy/kafka/managed/topics.sh', topicCommands(topics), write, problems);
  current('deploy/kafka/managed/acls.sh', aclCommands(readAcls(USERS)), write, problems);
  for (const file of ['topics.sh', 'acls.sh']) execFileSync('bash', ['-n', `deploy/kafka/managed/${file}`]);
});

await part('schema of paystream.yaml', () => {
  current('docs/paystream.schema.json', configJsonSchema(), write, problems);
});

if (haveKustomize || mustHaveTools) {
  const overlays = readdirSync('deploy/overlays').map((name) => `deploy/overlays/${name}`);
  for (const folder of [...overlays, 'deploy/kafka/strimzi']) {
    await part(folder, () => {
      const manifests: readonly Manifest[] = render(folder);
      problems.looked(manifests.length);
      for (const manifest of manifests) {
        const at = `${folder} ${manifest.kind}/${manifest.metadata.name}`;
        for (const problem of schemaProblems(manifest)) problems.add(at, problem);
      }
      checkManifests(folder, manifests, problems);
      checkLinks(folder, manifests, problems);
    });
  }
  await part('overlays beside each other', () =>
    checkOverlays(new Map(overlays.map((folder) => [folder, render(folder)])), problems),
  );
} else {
  say(
    'SKIP overlays: neither kustomize nor kubectl is installed (PAYSTREAM_REQUIRE_TOOLS=1 makes this an error)',
  );
}

await part('docker-compose.yml', () => checkCompose('docker-compose.yml', '.env', problems));
await part('Dockerfile', () => checkDockerfile('Dockerfile', problems));

await part('one version everywhere', () => {
  problems.looked();
  const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { readonly version: string };
  const ksqldb = readEnvFile('.env').get('KSQLDB_VERSION');
  for (const name of readdirSync('deploy/overlays')) {
    const text = readFileSync(`deploy/overlays/${name}/kustomization.yaml`, 'utf8');
    if (!text.includes(`newTag: ${version} `))
      problems.add(`deploy/overlays/${name}`, `the version of paystream is not ${version}`);
    if (!text.includes(`newTag: ${ksqldb} `))
      problems.add(`deploy/overlays/${name}`, `the version of ksqlDB is not ${ksqldb}, which .env specifies`);
  }
});

// promtool also checks types, and whether each alert fires when it should.
if (spawnSync('promtool', ['--version']).status === 0) {
  await part('promtool', () => {
    for (const args of [
      ['check', 'rules', ALERTS],
      ['check', 'config', '--syntax-only', 'deploy/compose/prometheus.yml'],
      ['test', 'rules', 'deploy/alerts/paystream.test.yaml'],
    ]) {
      problems.looked();
      const { status, stdout, stderr } = spawnSync('promtool', args, { encoding: 'utf8' });
      if (status !== 0) problems.add(`promtool ${args.join(' ')}`, `${stdout}${stderr}`.trim());
    }
  });
} else if (mustHaveTools) {
  problems.add('promtool', 'not installed. Install the Debian package prometheus.');
} else {
  say('SKIP promtool: not installed (the Debian package prometheus has it)');
}

for (const problem of problems.list) say(`  ${problem}`);
say(`${problems.checked} checked, ${problems.list.length} wrong`);
process.exitCode = problems.list.length === 0 ? 0 : 1;
