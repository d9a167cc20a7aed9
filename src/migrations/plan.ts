import type { KsqldbClient } from '../ksqldb/ksqldb-client.js';
import type { Statement } from '../sql/ast.js';
import { dryRun } from './dry-run.js';
import { type FileStatement, fileStatements, joined, queryIdOf, type Variables } from './file-statements.js';
import { type HistoryEntries, latestMigrated, unfinished } from './history-entry.js';
import { type HistoryNames, HistoryStore } from './history-store.js';
import { type Finding, lintFiles } from './lint/lint.js';
import { type MigrationFile, readMigrationFiles } from './migration-file.js';
import { type Remaining, remainingOf } from './resume-point.js';
import { type Selection, selectPending } from './select-pending.js';
import { readServerObjects, type ServerObjects } from './server-objects.js';
import { findStatement } from './statement-place.js';
import { assertValid, type Problem, validateHistory } from './validate-history.js';

export interface PlanOptions extends Selection {
  readonly client: KsqldbClient;
  readonly directory: string;
  readonly variables?: Variables;
  readonly history?: Partial<HistoryNames>;
  readonly resumeAt?: number | undefined;
}

/** What a statement does to the cluster. */
export interface Change {
  readonly action: 'create' | 'change' | 'remove' | 'insert' | 'other';
  readonly what: 'stream' | 'table' | 'query' | 'topic' | 'type' | 'records' | 'connector' | 'setting';
  readonly name: string;
}

export interface PlannedStatement {
  readonly number: number;
  readonly line: number;
  /** Normalized, with variables replaced. */
  readonly text: string;
  readonly changes: readonly Change[];
}

export interface PlannedFile {
  readonly file: MigrationFile;
  /** The statement at which an unfinished file resumes, from 1. */
  readonly resumesAt?: number;
  readonly statements: readonly PlannedStatement[];
  readonly findings: readonly Finding[];
}

/** A statement that the server rejected. */
export interface Refusal {
  readonly file: MigrationFile;
  readonly line: number;
  readonly statement: string;
  readonly message: string;
}

export interface Plan {
  /** The newest migrated version now, or `<none>`. */
  readonly version: string;
  readonly files: readonly PlannedFile[];
  readonly problems: readonly Problem[];
  readonly refusal?: Refusal;
}

/** Plans what `migrate` would run, validated by the server. Changes nothing, not even the history. */
export async function planMigrations(options: PlanOptions): Promise<Plan> {
  const { client, directory, variables = {} } = options;
  const files = readMigrationFiles(directory);
  const history = new HistoryStore(client, options.history);
  const entries: HistoryEntries = await history.readOrEmpty();
  const problems = validateHistory(files, entries);
  assertValid(problems);
  const version = latestMigrated(entries);
  const pending = selectPending(files, version, options);
  const server = await readServerObjects(client);
  const names = new Known(server);
  const steps = pending.map((file) => ({ file, ...remaining(file, entries, server, variables, options) }));
  const findings = lintFiles(files, { variables }).filter((finding) =>
    pending.some((file) => file.path === finding.path),
  );
  const planned = steps.map(({ file, statements, from }) => ({
    file,
    ...(from === 1 ? {} : { resumesAt: from }),
    statements: statements.map((statement) => ({
      number: statement.number,
      line: statement.line,
      text: statement.normal,
      changes: statement.tree === undefined ? [] : names.changesOf(statement.tree),
    })),
    findings: findings.filter((finding) => finding.path === file.path),
  }));
  const refusal = pending.length === 0 ? undefined : await validate(client, steps, variables);
  return { version, files: planned, problems, ...(refusal === undefined ? {} : { refusal }) };
}

function remaining(
  file: MigrationFile,
  entries: HistoryEntries,
  server: ServerObjects,
  variables: Variables,
  options: PlanOptions,
): Remaining {
  const statements = fileStatements(file.sql, variables);
  const open = unfinished(entries);
  if (open?.version !== String(file.version)) return { statements, from: 1 };
  return remainingOf(file, open, statements, server, options.resumeAt);
}

interface Step {
  readonly file: MigrationFile;
  readonly statements: readonly FileStatement[];
}

/**
 * Joins all files into one request, because a file may need what an earlier one creates. Settings and variables of a file must
 * not affect the next.
 */
async function validate(
  client: KsqldbClient,
  steps: readonly Step[],
  variables: Variables,
): Promise<Refusal | undefined> {
  const texts = steps.map(({ statements }) => `${joined(statements)}\n${resetAfter(statements, variables)}`);
  const refused = await dryRun(client, texts.join('\n'), variables);
  if (refused === undefined) return undefined;
  for (const { file, statements } of steps) {
    const found = findStatement(statements, refused.statementText);
    if (found === undefined) continue;
    return { file, line: found.line, statement: found.text, message: refused.message };
  }
  const [first] = steps;
  // The server did not name a statement of the files, so only its message is available.
  if (first === undefined) throw refused;
  return { file: first.file, line: 1, statement: refused.statementText ?? '', message: refused.message };
}

function resetAfter(statements: readonly FileStatement[], variables: Variables): string {
  const resets: string[] = [];
  const wanted = new Map(Object.entries(variables).map(([name, value]) => [name.toUpperCase(), value]));
  for (const { tree } of statements) {
    if (tree?.kind === 'SetProperty') resets.push(`UNSET '${tree.property.replaceAll("'", "''")}';`);
    if (tree?.kind === 'Define' || tree?.kind === 'Undefine') {
      const value = wanted.get(tree.name.toUpperCase());
      if (value !== undefined) resets.push(`DEFINE ${tree.name} = '${value.replaceAll("'", "''")}';`);
      else if (tree.kind === 'Define') resets.push(`UNDEFINE ${tree.name};`);
    }
  }
  return resets.join('\n');
}

/** The existing objects, and those that the statements so far would create. */
class Known {
  readonly #sources: Set<string>;
  readonly #topics: Set<string>;
  readonly #types: Set<string>;

  constructor(server: ServerObjects) {
    this.#sources = new Set(server.sources.keys());
    this.#topics = new Set(server.topics.keys());
    this.#types = new Set(server.types.keys());
  }

  changesOf(tree: Statement): readonly Change[] {
    switch (tree.kind) {
      case 'CreateSource':
      case 'CreateAsSelect': {
        const exists = this.#sources.has(tree.name);
        if (exists && tree.ifNotExists) return [];
        this.#sources.add(tree.name);
        const what = tree.sourceType === 'STREAM' ? 'stream' : 'table';
        const given = tree.with.get('KAFKA_TOPIC');
        const topic = given?.kind === 'String' ? given.value : tree.name;
        const changes: Change[] = [];
        if (!this.#topics.has(topic)) changes.push({ action: 'create', what: 'topic', name: topic });
        this.#topics.add(topic);
        const action = exists ? 'change' : 'create';
        changes.push({ action, what, name: tree.name });
        if (tree.kind === 'CreateAsSelect') {
          const prefix = tree.sourceType === 'STREAM' ? 'CSAS' : 'CTAS';
          changes.push({ action, what: 'query', name: `${prefix}_${tree.name}` });
        }
        return changes;
      }
      case 'InsertInto':
        return [
          { action: 'create', what: 'query', name: queryIdOf(tree) ?? `INSERTQUERY into ${tree.target}` },
        ];
      case 'InsertValues':
        return [{ action: 'insert', what: 'records', name: tree.target }];
      case 'DropSource': {
        if (!this.#sources.delete(tree.name) && tree.ifExists) return [];
        return [
          { action: 'remove', what: tree.sourceType === 'STREAM' ? 'stream' : 'table', name: tree.name },
        ];
      }
      case 'AlterSource':
        return [
          { action: 'change', what: tree.sourceType === 'STREAM' ? 'stream' : 'table', name: tree.name },
        ];
      case 'CreateType':
        if (this.#types.has(tree.name) && tree.ifNotExists) return [];
        this.#types.add(tree.name);
        return [{ action: 'create', what: 'type', name: tree.name }];
      case 'DropType':
        if (!this.#types.delete(tree.name) && tree.ifExists) return [];
        return [{ action: 'remove', what: 'type', name: tree.name }];
      case 'Terminate':
        return [{ action: 'remove', what: 'query', name: tree.queryId }];
      case 'Pause':
      case 'Resume':
        return [{ action: 'change', what: 'query', name: tree.queryId }];
      case 'CreateConnector':
        return [{ action: 'create', what: 'connector', name: tree.name }];
      case 'DropConnector':
        return [{ action: 'remove', what: 'connector', name: tree.name }];
      default:
        return [];
    }
  }
}
