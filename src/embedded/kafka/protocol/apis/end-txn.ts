/**
 * EndTxn (key 26), versions 0 to 4, flexible from 3.
 *
 * - Markers in all partitions and the new state are written as one atomic append; a repeated request is
 *   answered as the first. Version 5 belongs to transaction.version 2 and is not served.
 */

import { KafkaError } from '../../errors/error-codes.js';
import type { Api, ApiRequest, Reply } from '../api.js';
import { codeOfFencing } from '../transaction-errors.js';

export const endTxn: Api = { key: 26, name: 'EndTxn', versions: [0, 4], flexibleFrom: 3, handle };

function handle({ reader, version, broker }: ApiRequest): Reply {
  const transactionalId = reader.string();
  const producerId = reader.int64();
  const producerEpoch = reader.int16();
  const isCommit = reader.boolean();
  let code = 0;
  try {
    broker.transactions.end(transactionalId, producerId, producerEpoch, isCommit);
  } catch (error) {
    if (!(error instanceof KafkaError)) throw error;
    code = codeOfFencing(error, version);
  }
  return (writer) => {
    writer.int32(0).int16(code).tags();
  };
}
