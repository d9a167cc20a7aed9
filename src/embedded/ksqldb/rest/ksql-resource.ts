/**
 * POST /ksql: validates all statements of a request in a sandbox, in order, before it executes any of them.
 *
 * Source: https://docs.ksqldb.io/en/latest/developer-guide/ksqldb-rest-api/ksql-endpoint/
 */
import type { Statement } from '../../../sql/ast.js';
import { parseStatements } from '../../../sql/parse.js';
import { SqlSyntaxError } from '../../../sql/sql-syntax-error.js';
import { errorCodes, genericError, statementError } from '../rest-error.js';
import type { StatementContext } from '../statements/context.js';
import {
  type Entity,
  executeStatement,
  type StatementSession,
  validateStatement,
} from '../statements/execute.js';
import { maskedRawText, maskedText, withoutCardNumbers } from '../statements/mask.js';
import type { CommandStatus, CommandStatuses } from './command-statuses.js';
import { ksqlError } from './error-answers.js';
import { type KsqlRequest, sessionProperties, sessionVariables, unknownPropertyOnKsql } from './requests.js';

/** How long a request waits for earlier commands (`ksql.server.command.response.timeout.ms`). */
const commandTimeoutMs = 5000;
const commandPollMs = 50;

export interface KsqlResourceOptions {
  readonly context: StatementContext;
  readonly statuses: CommandStatuses;
}

export class KsqlResource {
  readonly #context: StatementContext;
  readonly #statuses: CommandStatuses;

  constructor(options: KsqlResourceOptions) {
    this.#context = options.context;
    this.#statuses = options.statuses;
  }

  /** Returns the entities of the response. Throws a RestError. */
  async handle(request: KsqlRequest): Promise<readonly Entity[]> {
    await waitForCommand(this.#context, request.commandSequenceNumber);
    let shown = maskedRawText(request.ksql);
    try {
      const variables = sessionVariables(request.sessionVariables);
      const properties = sessionProperties(request.streamsProperties, unknownPropertyOnKsql(shown));
      const statements = parse(request.ksql, variables);
      shown = statements.map(maskedText).join(' ');
      const session = (): StatementSession => ({
        properties: new Map(properties),
        variables: new Map(variables),
      });
      this.#validate(statements, session());
      return await this.#execute(statements, session());
    } catch (error) {
      throw ksqlError(error, shown);
    }
  }

  #validate(statements: readonly Statement[], session: StatementSession): void {
    if (statements.length === 0) return;
    const sandbox = this.#context.engine.sandbox();
    for (const statement of statements) validateStatement(this.#context, sandbox, statement, session);
  }

  async #execute(statements: readonly Statement[], session: StatementSession): Promise<readonly Entity[]> {
    const entities: Entity[] = [];
    for (const statement of statements) {
      const entity = await executeStatement(this.#context, statement, session);
      if (entity === undefined) continue;
      entities.push(entity);
      const command = entity as { readonly commandId?: string; readonly commandStatus?: CommandStatus };
      if (command.commandId !== undefined && command.commandStatus !== undefined) {
        this.#statuses.put(command.commandId, command.commandStatus);
      }
    }
    return entities;
  }
}

/** Resolves when the command has been executed. Throws a RestError 503 after five seconds. */
export async function waitForCommand(context: StatementContext, sequence: number | undefined): Promise<void> {
  if (sequence === undefined) return;
  const end = Date.now() + commandTimeoutMs;
  while (context.engine.lastSequenceNumber < sequence) {
    if (Date.now() >= end) {
      throw genericError(
        503,
        errorCodes.commandQueueCatchupTimeout,
        `Timed out while waiting for a previous command to execute. command sequence number: ${sequence}`,
      );
    }
    await new Promise((resolve) => setTimeout(resolve, commandPollMs));
  }
}

function parse(sql: string, variables: ReadonlyMap<string, string>): readonly Statement[] {
  try {
    return parseStatements(sql, { variables });
  } catch (error) {
    if (!(error instanceof SqlSyntaxError)) throw error;
    const shown = maskedRawText(error.text);
    const message = shown === error.text ? error.message : withoutCardNumbers(error.message);
    throw statementError(400, errorCodes.badStatement, message, shown, [], error);
  }
}
