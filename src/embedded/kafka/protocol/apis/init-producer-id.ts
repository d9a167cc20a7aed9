/**
 * InitProducerId (key 22), versions 0 to 5, flexible from 2.
 *
 * - Without a transactional id: a new producer id, epoch 0. With one: its id with the next epoch; an open
 *   transaction of an earlier instance is aborted first. From 3 a client may name what it had (KIP-360).
 */

import { errorCode, KafkaError } from '../../errors/error-codes.js';
import type { Api, ApiRequest, Reply } from '../api.js';

export const initProducerId: Api = {
  key: 22,
  name: 'InitProducerId',
  versions: [0, 5],
  flexibleFrom: 2,
  handle,
};

function handle({ reader, version, broker }: ApiRequest): Reply {
  const transactionalId = reader.nullableString();
  const timeout = reader.int32();
  const known =
    version >= 3
      ? { producerId: reader.int64(), producerEpoch: reader.int16() }
      : { producerId: -1, producerEpoch: -1 };
  let code = 0;
  let given = { producerId: -1, producerEpoch: -1 };
  try {
    const { producerId, producerEpoch } = broker.transactions.initProducerId(transactionalId, timeout, known);
    given = { producerId, producerEpoch };
  } catch (error) {
    if (!(error instanceof KafkaError)) throw error;
    // Clients before version 4 know fencing by the older name only.
    const isOldFencing = error.code === 'PRODUCER_FENCED' && version < 4;
    code = isOldFencing ? errorCode('INVALID_PRODUCER_EPOCH') : error.errorCode;
  }
  return (writer) => {
    writer.int32(0).int16(code).int64(given.producerId).int16(given.producerEpoch).tags();
  };
}
