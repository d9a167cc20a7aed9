import { KsqlException } from '../errors.js';

/** Signals that a function rejects its arguments for one row. The engine logs the message, and the result is NULL. */
export class KsqlFunctionException extends KsqlException {
  constructor(message: string, cause?: unknown) {
    super(message, cause, 'KSQL_FUNCTION');
    this.name = 'KsqlFunctionException';
  }
}
