/**
 * DeleteGroups (key 42), versions 0 to 2, flexible from 2.
 *
 * - Only empty groups: NON_EMPTY_GROUP otherwise. Their committed offsets go with them.
 */

import { errorCode } from '../../errors/error-codes.js';
import type { Api, ApiRequest, Reply } from '../api.js';

export const deleteGroups: Api = { key: 42, name: 'DeleteGroups', versions: [0, 2], flexibleFrom: 2, handle };

function handle({ reader, broker }: ApiRequest): Reply {
  const answers = reader
    .array(() => reader.string())
    .map((id) => {
      const error = broker.groups.delete(id);
      return { id, code: error === undefined ? 0 : errorCode(error) };
    });
  return (writer) => {
    writer.int32(0).array(answers, ({ id, code }) => {
      writer.string(id).int16(code).tags();
    });
    writer.tags();
  };
}
