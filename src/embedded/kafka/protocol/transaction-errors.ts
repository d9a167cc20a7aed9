import { errorCode, type KafkaError } from '../errors/error-codes.js';

/** The code for a fenced producer. Before version 2, these APIs use INVALID_PRODUCER_EPOCH (KIP-588). */
export function codeOfFencing(error: KafkaError, version: number): number {
  return error.code === 'PRODUCER_FENCED' && version < 2
    ? errorCode('INVALID_PRODUCER_EPOCH')
    : error.errorCode;
}
