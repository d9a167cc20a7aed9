import { PaystreamError } from '../../../errors/paystream-error.js';

export type EvaluationCode = 'ARITHMETIC' | 'NUMBER_FORMAT' | 'NULL_VALUE' | 'TEXT_FORMAT' | 'UNSUPPORTED';

/**
 * A value cannot be computed for one row: an overflow, a division by zero, a text that is no number.
 * The message is the one that ksqlDB's users find in the processing log.
 */
export class EvaluationError extends PaystreamError {
  constructor(code: EvaluationCode, message: string, cause?: unknown) {
    // A row's error says all in its message, and a stack trace would cost more than the row.
    const limit = Error.stackTraceLimit;
    Error.stackTraceLimit = 0;
    super(code, message, cause === undefined ? {} : { cause });
    Error.stackTraceLimit = limit;
    this.name = 'EvaluationError';
  }
}

/**
 * Thrown where ksqlDB's generated code unboxes a NULL: arithmetic, AND, OR, NOT and a few more.
 * It is one shared object, since rows with NULLs are common.
 */
export const NULL_OPERAND = new EvaluationError('NULL_VALUE', 'A NULL operand has no value to compute with.');
