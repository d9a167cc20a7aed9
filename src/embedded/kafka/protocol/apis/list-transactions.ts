/**
 * ListTransactions (key 66), versions 0 to 1, flexible.
 *
 * - Filters by state, producer id and (from 1) by how long a transaction is open.
 */
import { transactionStates } from '../../transactions/transaction-records.js';
import type { Api, ApiRequest, Reply } from '../api.js';

export const listTransactions: Api = {
  key: 66,
  name: 'ListTransactions',
  versions: [0, 1],
  flexibleFrom: 0,
  handle,
};

function handle({ reader, version, broker }: ApiRequest): Reply {
  const states = reader.array(() => reader.string());
  const producers = reader.array(() => reader.int64());
  const minDuration = version >= 1 ? reader.int64() : -1;
  const known: readonly string[] = transactionStates;
  const now = Date.now();
  const found = broker.transactions
    .transactions()
    .filter(({ state }) => states.length === 0 || states.includes(state))
    .filter(({ producerId }) => producers.length === 0 || producers.includes(producerId))
    .filter(
      ({ state, startedAt }) => minDuration < 0 || (state === 'Ongoing' && now - startedAt >= minDuration),
    );
  return (writer) => {
    writer.int32(0).int16(0);
    writer.array(
      states.filter((state) => !known.includes(state)),
      (state) => writer.string(state),
    );
    writer.array(found, ({ transactionalId, producerId, state }) => {
      writer.string(transactionalId).int64(producerId).string(state).tags();
    });
    writer.tags();
  };
}
