import { existsSync, readFileSync } from 'node:fs';
import { parse } from 'yaml';
import type { Problems } from './problems.js';
import { lookAtPromql } from './promql.js';

export interface AlertGroups {
  readonly groups: readonly {
    readonly name: string;
    readonly rules: readonly {
      readonly alert: string;
      readonly expr: string;
      readonly for?: string;
      readonly labels: Readonly<Record<string, string>>;
      readonly annotations: Readonly<Record<string, string>>;
    }[];
  }[];
}

interface Panel {
  readonly title?: string;
  readonly type: string;
  readonly targets?: readonly { readonly expr?: string }[];
  readonly panels?: readonly Panel[];
}

/** Metrics of Prometheus itself. */
const builtIn = new Set(['up']);

function checkQuery(where: string, query: string, metrics: ReadonlySet<string>, problems: Problems): void {
  problems.looked();
  const { errors, metrics: used } = lookAtPromql(query);
  for (const position of errors) problems.add(where, `PromQL syntax error at ${position}: ${query}`);
  if (used.length === 0) problems.add(where, `uses no metric: ${query}`);
  for (const name of used) {
    if (!metrics.has(name) && !builtIn.has(name)) problems.add(where, `${name} is not exported`);
  }
}

/** Returns the anchors of all headings, as GitHub generates them. */
function anchors(markdown: string): ReadonlySet<string> {
  return new Set(
    markdown
      .split('\n')
      .filter((line) => line.startsWith('#'))
      .map((line) =>
        line
          .replace(/^#+\s*/, '')
          .toLowerCase()
          .replaceAll(/[^\w\- ]/g, '')
          .replaceAll(' ', '-'),
      ),
  );
}

/** Checks that every alert parses, uses exported metrics, and has a severity and an existing runbook. */
export function checkAlerts(path: string, metrics: ReadonlySet<string>, problems: Problems): AlertGroups {
  const file = parse(readFileSync(path, 'utf8')) as AlertGroups;
  for (const { alert, expr, labels, annotations } of file.groups.flatMap((group) => group.rules)) {
    const where = `${path} ${alert}`;
    checkQuery(where, expr, metrics, problems);
    if (!['critical', 'warning', 'info'].includes(labels.severity ?? ''))
      problems.add(where, 'has no severity');
    if ((annotations.summary ?? '') === '') problems.add(where, 'has no summary');
    const [runbook = '', anchor = ''] = (annotations.runbook_url ?? '').split('#');
    if (!existsSync(runbook)) problems.add(where, `runbook ${runbook} does not exist`);
    else if (!anchors(readFileSync(runbook, 'utf8')).has(anchor))
      problems.add(where, `${runbook} has no #${anchor}`);
  }
  return file;
}

/** Checks that the queries of all panels parse and use exported metrics. */
export function checkDashboard(path: string, metrics: ReadonlySet<string>, problems: Problems): void {
  const dashboard = JSON.parse(readFileSync(path, 'utf8')) as {
    readonly uid?: string;
    readonly title?: string;
    readonly panels: readonly Panel[];
  };
  if (dashboard.uid === undefined || dashboard.title === undefined) problems.add(path, 'has no uid or title');
  const panels = dashboard.panels.flatMap((panel) => [panel, ...(panel.panels ?? [])]);
  for (const { title = 'a panel', targets = [], type } of panels) {
    if (type !== 'row' && type !== 'text' && targets.length === 0)
      problems.add(`${path} ${title}`, 'has no query');
    for (const { expr = '' } of targets) checkQuery(`${path} ${title}`, expr, metrics, problems);
  }
}
