/**
 * AddOffsetsToTxn (key 25), versions 0 to 4, flexible from 3.
 *
 * - Adds the partition of `__consumer_offsets` that holds the group to the transaction.
 */

import { KafkaError } from '../../errors/error-codes.js';
import type { Api, ApiRequest, Reply } from '../api.js';
import { codeOfFencing } from '../transaction-errors.js';

export const addOffsetsToTxn: Api = {
  key: 25,
  name: 'AddOffsetsToTxn',
  versions: [0, 4],
  flexibleFrom: 3,
  handle,
};

function handle({ reader, version, broker }: ApiRequest): Reply {
  const transactionalId = reader.string();
  const producerId = reader.int64();
  const producerEpoch = reader.int16();
  reader.string(); // group id: all groups are in one partition
  let code = 0;
  try {
    broker.transactions.addOffsets(transactionalId, producerId, producerEpoch);
  } catch (error) {
    if (!(error instanceof KafkaError)) throw error;
    code = codeOfFencing(error, version);
  }
  return (writer) => {
    writer.int32(0).int16(code).tags();
  };
}
