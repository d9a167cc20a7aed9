/**
 * Executes each statement of POST /ksql: first in the sandbox, where all statements of a request are validated before
 * any of them takes effect, and then for real.
 */
import type { Statement } from '../../../sql/ast.js';
import { type ExecuteResult, executableKinds, type StatementTarget } from '../engine/engine.js';
import { mergedConfig } from '../engine/query-config.js';
import { KsqlException, KsqlStatementException } from '../errors.js';
import { errorCodes, statementError } from '../rest-error.js';
import { appendRow } from '../runtime/record-writer.js';
import { assertSchema, assertTopic } from './asserts.js';
import type { StatementContext } from './context.js';
import { deprecationWarnings } from './deprecations.js';
import { describe, describeSource } from './describe.js';
import { runningQuery, schemaInfo, sourceSummary, type Warning } from './entities.js';
import { describeQuery, explain } from './explain.js';
import { describeFunction, functionNames } from './functions.js';
import { prepareInsert } from './insert-values.js';
import { inJavaMapOrder, queryIdHash } from './java-order.js';
import { maskedText } from './mask.js';
import { listProperties, setProperty } from './properties.js';
import { listTopics } from './topics.js';

/** What SET, UNSET, DEFINE and UNDEFINE change for later statements. */
export interface StatementSession {
  readonly properties: Map<string, string>;
  readonly variables: Map<string, string>;
}

/** An entity of the response. `@type` identifies its kind. */
export type Entity = object;

type ExecutableStatement = Extract<Statement, { readonly kind: (typeof executableKinds)[number] }>;

function isExecutable(statement: Statement): statement is ExecutableStatement {
  return (executableKinds as readonly string[]).includes(statement.kind);
}

/** Validates the statement in the sandbox and changes only sandbox and session. Throws ksqlDB's error if it is invalid. */
export function validateStatement(
  context: StatementContext,
  sandbox: StatementTarget,
  statement: Statement,
  session: StatementSession,
): void {
  if (isExecutable(statement)) {
    sandbox.execute(statement, session);
    return;
  }
  const text = maskedText(statement);
  switch (statement.kind) {
    case 'Query':
    case 'Print':
      throw statementError(
        400,
        errorCodes.queryEndpoint,
        "The following statement types should be issued to the websocket endpoint '/query':\n\t* PRINT\n\t* SELECT",
        text,
      );
    case 'InsertValues':
      prepareInsert(insertContext(context, sandbox, session), statement);
      return;
    case 'Describe':
      describeSource(context, sandbox.catalog, statement.name, statement.extended, text);
      return;
    case 'Explain':
      explain(context, sandbox, statement, session, text);
      return;
    case 'DescribeFunction':
      describeFunction(context.engine.functions, statement.name, text);
      return;
    case 'SetProperty':
    case 'UnsetProperty':
    case 'Define':
    case 'Undefine':
      changeSession(statement, session);
      return;
    case 'List':
    case 'DescribeAll':
    case 'AssertTopic':
    case 'AssertSchema':
      if (statement.kind === 'List' && statement.what.startsWith('CONNECTOR')) throw noConnect(text);
      return;
    case 'CreateConnector':
    case 'DropConnector':
    case 'DescribeConnector':
      throw noConnect(text);
    case 'RunScript':
      throw new KsqlStatementException(
        'Do not know how to validate statement of type: class io.confluent.ksql.parser.tree.RunScript. ' +
          "RUN SCRIPT is a command of ksqlDB's CLI: send the statements of the script instead.",
        text,
      );
    default:
      throw new KsqlStatementException(
        `Do not know how to validate statement of type: ${statement.kind}. It is for ksqlDB's SQL tests only.`,
        text,
      );
  }
}

function noConnect(statementText: string): KsqlStatementException {
  return new KsqlStatementException(
    'Connectors need Kafka Connect, which the embedded ksqlDB does not have. ' +
      'Run the statement against a ksqlDB server with `ksql.connect.url` set.',
    statementText,
  );
}

function insertContext(context: StatementContext, target: StatementTarget, session: StatementSession) {
  return {
    catalog: target.catalog,
    functions: context.engine.functions,
    config: mergedConfig(context.engine, session),
    registry: context.engine.registry,
    clock: context.clock,
  };
}

/** Executes the statement. Returns undefined if it has no entity in the response, such as INSERT VALUES. */
export async function executeStatement(
  context: StatementContext,
  statement: Statement,
  session: StatementSession,
): Promise<Entity | undefined> {
  const { engine } = context;
  const text = maskedText(statement);
  if (isExecutable(statement)) {
    const warnings = deprecationWarnings(engine.catalog, statement);
    return commandEntity(engine.execute(statement, session), warnings);
  }
  switch (statement.kind) {
    case 'InsertValues': {
      const { source, row } = prepareInsert(insertContext(context, engine, session), statement);
      appendRow(engine.store, source.topic, row);
      return undefined;
    }
    case 'SetProperty':
    case 'UnsetProperty':
    case 'Define':
    case 'Undefine': {
      const problem = changeSession(statement, session);
      return problem === undefined
        ? undefined
        : withWarnings({ '@type': 'warning_entity', statementText: text, message: problem });
    }
    case 'List':
      return withWarnings(list(context, statement, session, text));
    case 'DescribeAll': {
      const kind = statement.what === 'STREAMS' ? 'STREAM' : 'TABLE';
      return sourceDescriptions(context, kind, statement.extended, text);
    }
    case 'Describe': {
      const found = describeSource(context, engine.catalog, statement.name, statement.extended, text);
      return withWarnings(
        { '@type': 'sourceDescription', statementText: text, sourceDescription: found.description },
        found.warnings,
      );
    }
    case 'DescribeFunction':
      return withWarnings(describeFunction(engine.functions, statement.name, text));
    case 'Explain':
      return withWarnings({
        '@type': 'queryDescription',
        statementText: text,
        queryDescription: explain(context, engine.sandbox(), statement, session, text),
      });
    case 'AssertTopic':
      return withWarnings(await assertTopic(context, statement, text));
    case 'AssertSchema':
      return withWarnings(await assertSchema(context, statement, text));
    default:
      throw new KsqlStatementException(`Unexpected statement type: ${statement.kind}`, text);
  }
}

function withWarnings(entity: object, warnings: readonly Warning[] = []): Entity {
  return { ...entity, warnings };
}

function commandEntity(result: ExecuteResult, warnings: readonly Warning[]): Entity {
  if (result.kind === 'warning') {
    return withWarnings({
      '@type': 'warning_entity',
      statementText: result.statementText,
      message: result.message,
    });
  }
  return withWarnings(
    {
      '@type': 'currentStatus',
      statementText: result.statementText,
      commandId: commandIdText(result),
      commandStatus: { status: 'SUCCESS', message: result.message, queryId: result.queryId ?? null },
      commandSequenceNumber: result.sequenceNumber,
    },
    warnings,
  );
}

export function commandIdText({ commandId }: Extract<ExecuteResult, { kind: 'command' }>): string {
  return `${commandId.type}/${commandId.entity}/${commandId.execution}`;
}

type SessionStatement = Extract<
  Statement,
  { readonly kind: 'SetProperty' | 'UnsetProperty' | 'Define' | 'Undefine' | 'AlterSystem' }
>;

/** Returns a warning if the statement changes nothing. */
function changeSession(statement: SessionStatement, session: StatementSession): string | undefined {
  switch (statement.kind) {
    case 'Define':
      session.variables.set(statement.name, statement.value);
      return undefined;
    case 'Undefine':
      return session.variables.delete(statement.name)
        ? undefined
        : `Cannot undefine variable '${statement.name}' which was never defined`;
    case 'SetProperty':
    case 'AlterSystem':
      setProperty(session.properties, statement, maskedText(statement));
      return undefined;
    case 'UnsetProperty':
      setProperty(session.properties, statement, maskedText(statement));
      return undefined;
  }
}

function sourceDescriptions(
  context: StatementContext,
  kind: 'STREAM' | 'TABLE',
  extended: boolean,
  statementText: string,
): Entity {
  const found = context.engine.catalog
    .sources()
    .filter((source) => source.kind === kind)
    .map((source) => describe(context, source, extended));
  return withWarnings(
    {
      '@type': 'source_descriptions',
      statementText,
      sourceDescriptions: found.map(({ description }) => description),
    },
    found.flatMap(({ warnings }) => warnings),
  );
}

function list(
  context: StatementContext,
  statement: Extract<Statement, { readonly kind: 'List' }>,
  session: StatementSession,
  statementText: string,
): object {
  const { engine } = context;
  switch (statement.what) {
    case 'STREAMS':
    case 'TABLES': {
      const kind = statement.what === 'STREAMS' ? 'STREAM' : 'TABLE';
      if (statement.extended) return sourceDescriptions(context, kind, true, statementText);
      const sources = engine.catalog.sources().filter((source) => source.kind === kind);
      const name = statement.what.toLowerCase();
      return { '@type': name, statementText, [name]: sources.map(sourceSummary) };
    }
    case 'TOPICS':
      return listTopics(context, statement, statementText);
    case 'QUERIES': {
      const queries = inJavaMapOrder(engine.queries(), ({ id }) => queryIdHash(id));
      return statement.extended
        ? {
            '@type': 'query_descriptions',
            statementText,
            queryDescriptions: queries.map((query) => describeQuery(context, query)),
          }
        : { '@type': 'queries', statementText, queries: queries.map(runningQuery) };
    }
    case 'FUNCTIONS':
      return { '@type': 'function_names', statementText, functions: functionNames(engine.functions) };
    case 'PROPERTIES':
      return listProperties(context, session.properties, statementText);
    case 'TYPES': {
      const types = [...engine.catalog.types()].sort(([a], [b]) => (a < b ? -1 : 1));
      return {
        '@type': 'type_list',
        statementText,
        types: Object.fromEntries(types.map(([name, type]) => [name, schemaInfo(type)])),
      };
    }
    case 'VARIABLES': {
      const variables = [...session.variables].map(([name, value]) => ({ name, value }));
      return { '@type': 'variables', statementText, variables };
    }
    default:
      throw new KsqlException(`Unexpected statement: ${statementText}`);
  }
}
