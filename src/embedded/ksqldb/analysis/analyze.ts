import type { Expression, FunctionCall, JoinClause, Query, SelectItem } from '../../../sql/ast.js';
import type { Catalog } from '../catalog/catalog.js';
import { KsqlException } from '../errors.js';
import { expressionText } from '../expressions/expression-text.js';
import { walk } from '../expressions/rewrite.js';
import type { FunctionRegistry } from '../functions/registry.js';
import { isPseudoColumn, systemColumnNames } from '../schema/system-columns.js';
import type { AliasedSource, AnalysedItem, Analysis, JoinInfo } from './analysis.js';
import { ColumnValidator } from './column-validator.js';
import { analyseJoin } from './join-analysis.js';
import { sourcesOf } from './sanitize.js';
import { sourceSchemas } from './source-schemas.js';

const kafkaFormatLimits =
  'The KAFKA format is primarily intended for use as a key format. It can be used as a value format, but can not be ' +
  'used in any operation that requires a repartition or changelog topic.\n' +
  'Removing this limitation requires enhancements to the core of KSQL. This will come in a future release. ' +
  'Until then, avoid using the KAFKA format for values.\n' +
  'If you have an existing topic with KAFKA formatted values you can duplicate the data and serialize using Avro or ' +
  'JSON with a statement such as: \n\n' +
  "'CREATE STREAM <new-stream-name> WITH(VALUE_FORMAT='Avro') AS SELECT * FROM <existing-kafka-formated-stream-name>;'\n" +
  'For more info see https://github.com/confluentinc/ksql/issues/3060';

/**
 * Checks a sanitized query against the catalog, as ksqlDB's Analyzer does, and collects what the planner needs.
 *
 * @throws KsqlException with ksqlDB's message
 */
export function analyseQuery(
  query: Query,
  catalog: Catalog,
  functions: FunctionRegistry,
  isPersistent: boolean,
): Analysis {
  const sources = sourcesOf(query.from, catalog);
  rejectSelfJoins(sources);
  rejectDuplicates(query.groupBy?.expressions ?? [], 'GROUP BY');
  rejectDuplicates(query.partitionBy?.expressions ?? [], 'PARTITION BY');
  const joins: JoinInfo[] = [];
  query.from.joins.forEach((clause: JoinClause, i) => {
    // An ON clause can refer to the sources before it and to its own.
    joins.push(analyseJoin(clause, sources.slice(0, i + 2)));
  });
  const visitor = new SelectVisitor(functions, query.groupBy !== undefined);
  for (const item of query.select) {
    if (item.kind === 'Single') {
      checkReservedAlias(item.expression, item.alias!, isPersistent);
      visitor.visit(item.expression);
    }
  }
  const groupBy =
    query.groupBy?.expressions ??
    (visitor.hasAggregates ? [{ kind: 'String', value: '1' } as const] : undefined);
  const analysis: Analysis = {
    sources,
    joins,
    select: query.select as readonly AnalysedItem[],
    ...(query.where === undefined ? {} : { where: query.where }),
    ...(groupBy === undefined ? {} : { groupBy }),
    isGlobalAggregate: query.groupBy === undefined && visitor.hasAggregates,
    ...(query.partitionBy === undefined ? {} : { partitionBy: query.partitionBy.expressions }),
    ...(query.having === undefined ? {} : { having: query.having }),
    ...(query.window === undefined ? {} : { window: query.window }),
    emitFinal: query.emit === 'FINAL',
    ...(query.limit === undefined ? {} : { limit: query.limit }),
    tableFunctions: visitor.tableFunctions,
    isPersistent,
  };
  validateColumns(analysis, query.select, query.groupBy === undefined);
  rejectKafkaValues(analysis, query.groupBy !== undefined);
  rejectWindowedTables(analysis);
  rejectPseudoNamed(analysis);
  if (analysis.tableFunctions.length > 0 && sources[0]!.source.kind === 'TABLE') {
    throw new KsqlException('Table source is not supported with table functions');
  }
  return analysis;
}

function validateColumns(analysis: Analysis, select: readonly SelectItem[], maySynthesise: boolean): void {
  const validator = new ColumnValidator(
    sourceSchemas(analysis.sources, analysis.window !== undefined),
    maySynthesise,
  );
  if (analysis.where !== undefined) validator.check(analysis.where, 'WHERE');
  if (!analysis.isGlobalAggregate) for (const e of analysis.groupBy ?? []) validator.check(e, 'GROUP BY');
  for (const e of analysis.partitionBy ?? []) {
    validator.check(
      e,
      'PARTITION BY',
      (name) =>
        `cannot be resolved. '${name}' must be a column in the source schema since PARTITION BY is applied on the input.`,
    );
  }
  if (analysis.having !== undefined) validator.check(analysis.having, 'HAVING');
  for (const item of select) if (item.kind === 'Single') validator.check(item.expression, 'SELECT');
}

function rejectSelfJoins(sources: readonly AliasedSource[]): void {
  sources.forEach(({ source }, i) => {
    const earlier = sources.slice(0, i).find((other) => other.source.name === source.name);
    if (earlier === undefined) return;
    throw new KsqlException(
      i > 1
        ? `N-way joins do not support multiple occurrences of the same source. Source: '${source.name}'.`
        : `Can not join '${source.name}' to '${earlier.source.name}': self joins are not yet supported.`,
    );
  });
}

function rejectDuplicates(expressions: readonly Expression[], clause: string): void {
  const seen = new Set<string>();
  for (const e of expressions) {
    const text = expressionText(e);
    if (seen.has(text)) throw new KsqlException(`Duplicate ${clause} expression: ${text}`);
    seen.add(text);
  }
}

function checkReservedAlias(expression: Expression, alias: string, isPersistent: boolean): void {
  const reserved = systemColumnNames.find((name) => name === alias.toUpperCase());
  if (reserved === undefined) return;
  const text = expressionText(expression);
  const unqualified = text.slice(text.indexOf('.') + 1);
  if (unqualified.toUpperCase() !== alias.toUpperCase()) {
    throw new KsqlException(
      `\`${reserved}\` is a reserved column name. You cannot use it as an alias for a column.`,
    );
  }
  if (isPersistent) {
    throw new KsqlException(
      `Reserved column name in select: \`${reserved}\`. Please remove or alias the column.`,
    );
  }
}

function rejectKafkaValues(analysis: Analysis, isGroupBy: boolean): void {
  const names = analysis.sources.filter((s) => s.source.valueFormat.format === 'KAFKA').map((s) => s.alias);
  if (names.length === 0) return;
  const refuse = (what: string): never => {
    throw new KsqlException(
      `Source(s) ${names.join(', ')} are using the 'KAFKA' value format. ` +
        `This format does not yet support ${what}.\n${kafkaFormatLimits}`,
    );
  };
  if (analysis.joins.length > 0) refuse('JOIN');
  if (isGroupBy) refuse('GROUP BY');
}

function rejectWindowedTables(analysis: Analysis): void {
  if (!analysis.isPersistent) return;
  if (analysis.sources.some(({ source }) => source.kind === 'TABLE' && source.window !== undefined)) {
    throw new KsqlException('KSQL does not support persistent queries on windowed tables.');
  }
}

function rejectPseudoNamed(analysis: Analysis): void {
  const names = analysis.sources.flatMap(({ source }) =>
    source.schema.value.map((column) => column.name).filter(isPseudoColumn),
  );
  if (names.length === 0) return;
  throw new KsqlException(
    'Your stream/table has columns with the same name as newly introduced pseudocolumns in ksqlDB, and cannot be ' +
      `queried as a result. The conflicting names are: ${names.map((n) => `\`${n}\``).join(', ')}.\n`,
  );
}

/** Finds the aggregate and table functions of a SELECT list and rejects invalid combinations. */
class SelectVisitor {
  hasAggregates = false;
  readonly tableFunctions: FunctionCall[] = [];
  readonly #functions: FunctionRegistry;
  readonly #hasGroupBy: boolean;

  constructor(functions: FunctionRegistry, hasGroupBy: boolean) {
    this.#functions = functions;
    this.#hasGroupBy = hasGroupBy;
  }

  visit(expression: Expression): void {
    if (!this.#hasGroupBy) {
      walk(expression, (part) => {
        if (part.kind === 'Call' && this.#functions.get(part.name)?.kind === 'aggregate')
          this.hasAggregates = true;
        return true;
      });
    }
    this.#findTableFunctions(expression, undefined, undefined);
  }

  #findTableFunctions(e: Expression, within: string | undefined, inCase: Expression | undefined): void {
    walk(e, (part) => {
      if (part !== e && part.kind === 'SearchedCase' && inCase === undefined) {
        this.#findTableFunctions(part, within, part);
        return false;
      }
      const caseAround = part.kind === 'SearchedCase' ? part : inCase;
      if (part.kind === 'SearchedCase' && inCase === undefined) {
        for (const when of part.whens) {
          this.#findTableFunctions(when.condition, within, caseAround);
          this.#findTableFunctions(when.result, within, caseAround);
        }
        if (part.otherwise !== undefined) this.#findTableFunctions(part.otherwise, within, caseAround);
        return false;
      }
      if (part.kind !== 'Call' || this.#functions.get(part.name)?.kind !== 'table') return true;
      if (within !== undefined) {
        throw new KsqlException(`Table functions cannot be nested: \`${within}\`(\`${part.name}\`())`);
      }
      if (this.#hasGroupBy || this.hasAggregates) {
        throw new KsqlException('Table functions cannot be used with aggregations.');
      }
      if (inCase !== undefined) {
        throw new KsqlException(`Table functions cannot be used in CASE: ${expressionText(inCase)}`);
      }
      this.tableFunctions.push(part);
      for (const arg of part.args) this.#findTableFunctions(arg, part.name, inCase);
      return false;
    });
  }
}
