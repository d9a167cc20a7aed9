import { errorCode, type KafkaError } from '../errors/error-codes.js';

/** Transactional clients before version 2 of these APIs know fencing as INVALID_PRODUCER_EPOCH (KIP-588). */
export function codeOfFencing(error: KafkaError, version: number): number {
  return error.code === 'PRODUCER_FENCED' && version < 2
    ? errorCode('INVALID_PRODUCER_EPOCH')
    : error.errorCode;
}
