import { useState } from 'preact/hooks';
import type { DriftAnswer, MigrationsAnswer, PlanAnswer } from '../wire.js';
import { ago, dateTime } from './format.js';
import type { PageProps } from './page-props.js';
import { Badge, Card, Empty, ErrorBox, stateTone } from './parts.js';
import { Scroll } from './scroll.js';
import { SqlText } from './sql-text.js';
import { useLoaded } from './use-loaded.js';

export function Page({ info }: PageProps) {
  if (!info.migrations) {
    return <Empty>No migrations folder. Start the console with `--directory`.</Empty>;
  }
  return <Migrations />;
}

function Migrations() {
  const history = useLoaded<MigrationsAnswer>('/api/migrations', 5_000);
  const { data } = history;
  const open = data?.versions.filter(({ state }) => state !== 'MIGRATED' && state !== 'SKIPPED').length ?? 0;
  return (
    <div class="stack">
      <Card
        title="Versions"
        aside={
          data === undefined ? null : (
            <span class="dim">
              at version {data.version}, {open === 0 ? 'nothing pending' : `${open} pending`} ·{' '}
              <code>{data.directory}</code>
            </span>
          )
        }
      >
        {history.error === undefined ? null : <ErrorBox error={history.error} />}
        {data?.lock == null ? null : (
          <p class="warn" role="status">
            Locked by {data.lock.holder}, since {data.lock.since}.
          </p>
        )}
        {data?.problems.map((problem) => (
          <ErrorBox
            key={problem.message}
            error={{ code: problem.severity, message: problem.message, hint: problem.hint }}
          />
        ))}
        {data === undefined ? null : <Versions versions={data.versions} />}
      </Card>
      {/* A new key reloads the plan when the state of a migration changes. */}
      <PlanCard key={data?.versions.map(({ state }) => state).join()} ready={data !== undefined} />
      <DriftCard />
    </div>
  );
}

function Versions({ versions }: { readonly versions: MigrationsAnswer['versions'] }) {
  if (versions.length === 0) return <Empty>No migrations.</Empty>;
  return (
    <Scroll label="Versions">
      <table aria-label="Migrations">
        <thead>
          <tr>
            <th scope="col">version</th>
            <th scope="col">name</th>
            <th scope="col">state</th>
            <th scope="col">completed</th>
            <th scope="col" class="number">
              took
            </th>
            <th scope="col" class="next-to-number">
              undo
            </th>
          </tr>
        </thead>
        <tbody>
          {versions.map((version) => (
            <tr key={version.version} class={version.state === 'ERROR' ? 'bad' : ''}>
              <td class="mono version">{version.version}</td>
              <th scope="row">
                {version.name}
                {version.failedAt === undefined ? null : (
                  <p class="bad">
                    stopped at statement {version.failedAt.statement} of {version.failedAt.of}
                  </p>
                )}
                {version.error === undefined ? null : <pre class="message-text">{version.error}</pre>}
              </th>
              <td>
                <Badge tone={stateTone(version.state)}>{version.state}</Badge>
              </td>
              <td class="mono time">
                {version.completedOn === undefined ? '' : dateTime(version.completedOn)}
              </td>
              <td class="number">
                {version.completedOn === undefined || version.startedOn === undefined
                  ? ''
                  : ago(Date.parse(version.completedOn) - Date.parse(version.startedOn))}
              </td>
              <td class={`next-to-number ${version.undo ? '' : 'dim'}`}>{version.undo ? 'yes' : 'none'}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}

const SIGNS: Readonly<Record<string, string>> = { create: '+', change: '~', remove: '−', insert: '»' };

function PlanCard({ ready }: { readonly ready: boolean }) {
  const plan = useLoaded<PlanAnswer>(ready ? '/api/migrations/plan' : null);
  const { data } = plan;
  return (
    <Card
      title="Plan"
      aside={
        <button type="button" class="link" onClick={plan.reload} disabled={plan.busy}>
          reload
        </button>
      }
    >
      {plan.error === undefined ? null : <ErrorBox error={plan.error} />}
      {data === undefined && plan.busy ? (
        <Empty>The server is validating the pending migrations…</Empty>
      ) : null}
      {data?.files.length === 0 ? <Empty>Nothing is pending.</Empty> : null}
      {data?.refusal === undefined ? null : (
        <ErrorBox
          error={{
            code: 'rejected by the server',
            message: data.refusal.message,
            where: `${data.refusal.path}:${data.refusal.line}`,
          }}
        />
      )}
      {data?.files.map((file) => (
        <section class="planned" key={file.version} aria-label={`Version ${file.version}`}>
          <h3>
            {file.version} {file.name}{' '}
            {file.resumesAt === undefined ? null : (
              <Badge tone="warn">resumes at statement {file.resumesAt}</Badge>
            )}
          </h3>
          {file.findings.map((finding) => (
            <p class={`finding ${finding.severity}`} key={`${finding.code} ${finding.line}`}>
              <Badge tone={finding.severity === 'error' ? 'bad' : 'warn'}>{finding.code}</Badge> line{' '}
              {finding.line}: {finding.message} <span class="dim">{finding.instead}</span>
            </p>
          ))}
          {file.statements.map((statement) => (
            <details key={statement.number} open={statement.changes.some(({ action }) => action !== 'other')}>
              <summary>
                {statement.changes.length === 0 ? <span class="dim">line {statement.line}</span> : null}
                {statement.changes.map((change) => (
                  <span
                    class={`change ${change.action}`}
                    key={`${change.action} ${change.what} ${change.name}`}
                  >
                    <b>{SIGNS[change.action] ?? '·'}</b> {change.action} {change.what}{' '}
                    <code>{change.name}</code>
                  </span>
                ))}
              </summary>
              <SqlText sql={statement.text} />
            </details>
          ))}
        </section>
      ))}
    </Card>
  );
}

function DriftCard() {
  const [asked, setAsked] = useState(false);
  const drift = useLoaded<DriftAnswer>(asked ? '/api/migrations/drift' : null);
  return (
    <Card
      title="Drift"
      aside={
        <button type="button" onClick={() => (asked ? drift.reload() : setAsked(true))} disabled={drift.busy}>
          {drift.busy ? 'Comparing…' : 'Compare'}
        </button>
      }
    >
      {drift.error === undefined ? null : <ErrorBox error={drift.error} />}
      {drift.data === undefined ? (
        <Empty>
          Applies the same files to a fresh embedded cluster and compares the two clusters. This takes a few
          seconds.
        </Empty>
      ) : drift.data.differences.length === 0 ? (
        <p role="status">
          <Badge tone="good">none</Badge> The cluster matches its migrations.
        </p>
      ) : (
        <ul class="differences">
          {drift.data.differences.map((difference) => (
            <li key={`${difference.kind} ${difference.what} ${difference.name}`}>
              <Badge tone={difference.kind === 'extra' ? 'warn' : 'bad'}>{difference.kind}</Badge>{' '}
              {difference.what} <code>{difference.name}</code>
              {difference.detail === undefined ? null : <pre class="message-text">{difference.detail}</pre>}
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}
