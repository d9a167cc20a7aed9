import { CodedError } from '../../../errors/paystream-error.js';

export type EvaluationCode = 'ARITHMETIC' | 'NUMBER_FORMAT' | 'NULL_VALUE' | 'TEXT_FORMAT' | 'UNSUPPORTED';

/**
 * Signals that a value cannot be computed for one row: an overflow, a division by zero, a text that is not a number.
 * The message is the one that ksqlDB writes to the processing log.
 */
export class EvaluationError extends CodedError {
  constructor(code: EvaluationCode, message: string, cause?: unknown) {
    // The message of a row's error says everything, and a stack trace would cost more than processing the row.
    const limit = Error.stackTraceLimit;
    Error.stackTraceLimit = 0;
    super(code, message, cause === undefined ? {} : { cause });
    Error.stackTraceLimit = limit;
    this.name = 'EvaluationError';
  }
}

/**
 * The error for operations in which ksqlDB's generated code unboxes a NULL: arithmetic, AND, OR, NOT and a few more.
 * A single shared object, because rows with NULLs are common.
 */
export const NULL_OPERAND = new EvaluationError('NULL_VALUE', 'A NULL operand has no value to compute with.');
