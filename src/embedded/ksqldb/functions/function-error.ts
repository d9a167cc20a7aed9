import { KsqlException } from '../errors.js';

/** A function refuses its arguments for one row: the engine logs the message and takes NULL. */
export class KsqlFunctionException extends KsqlException {
  constructor(message: string, cause?: unknown) {
    super(message, cause, 'KSQL_FUNCTION');
    this.name = 'KsqlFunctionException';
  }
}
