/** Converts errors of statements and queries into the responses of ksqlDB's REST API. */
import {
  directError,
  KsqlException,
  KsqlStatementException,
  messageOf,
  ParseFailedException,
} from '../errors.js';
import { badRequest, errorCodes, genericError, RestError, statementError } from '../rest-error.js';

/** Returns the response of /ksql to a failed statement. `request` is the full text of the request, with card numbers masked. */
export function ksqlError(error: unknown, request: string): RestError {
  if (error instanceof RestError) return error;
  if (isTopicConflict(error)) {
    return statementError(500, errorCodes.serverError, (error as Error).message, request, [], error);
  }
  if (isMissingTopic(error)) return badRequest((error as Error).message, error);
  if (error instanceof KsqlStatementException) {
    return statementError(400, errorCodes.badStatement, error.message, error.statementText, [], error);
  }
  if (error instanceof KsqlException) return badRequest(error.message, error);
  return statementError(500, errorCodes.serverError, messageOf(error), request, [], error);
}

/** Returns the response of /query-stream to an error before the first row. /query uses it once the statement is known to be a query. */
export function queryError(error: unknown, statementText: string): RestError {
  if (error instanceof RestError) return error;
  if (error instanceof KsqlStatementException) {
    const text = error.statementText;
    const message = namesStatement(error) ? `${error.message}\nStatement: ${text}` : error.message;
    return statementError(400, errorCodes.badStatement, message, text, [], error);
  }
  if (error instanceof KsqlException) {
    return statementError(400, errorCodes.badStatement, error.message, statementText, [], error);
  }
  return genericError(
    500,
    errorCodes.serverError,
    'The server encountered an internal error when processing the query.' +
      ' Please consult the server logs for more information.',
    error,
  );
}

/** ksqlDB adds the statement to the message if the statement itself caused the error. */
function namesStatement(error: KsqlStatementException): boolean {
  if (error instanceof ParseFailedException) return error.message.startsWith('line ');
  return error.code === directError;
}

/** For ksqlDB, a missing topic is a bad request, not a bad statement. */
function isMissingTopic(error: unknown): boolean {
  return (
    error instanceof KsqlException &&
    error.message.startsWith("Topic '") &&
    error.message.includes("' does not exist. If you want to create a new topic")
  );
}

/** For ksqlDB, an existing topic with other settings is a server error (500), not a bad statement. */
function isTopicConflict(error: unknown): boolean {
  return (
    error instanceof Error &&
    error.message.startsWith('A Kafka topic with the name ') &&
    error.message.includes('already exists, with different partition/replica')
  );
}
