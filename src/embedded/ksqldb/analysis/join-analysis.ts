import type { Expression, JoinClause } from '../../../sql/ast.js';
import { KsqlException } from '../errors.js';
import { expressionText } from '../expressions/expression-text.js';
import type { AliasedSource, JoinInfo } from './analysis.js';
import { ColumnValidator } from './column-validator.js';
import { sourceSchemas } from './source-schemas.js';

const isEquality = (e: Expression): boolean => e.kind === 'Comparison' && e.op === '=';

/** Checks one JOIN clause. `sources` are the sources of the preceding clauses, then the clause's own source. */
export function analyseJoin(clause: JoinClause, sources: readonly AliasedSource[]): JoinInfo {
  const own = sources.at(-1)!;
  const on = clause.on;
  if (on.kind !== 'Comparison') {
    if (on.kind === 'Logical' && isEquality(on.left) && isEquality(on.right)) {
      throw new KsqlException(
        `Invalid join condition: joins on multiple conditions are not yet supported. Got ${expressionText(on)}.`,
      );
    }
    throw new KsqlException(`Unsupported join expression: ${expressionText(on)}`);
  }
  if (on.op !== '=') throw new KsqlException('Only equality join criteria is supported.');
  const validator = new ColumnValidator(sourceSchemas(sources, false), false);
  const left = onlySource(on.left, on, validator.check(on.left, 'JOIN ON'), sources);
  const right = onlySource(on.right, on, validator.check(on.right, 'JOIN ON'), sources);
  if (left.alias === right.alias) {
    throw new KsqlException(
      'Each side of the join must reference exactly one source and not the same source. ' +
        `Left side references \`${left.alias}\` and right references \`${right.alias}\``,
    );
  }
  rejectMixedWindows(left, right);
  if (own.alias !== left.alias && own.alias !== right.alias) {
    throw new KsqlException(
      `A join criteria is expected to reference the source (\`${own.alias}\`) in the FROM clause, instead the right ` +
        `source references \`${right.alias}\` and the left source references \`${left.alias}\``,
    );
  }
  const common = { type: clause.type, ...(clause.within === undefined ? {} : { within: clause.within }) };
  if (right.alias === sources[0]!.alias) {
    return {
      ...common,
      left: right,
      leftExpression: on.right,
      right: left,
      rightExpression: on.left,
      flipped: true,
    };
  }
  return { ...common, left, leftExpression: on.left, right, rightExpression: on.right, flipped: false };
}

/** Swaps the two sides of a join's condition. LEFT and RIGHT keep their meaning. */
export function flipJoin(join: JoinInfo): JoinInfo {
  return {
    ...join,
    left: join.right,
    leftExpression: join.rightExpression,
    right: join.left,
    rightExpression: join.leftExpression,
    flipped: true,
  };
}

function onlySource(
  e: Expression,
  join: Expression,
  used: ReadonlySet<string>,
  sources: readonly AliasedSource[],
): AliasedSource {
  const [alias] = used;
  if (used.size !== 1) {
    throw new KsqlException(
      `Invalid comparison expression '${expressionText(e)}' in join '${expressionText(join)}'. ` +
        'Each side of the join comparision must contain references from exactly one source.',
    );
  }
  const source = sources.find((candidate) => candidate.alias === alias);
  if (source === undefined) throw new KsqlException(`Cannot join on unknown source: \`${alias}\``);
  return source;
}

function rejectMixedWindows(left: AliasedSource, right: AliasedSource): void {
  const a = left.source.window?.type;
  const b = right.source.window?.type;
  if ((a === undefined) !== (b === undefined)) {
    throw new KsqlException(
      'Can not join windowed source to non-windowed source.\n' +
        `\`${left.alias}\` is ${a ?? 'not'} windowed\n\`${right.alias}\` is ${b ?? 'not'} windowed`,
    );
  }
  if (a === undefined || (a === 'SESSION') === (b === 'SESSION')) return;
  throw new KsqlException(
    `Incompatible windowed sources.\nLeft source: ${a}\nRight source: ${b}\n` +
      'Session windowed sources can only be joined to other session windowed sources, and may still not result in ' +
      'expected behaviour as session bounds must be an exact match for the join to work\n' +
      'Hopping and tumbling windowed sources can only be joined to other hopping and tumbling windowed sources',
  );
}
