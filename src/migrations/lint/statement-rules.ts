import type { CreateAsSelect, FromClause, Query, Statement, WindowExpression } from '../../sql/ast.js';
import { type FileStatement, queryIdOf } from '../file-statements.js';
import type { Severity } from './finding.js';

/** What earlier statements tell about the current one. It is kept across files. */
export class LintContext {
  /** The partitions of sources, if the files specify them. */
  readonly partitions = new Map<string, number>();
  readonly kinds = new Map<string, 'STREAM' | 'TABLE'>();
  /** `auto.offset.reset` in the current file. */
  offsetReset: string | undefined;

  beginFile(): void {
    this.offsetReset = undefined;
  }
}

export interface RuleHit {
  readonly code: string;
  readonly severity: Severity;
  readonly message: string;
  readonly instead: string;
  /** If it is not the position of the statement. */
  readonly line?: number;
}

type Rule = (
  tree: Statement,
  context: LintContext,
  statement: FileStatement,
) => readonly RuleHit[] | RuleHit | undefined;

const UNSUPPORTED: ReadonlySet<string> = new Set([
  'Query',
  'List',
  'Describe',
  'DescribeAll',
  'DescribeFunction',
  'DescribeConnector',
  'Explain',
  'Print',
  'RunScript',
  'AssertValues',
  'AssertTombstone',
  'AssertSource',
]);

function queryOf(tree: Statement): Query | undefined {
  return tree.kind === 'CreateAsSelect' || tree.kind === 'InsertInto' ? tree.query : undefined;
}

const notForMigrations: Rule = (tree) =>
  UNSUPPORTED.has(tree.kind)
    ? {
        code: 'PL020',
        severity: 'error',
        message: 'This statement changes nothing; migrations cannot hold it, and ksql-migrations refuses it.',
        instead: 'Leave it out; `paystream query` runs it.',
      }
    : undefined;

const undefinedVariable: Rule = (_tree, _context, { normal }) => {
  const at = normal.indexOf('${');
  if (at === -1 || normal[at - 1] === '$') return undefined;
  const end = normal.indexOf('}', at);
  return {
    code: 'PL021',
    severity: 'error',
    message: `The variable ${normal.slice(at, end + 1)} is not defined.`,
    instead: 'DEFINE it in the file, under migrations.variables in paystream.yaml, or with --define.',
  };
};

const selectStar: Rule = (tree) => {
  const star = queryOf(tree)?.select.find((item) => item.kind !== 'Single');
  if (star === undefined) return undefined;
  return {
    code: 'PL101',
    severity: 'warning',
    message: 'SELECT * is frozen when the query is created: columns added to the source later do not arrive.',
    instead: 'Name the columns.',
    ...(star.at === undefined ? {} : { line: star.at.line }),
  };
};

const noQueryId: Rule = (tree) =>
  tree.kind === 'InsertInto' && queryIdOf(tree) === undefined
    ? {
        code: 'PL102',
        severity: 'warning',
        message: 'INSERT INTO without QUERY_ID: the query is INSERTQUERY_n, another n on every cluster.',
        instead: `INSERT INTO ${tree.target} WITH (QUERY_ID = '${tree.query.from.left.name}') SELECT ...`,
      }
    : undefined;

const latestOnly: Rule = (tree, context) => {
  const query = queryOf(tree);
  if (query?.groupBy === undefined || context.offsetReset === 'earliest') return undefined;
  return {
    code: 'PL103',
    severity: 'warning',
    message:
      'An aggregate that begins at the end of its source, the default, misses what is in the topic already.',
    instead: "SET 'auto.offset.reset' = 'earliest'; before the statement, in the same file.",
  };
};

const noRetention: Rule = (tree) =>
  tree.kind === 'CreateAsSelect' && tree.query.window !== undefined && !tree.with.has('RETENTION_MS')
    ? {
        code: 'PL104',
        severity: 'warning',
        message:
          "A windowed table's topic takes its retention from the source's topic, not from the window: readers that were away miss results.",
        instead: 'RETENTION_MS = <at least the window retention> in its WITH.',
      }
    : undefined;

const partitionsApart: Rule = (tree, context) => {
  const query = queryOf(tree);
  if (query === undefined) return undefined;
  return joinsOf(query.from, context).flatMap(({ left, right }) => {
    const a = context.partitions.get(left);
    const b = context.partitions.get(right);
    if (a === undefined || b === undefined || a === b) return [];
    return [
      {
        code: 'PL105',
        severity: 'error' as const,
        message: `${left} has ${a} partitions and ${right} has ${b}: they cannot be joined.`,
        instead: `The same PARTITIONS for both, or join a copy: CREATE STREAM ... WITH (PARTITIONS = ${a}) AS SELECT ... FROM ${right}.`,
      },
    ];
  });
};

/** Joins whose sides must have the same number of partitions. Table-table joins are excluded, because they may be foreign-key joins. */
function joinsOf(from: FromClause, context: LintContext): { left: string; right: string }[] {
  return from.joins
    .filter(
      ({ right }) =>
        context.kinds.get(from.left.name) === 'STREAM' || context.kinds.get(right.name) === 'STREAM',
    )
    .map(({ right }) => ({ left: from.left.name, right: right.name }));
}

const notUpgradable: Rule = (tree) => {
  if (tree.kind !== 'CreateAsSelect' || !tree.orReplace) return undefined;
  const { query } = tree;
  const why =
    query.window !== undefined
      ? 'a windowed query'
      : query.from.joins.length > 0
        ? 'a join'
        : query.groupBy !== undefined
          ? 'an aggregate'
          : query.partitionBy !== undefined
            ? 'a query with PARTITION BY'
            : undefined;
  return why === undefined
    ? undefined
    : {
        code: 'PL106',
        severity: 'warning',
        message: `ksqlDB cannot replace ${why} in place, except by columns added at its end.`,
        instead: `A new ${tree.sourceType.toLowerCase()} under a new name, filled from earliest; move its readers, then drop ${tree.name}.`,
      };
};

const noGrace: Rule = (tree) => {
  const query = queryOf(tree);
  if (query === undefined) return undefined;
  const window: WindowExpression | undefined = query.window;
  const hits: RuleHit[] = [];
  if (window !== undefined && window.grace === undefined) {
    hits.push({
      code: 'PL107',
      severity: 'warning',
      message: 'A window without GRACE PERIOD takes late records for 24 hours, then drops them silently.',
      instead: 'GRACE PERIOD in the WINDOW clause, as long as records may be late.',
      ...(window.at === undefined ? {} : { line: window.at.line }),
    });
  }
  for (const join of query.from.joins) {
    if (join.within === undefined || join.within.grace !== undefined) continue;
    hits.push({
      code: 'PL107',
      severity: 'warning',
      message:
        'A WITHIN without GRACE PERIOD keeps the old semantics: outer results may come early, with NULLs that a match would have filled.',
      instead: 'WITHIN ... GRACE PERIOD ...',
      ...(join.at === undefined ? {} : { line: join.at.line }),
    });
  }
  return hits;
};

const deletesTopic: Rule = (tree) =>
  tree.kind === 'DropSource' && tree.deleteTopic
    ? {
        code: 'PL108',
        severity: 'warning',
        message: `DELETE TOPIC deletes all records of ${tree.name}; no undo file brings them back.`,
        instead: 'DROP without DELETE TOPIC; delete the topic by hand once nobody misses it.',
      }
    : undefined;

const serverDefaults: Rule = (tree) => {
  if (tree.kind !== 'CreateSource' || tree.with.has('VALUE_FORMAT') || tree.with.has('FORMAT'))
    return undefined;
  return {
    code: 'PL109',
    severity: 'warning',
    message:
      "Without VALUE_FORMAT the server's default format is taken, if it has one: it may differ from cluster to cluster.",
    instead: "VALUE_FORMAT = 'JSON' in its WITH.",
  };
};

const MONEY: readonly string[] = ['AMOUNT', 'PRICE', 'BALANCE', 'TOTAL', 'FEE'];

const inexactMoney: Rule = (tree) => {
  if (tree.kind !== 'CreateSource') return undefined;
  return tree.columns
    .filter(
      ({ name, type }) => type.base === 'DOUBLE' && MONEY.some((word) => name.toUpperCase().includes(word)),
    )
    .map((column) => ({
      code: 'PL110',
      severity: 'warning' as const,
      message: `${column.name} is a DOUBLE: amounts of money are rounded.`,
      instead: 'DECIMAL(19, 4)',
      ...(column.at === undefined ? {} : { line: column.at.line }),
    }));
};

const insertsRecords: Rule = (tree) =>
  tree.kind === 'InsertValues'
    ? {
        code: 'PL111',
        severity: 'warning',
        message:
          'INSERT VALUES is not repeatable: if the server dies beside it, nobody can tell whether it ran.',
        instead: 'Write records with a producer; keep migrations to definitions.',
      }
    : undefined;

const droppedChange: Rule = (tree) =>
  tree.kind === 'CreateSource' && tree.ifNotExists
    ? {
        code: 'PL112',
        severity: 'warning',
        message: `IF NOT EXISTS keeps an older ${tree.name} with other columns, and says nothing.`,
        instead: 'CREATE without IF NOT EXISTS: a migration knows what is there.',
      }
    : undefined;

const ALL: readonly Rule[] = [
  notForMigrations,
  undefinedVariable,
  selectStar,
  noQueryId,
  latestOnly,
  noRetention,
  partitionsApart,
  notUpgradable,
  noGrace,
  deletesTopic,
  serverDefaults,
  inexactMoney,
  insertsRecords,
  droppedChange,
];

/** Applies the rules to a statement and adds it to the context. */
export function checkStatement(statement: FileStatement, context: LintContext): readonly RuleHit[] {
  const { tree } = statement;
  if (tree === undefined) return [];
  const hits = ALL.flatMap((rule) => rule(tree, context, statement) ?? []);
  remember(tree, context);
  return hits;
}

function remember(tree: Statement, context: LintContext): void {
  switch (tree.kind) {
    case 'SetProperty':
      if (isOffsetReset(tree.property)) context.offsetReset = tree.value.toLowerCase();
      break;
    case 'UnsetProperty':
      if (isOffsetReset(tree.property)) context.offsetReset = undefined;
      break;
    case 'CreateSource':
    case 'CreateAsSelect': {
      context.kinds.set(tree.name, tree.sourceType);
      const partitions = partitionsOf(tree, context);
      if (partitions === undefined) context.partitions.delete(tree.name);
      else context.partitions.set(tree.name, partitions);
      break;
    }
    case 'DropSource':
      context.kinds.delete(tree.name);
      context.partitions.delete(tree.name);
      break;
    default:
  }
}

function isOffsetReset(property: string): boolean {
  return property === 'auto.offset.reset' || property === 'ksql.streams.auto.offset.reset';
}

/** By default, a query's topic has as many partitions as the topic of its (left) source. */
function partitionsOf(
  tree: CreateAsSelect | Extract<Statement, { kind: 'CreateSource' }>,
  context: LintContext,
): number | undefined {
  const given = tree.with.get('PARTITIONS');
  if (given?.kind === 'Integer') return given.value;
  return tree.kind === 'CreateAsSelect' ? context.partitions.get(tree.query.from.left.name) : undefined;
}
