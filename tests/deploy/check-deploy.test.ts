import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkCompose } from '../../scripts/check-deploy/compose.js';
import { type Manifest, schemaProblems } from '../../scripts/check-deploy/kubernetes-schemas.js';
import { haveKustomize, render } from '../../scripts/check-deploy/kustomize.js';
import { checkLinks } from '../../scripts/check-deploy/manifest-links.js';
import { checkManifests, isPinned } from '../../scripts/check-deploy/manifest-rules.js';
import { checkOverlays } from '../../scripts/check-deploy/overlays.js';
import { Problems } from '../../scripts/check-deploy/problems.js';
import { lookAtPromql } from '../../scripts/check-deploy/promql.js';

const root = resolve(import.meta.dirname, '../..');
const needed = process.env.PAYSTREAM_REQUIRE_TOOLS === '1';

describe('check:deploy', () => {
  it('accepts the checked-in files', () => {
    const { status, stdout } = spawnSync(process.execPath, ['--import', 'tsx', 'scripts/check-deploy.ts'], {
      cwd: root,
      encoding: 'utf8',
    });
    expect(stdout).toMatch(/, 0 wrong\n$/);
    expect(status).toBe(0);
  });

  it('finds compose services that cannot write their volume, fill the disk or take all memory', () => {
    const text = readFileSync(resolve(root, 'docker-compose.yml'), 'utf8');
    const folder = mkdtempSync(join(tmpdir(), 'paystream-compose-'));
    cpSync(resolve(root, 'deploy'), join(folder, 'deploy'), { recursive: true });
    const found = (from: string, to: string) => {
      expect(text).toContain(from);
      writeFileSync(join(folder, 'docker-compose.yml'), text.replaceAll(from, to));
      const problems = new Problems();
      checkCompose(join(folder, 'docker-compose.yml'), resolve(root, '.env'), problems);
      return problems.list.join('\n');
    };
    try {
      expect(found('services:', 'services:')).toBe('');
      expect(found('/var/lib/kafka-streams', '/var/lib/ksqldb-state')).toContain(
        'at /var/lib/ksqldb-state, which the user of confluentinc/cp-ksqldb-server cannot write',
      );
      expect(found('STATE_DIR: /var/lib/kafka-streams', 'STATE_DIR: /tmp/state')).toContain(
        'is not a volume',
      );
      expect(found('    logging: *logging\n', '')).toContain('does not limit the size of its logs');
      expect(found('    mem_limit: 2g\n', '')).toContain('has no memory limit');
      expect(found('CREATE_TOPICS_ENABLE: "false"', 'CREATE_TOPICS_ENABLE: "true"')).toContain(
        'needs KAFKA_AUTO_CREATE_TOPICS_ENABLE: false',
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it.skipIf(!haveKustomize && !needed)('finds a misspelled field, a wrong type, and a missing field', () => {
    const manifests = render(resolve(root, 'deploy/overlays/production'));
    const sink = manifests.find((m) => m.kind === 'Deployment' && m.metadata.name === 'paystream-sink')!;
    expect(schemaProblems(sink)).toEqual([]);
    const broken = (change: (copy: Manifest & { spec: Record<string, unknown> }) => void) => {
      const copy = structuredClone(sink) as Manifest & { spec: Record<string, unknown> };
      change(copy);
      return schemaProblems(copy).join('; ');
    };
    expect(broken((copy) => Object.assign(copy.spec, { replica: 3 }))).toContain('unknown field replica');
    expect(broken((copy) => Object.assign(copy.spec, { replicas: 'three' }))).toContain('/spec/replicas');
    expect(broken((copy) => delete copy.spec.selector)).toContain("required property 'selector'");
    expect(schemaProblems({ ...sink, kind: 'Deploiment' })).toEqual(['no schema for apps/v1 Deploiment']);
  });

  it.skipIf(!haveKustomize && !needed)('finds violations of the rules of this project', () => {
    const manifests = render(resolve(root, 'deploy/overlays/staging'));
    const found = (change: (text: string) => string) => {
      const problems = new Problems();
      checkManifests('staging', JSON.parse(change(JSON.stringify(manifests))) as Manifest[], problems);
      return problems.list.join('\n');
    };
    expect(found((text) => text)).toBe('');
    expect(found((text) => text.replaceAll('cp-ksqldb-server:7.9.9', 'cp-ksqldb-server:latest'))).toContain(
      'not pinned',
    );
    expect(found((text) => text.replaceAll('"runAsNonRoot":true', '"runAsNonRoot":false'))).toContain(
      'run as root',
    );
    expect(found((text) => text.replaceAll('"kind":"NetworkPolicy"', '"kind":"None"'))).toContain(
      'no dedicated NetworkPolicy',
    );
    expect(found((text) => text.replace('"name":"PAYSTREAM_CONFIG"', '"name":"DB_PASSWORD"'))).toContain(
      'in plain text',
    );
    expect(found((text) => text.replaceAll('"kind":"PodDisruptionBudget"', '"kind":"None"'))).toContain(
      'Budget',
    );
    expect(found((text) => text.replace('"minAvailable":1', '"minAvailable":2'))).toContain(
      'allows no disruption',
    );
    expect(found((text) => text.replaceAll('"drop":["ALL"]', '"drop":[]'))).toContain('capabilities');
    expect(found((text) => text.replaceAll('RuntimeDefault', 'Unconfined'))).toContain('seccomp');
    expect(
      found((text) => text.replaceAll('"mountPath":"/tmp","name":"tmp"', '"mountPath":"/tmp","name":"logs"')),
    ).toContain('is not mounted');
  });

  it.skipIf(!haveKustomize && !needed)('finds selectors and ports that match nothing', () => {
    const manifests = render(resolve(root, 'deploy/overlays/staging'));
    const found = (kind: string, from: string, to: string) => {
      const problems = new Problems();
      const changed = manifests.map((manifest) =>
        manifest.kind === kind
          ? (JSON.parse(JSON.stringify(manifest).replaceAll(from, to)) as Manifest)
          : manifest,
      );
      checkLinks('staging', changed, problems);
      return problems.list.join('\n');
    };
    expect(found('', '', '')).toBe('');
    expect(found('Service', '"name":"http"', '"name":"web"')).toContain(
      'none of its Services has a port http',
    );
    expect(found('Service', '"targetPort":"https"', '"targetPort":"8443"')).toContain('has a port 8443');
    expect(found('ServiceMonitor', 'paystream-exporter', 'exporter')).toContain('selects no Service');
    expect(found('NetworkPolicy', '"port":8088', '"port":8087')).toContain('allows egress to port 8087');
    expect(found('StatefulSet', '"name":"internal"', '"name":"inner"')).toContain('port internal');
  });

  it.skipIf(!haveKustomize && !needed)('finds two overlays that would form one ksqlDB cluster', () => {
    const [staging, production] = ['staging', 'production'].map((name) =>
      render(resolve(root, `deploy/overlays/${name}`)),
    );
    const same = JSON.parse(
      JSON.stringify(staging).replaceAll('kafka-staging.svc', 'kafka.svc'),
    ) as Manifest[];
    const problems = new Problems();
    checkOverlays(
      new Map([
        ['production', production!],
        ['staging', same],
      ]),
      problems,
    );
    expect(problems.list.join('\n')).toContain(
      'the ksqlDB cluster paystream_ on kafka-kafka-bootstrap.kafka.svc',
    );
  });

  it('distinguishes pinned images from moving tags', () => {
    for (const image of [
      'a/b:1.2.3',
      'b:v3.5.0',
      'node:22.20.0-bookworm-slim',
      `b@sha256:${'0'.repeat(64)}`,
      'host:5000/b:17.6',
    ])
      expect(isPinned(image), image).toBe(true);
    for (const image of ['b', 'b:latest', 'b:7', 'host:5000/b', 'b:stable', 'b:'])
      expect(isPinned(image), image).toBe(false);
  });

  it('parses PromQL and finds its metrics', () => {
    const query = 'sum by (topic) (rate(a_total{b="c"}[$__rate_interval])) / on () group_left () max(b)';
    expect(lookAtPromql(query)).toEqual({ errors: [], metrics: ['a_total', 'b'] });
    expect(lookAtPromql('sum(rate(a_total[5m])').errors).not.toEqual([]);
    expect(lookAtPromql('rate(a_total[5 minutes])').errors).not.toEqual([]);
  });
});
